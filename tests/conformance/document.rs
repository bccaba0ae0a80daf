//! What is promised about each endpoint: by the vendor's document, or, where the document does not
//! know it, by the catalog's own shapes.
//!
//! An operation of the document belongs to the endpoint with the same method and the same path, but
//! for the names of the parameters.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use duvoscript::catalog::{self, Endpoint, Field};
use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

use super::exceptions::{self, Allowance};
use super::schema;

/// All that is promised.
pub(crate) struct Promises {
    by_name: BTreeMap<&'static str, Operation>,
    /// Operations of the document without an endpoint, as `METHOD /path`.
    pub(crate) strangers: Vec<String>,
    /// Exceptions for which the document gives no cause any more.
    pub(crate) unneeded: Vec<String>,
}

/// What is promised about one endpoint.
pub(crate) struct Operation {
    pub(crate) endpoint: &'static Endpoint,
    /// Whether the vendor's document promises it, and not the catalog.
    pub(crate) is_documented: bool,
    /// Rules of the path's parameters, in path order.
    pub(crate) path: Vec<(String, Rule)>,
    pub(crate) query: BTreeMap<String, Parameter>,
    pub(crate) body: Option<Parameter>,
    /// Rules of the answers by status; `None`: nothing is promised about the body.
    pub(crate) answers: BTreeMap<u16, Option<Rule>>,
}

/// A rule for a value that may have to be there.
pub(crate) struct Parameter {
    pub(crate) required: bool,
    pub(crate) rule: Rule,
}

/// A JSON Schema that is compiled when it is first needed.
pub(crate) struct Rule {
    schema: Value,
    compiled: OnceCell<Validator>,
}

impl Rule {
    fn new(schema: Value) -> Self {
        Self {
            schema,
            compiled: OnceCell::new(),
        }
    }

    /// Returns the same rule for an object that may have further fields.
    fn opened(mut self) -> Self {
        self.schema["additionalProperties"] = true.into();
        self
    }

    /// Returns the judge of the rule.
    pub(crate) fn validator(&self) -> &Validator {
        self.compiled.get_or_init(|| {
            jsonschema::options()
                .with_draft(Draft::Draft202012)
                .should_validate_formats(true)
                .build(&self.schema)
                .unwrap_or_else(|error| panic!("no JSON Schema: {error}: {}", self.schema))
        })
    }
}

impl Promises {
    /// Reads the promises of a document, and takes the catalog's for what it does not know.
    pub(crate) fn read(document: &Value) -> Self {
        let none = Map::new();
        let defs = document.pointer("/components/schemas");
        let defs = defs.and_then(Value::as_object).unwrap_or(&none);
        let (mut strangers, mut unneeded) = (Vec::new(), Vec::new());
        let mut by_name = BTreeMap::new();
        for (method, path, entry) in operations(document) {
            match endpoint_of(method, path) {
                Some(endpoint) => {
                    unneeded.extend(exceptions::unneeded(endpoint, entry));
                    by_name.insert(endpoint.name, Operation::read(endpoint, path, entry, defs));
                }
                None => strangers.push(format!("{} {path}", method.to_uppercase())),
            }
        }
        for endpoint in catalog::endpoints().filter(|endpoint| !endpoint.in_spec) {
            by_name.insert(endpoint.name, Operation::of_catalog(endpoint));
        }
        Self {
            by_name,
            strangers,
            unneeded,
        }
    }

    /// Returns what is promised about an endpoint.
    pub(crate) fn of(&self, endpoint: &Endpoint) -> Option<&Operation> {
        self.by_name.get(endpoint.name)
    }

    /// Returns all that is promised, by endpoint.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Operation> {
        self.by_name.values()
    }
}

fn operations(document: &Value) -> impl Iterator<Item = (&String, &String, &Value)> {
    const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let entries = item.as_object().into_iter().flatten();
        let entries = entries.filter(|(method, _)| METHODS.contains(&method.as_str()));
        entries.map(move |(method, entry)| (method, path, entry))
    })
}

fn endpoint_of(method: &str, path: &str) -> Option<&'static Endpoint> {
    catalog::endpoints().find(|endpoint| {
        endpoint.method.as_str().eq_ignore_ascii_case(method)
            && nameless(endpoint.path) == nameless(path)
    })
}

