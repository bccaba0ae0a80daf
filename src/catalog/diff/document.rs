//! Reads an OpenAPI document, 3.0 or 3.1: its operations, with every schema brought into a form.
//!
//! The document comes from outside: a schema that holds itself, nests without end or grows without
//! measure must not bring the program down.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::form::{Fields, Form, Rest};
use super::schema::Schemas;
use crate::catalog::model::Method;
use crate::report::Failure;

/// An operation of a document.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) id: Option<String>,
    pub(super) deprecated: bool,
    /// What the document says of the parameters in the path, by name.
    pub(super) params: BTreeMap<String, Form>,
    pub(super) query: Fields,
    /// Headers that every request must have.
    pub(super) headers: BTreeSet<String>,
    pub(super) body: Option<Content>,
    pub(super) answer: Option<Content>,
    pub(super) status: BTreeSet<u16>,
    pub(super) errors: BTreeSet<u16>,
}

/// What a request or an answer carries.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) media: String,
    pub(super) form: Form,
}

/// Returns the operations of a document.
pub(super) fn operations(spec: &Value) -> Result<Vec<Operation>, Failure> {
    let is_openapi = spec.get("openapi").is_some_and(Value::is_string);
    let paths = spec.get("paths").and_then(Value::as_object);
    let Some(paths) = paths.filter(|_| is_openapi) else {
        let hint = "name a JSON document with `openapi` and `paths`";
        return Err(Failure::invalid("this is no OpenAPI document of version 3").hint(hint));
    };
    let mut schemas = Schemas::new(spec);
    let mut found = Vec::new();
    for (path, item) in paths {
        let item = schemas.resolve(item);
        for (method, operation) in item.as_object().into_iter().flatten() {
            if let Some(method) = Method::of(method) {
                let shared = item.get("parameters");
                found.push(read(&mut schemas, (method, path), operation, shared));
            }
        }
    }
    match schemas.excess() {
        None => Ok(found),
        Some(excess) => Err(Failure::invalid(format!("the document {excess}"))),
    }
}

fn read<'a>(
    schemas: &mut Schemas<'a>,
    (method, path): (Method, &str),
    operation: &'a Value,
    shared: Option<&'a Value>,
) -> Operation {
    let mut read = Operation {
        method,
        path: path.to_owned(),
        id: text(operation, "operationId").map(str::to_owned),
        deprecated: operation.get("deprecated") == Some(&Value::Bool(true)),
        params: BTreeMap::new(),
        query: Fields {
            rest: Rest::Closed,
            ..Fields::default()
        },
        headers: BTreeSet::new(),
        body: None,
        answer: None,
        status: BTreeSet::new(),
        errors: BTreeSet::new(),
    };
    // What an operation says itself comes last, for it stands above what its path says for all.
    for list in [shared, operation.get("parameters")].into_iter().flatten() {
        for param in list.as_array().into_iter().flatten() {
            add_param(&mut read, schemas, param);
        }
    }
    if let Some(body) = operation.get("requestBody") {
        let body = schemas.resolve(body);
        read.body = content(schemas, body);
    }
    add_responses(&mut read, schemas, operation);
    read
}

fn add_param<'a>(operation: &mut Operation, schemas: &mut Schemas<'a>, param: &'a Value) {
    let param = schemas.resolve(param);
    let Some(name) = text(param, "name") else {
        return;
    };
    let required = param.get("required") == Some(&Value::Bool(true));
    let schema = param.get("schema").or_else(|| {
        let content = param.get("content")?.as_object()?;
        content.values().next()?.get("schema")
    });
    match text(param, "in") {
        Some("query") => {
            let member = schemas.member(schema.unwrap_or(&Value::Null), required);
            operation
                .query
                .named
                .insert(name.to_owned(), member.in_query());
        }
        Some("path") => {
            let member = schemas.member(schema.unwrap_or(&Value::Null), true);
            operation.params.insert(name.to_owned(), member.form);
        }
        Some("header") if required => {
            operation.headers.insert(name.to_owned());
        }
        _ => {}
    }
}

fn add_responses<'a>(operation: &mut Operation, schemas: &mut Schemas<'a>, of: &'a Value) {
    let responses = of.get("responses").and_then(Value::as_object);
    let mut forms = Vec::new();
    let mut media = None;
    for (status, response) in responses.into_iter().flatten() {
        // Neither `default` nor `4XX` says which statuses there are.
        let Ok(status) = status.parse::<u16>() else {
            continue;
        };
        if status >= 400 {
            operation.errors.insert(status);
            continue;
        }
        operation.status.insert(status);
        let response = schemas.resolve(response);
        if status != 204
            && let Some(content) = content(schemas, response)
        {
            forms.push(content.form);
            media.get_or_insert(content.media);
        }
    }
    operation.answer = media.map(|media| Content {
        media,
        form: Form::any_of(forms),
    });
}

/// Reads the JSON of a request or an answer, or else its first other content.
fn content<'a>(schemas: &mut Schemas<'a>, of: &'a Value) -> Option<Content> {
    let kinds = of.get("content")?.as_object()?;
    let json = kinds.iter().find(|(media, _)| media.contains("json"));
    let (media, content) = json.or_else(|| kinds.iter().next())?;
    let media = media.split(';').next().unwrap_or_default().trim();
    Some(Content {
        media: media.to_owned(),
        form: schemas.form(content.get("schema").unwrap_or(&Value::Null)),
    })
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}