/// Returns a path whose parameters have no names.
fn nameless(path: &str) -> String {
    let parts = path.split('/').map(|part| match parameter(part) {
        Some(_) => "{}",
        None => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Returns the name of a path's parameter, if this part of the path is one.
pub(crate) fn parameter(part: &str) -> Option<&str> {
    part.strip_prefix('{')?.strip_suffix('}')
}

impl Operation {
    fn read(
        endpoint: &'static Endpoint,
        path: &str,
        entry: &Value,
        defs: &Map<String, Value>,
    ) -> Self {
        let rule = |schema: &Value| Rule::new(schema::from_openapi(schema, defs));
        let declared = |place: &'static str| {
            let all = entry["parameters"].as_array().into_iter().flatten();
            all.filter(move |parameter| parameter["in"] == place)
        };
        let names = path.split('/').filter_map(parameter);
        let path = names.map(|name| {
            let schema = declared("path").find(|parameter| parameter["name"] == *name);
            let schema = schema.map_or(json!({ "minLength": 1 }), |found| found["schema"].clone());
            (name.to_owned(), rule(&schema))
        });
        let query = declared("query").map(|parameter| {
            let name = parameter["name"].as_str().unwrap_or_default().to_owned();
            let required = parameter["required"] == true;
            let rule = rule(&parameter["schema"]);
            (name, Parameter { required, rule })
        });
        let body = entry.pointer("/requestBody/content/application~1json/schema");
        let body = body.map(|schema| Parameter {
            required: entry["requestBody"]["required"] == true,
            rule: rule(schema),
        });
        let mut answers: BTreeMap<u16, Option<Rule>> = BTreeMap::new();
        for (status, answer) in entry["responses"].as_object().into_iter().flatten() {
            let schema = answer.pointer("/content/application~1json/schema");
            answers.insert(status.parse().unwrap_or_default(), schema.map(rule));
        }
        if exceptions::has(endpoint, Allowance::UndeclaredFailures) {
            answers.extend(usual_failures(&[400, 401, 404, 405]));
        }
        if exceptions::has(endpoint, Allowance::Redirect) {
            answers.insert(308, None);
            // The successor's own fields may stay beside the old ones.
            let open = |(status, rule): (u16, Option<Rule>)| (status, rule.map(Rule::opened));
            answers.extend(catalog_successes(endpoint).map(open));
        }
        Self {
            endpoint,
            is_documented: true,
            path: path.collect(),
            query: query.collect(),
            body,
            answers,
        }
    }

    /// Takes the catalog's word for an endpoint.
    fn of_catalog(endpoint: &'static Endpoint) -> Self {
        let rule = |field: &Field| Rule::new(schema::from_shape(&field.shape));
        let path = endpoint
            .params
            .iter()
            .map(|field| (field.name.to_owned(), rule(field)));
        let query = endpoint.query.iter().map(|field| {
            let required = field.required;
            let rule = rule(field);
            (field.name.to_owned(), Parameter { required, rule })
        });
        let body = endpoint.body.as_ref().map(|object| Parameter {
            required: object.fields.iter().any(|field| field.required),
            rule: Rule::new(schema::from_object(object)),
        });
        let mut answers: BTreeMap<u16, Option<Rule>> = catalog_successes(endpoint).collect();
        answers.extend(usual_failures(endpoint.errors));
        Self {
            endpoint,
            is_documented: false,
            path: path.collect(),
            query: query.collect(),
            body,
            answers,
        }
    }
}

/// Returns the catalog's rules for the successful answers of an endpoint.
fn catalog_successes(endpoint: &Endpoint) -> impl Iterator<Item = (u16, Option<Rule>)> {
    endpoint.status.iter().map(|status| {
        let shape = endpoint.answer.as_ref();
        let rule = shape.map(|shape| Rule::new(schema::from_shape(shape)));
        (*status, rule)
    })
}

/// Returns rules for the envelope in which nearly all failures come.
fn usual_failures(statuses: &[u16]) -> impl Iterator<Item = (u16, Option<Rule>)> {
    let envelope = json!({
        "type": "object",
        "properties": { "error": { "type": "string" }, "message": { "type": "string" } },
        "required": ["error"],
        "additionalProperties": false,
    });
    statuses
        .iter()
        .map(move |status| (*status, Some(Rule::new(envelope.clone()))))
}
