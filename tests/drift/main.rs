//! What `catalog::diff` finds: nothing between the catalog and a document that says the same, and
//! every change that is planted in such a document, once and at its place.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod document;

use document::{Version, document};
use duvoscript::catalog::{Change, Drift, by_name, diff, endpoints};
use serde_json::{Value, json};

const BODY: &str = "/requestBody/content/application~1json/schema";
const ANSWER: &str = "/responses/200/content/application~1json/schema";

fn drifts(spec: &Value) -> Vec<Drift> {
    diff(spec).expect("an OpenAPI document")
}

fn shown(drifts: &[Drift]) -> String {
    let lines: Vec<_> = drifts.iter().map(Drift::to_string).collect();
    lines.join("\n")
}

#[test]
fn finds_nothing_in_a_document_that_says_the_same() {
    for version in [Version::V30, Version::V31] {
        assert_eq!(shown(&drifts(&document(version))), "", "{version:?}");
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "tests have no other reader of the environment"
)]
fn finds_nothing_in_the_vendors_document() {
    let Some(path) = std::env::var_os("DUVO_OPENAPI") else {
        println!("skipped: DUVO_OPENAPI does not name the vendor's OpenAPI document");
        return;
    };
    let text = std::fs::read_to_string(path).expect("the file that DUVO_OPENAPI names");
    let spec = serde_json::from_str(&text).expect("a JSON document");
    assert_eq!(shown(&drifts(&spec)), "");
}

/// Plants each change of `cases.txt` in a document, alone.
#[test]
fn finds_each_change_once_and_in_its_place() {
    let clean = document(Version::V31);
    let cases: Vec<_> = include_str!("cases.txt").split("\n\n").skip(2).collect();
    for case in &cases {
        let (change, expected) = case.split_once('\n').expect("two lines");
        let mut spec = clean.clone();
        plant(&mut spec, change);
        assert_eq!(shown(&drifts(&spec)), expected.trim_end(), "{change}");
    }
    assert!(cases.len() >= 50, "{} cases", cases.len());
}

fn plant(spec: &mut Value, change: &str) {
    let (target, value) = match change.split_once(" = ") {
        Some((target, value)) => (target, Some(serde_json::from_str(value).expect(change))),
        None => (change.trim_end_matches(" cut"), None),
    };
    let (name, at) = target.split_once(' ').expect("an endpoint and a place");
    let at = pointer(name, at);
    let (parent, key) = at.rsplit_once('/').expect("a pointer");
    let parent = operation(spec, name).pointer_mut(parent).expect(&at);
    match (parent, value) {
        (Value::Array(items), None) => _ = items.remove(key.parse().expect("an index")),
        (Value::Array(items), Some(value)) if key == "-" => items.push(value),
        (Value::Array(items), Some(value)) => {
            items[key.parse::<usize>().expect("an index")] = value;
        }
        (parent, None) => {
            let fields = parent.as_object_mut().expect(&at);
            fields.remove(key).expect(&at);
        }
        (parent, Some(value)) => parent[key.replace("~1", "/")] = value,
    }
}

fn pointer(name: &str, at: &str) -> String {
    let (first, rest) = at.split_at(at[1..].find('/').map_or(at.len(), |slash| slash + 1));
    match first {
        "body" => format!("{BODY}{rest}"),
        "answer" => format!("{ANSWER}{rest}"),
        _ => match first.strip_prefix("query.") {
            Some(param) => format!("/parameters/{}{rest}", place_of(name, param)),
            None => at.to_owned(),
        },
    }
}

/// Returns which parameter of an operation has a name.
fn place_of(name: &str, param: &str) -> usize {
    let entry = by_name(name).expect(name);
    let mut params = entry.params.iter().chain(entry.query);
    params.position(|field| field.name == param).expect(param)
}

fn operation<'a>(spec: &'a mut Value, name: &str) -> &'a mut Value {
    let endpoint = by_name(name).expect(name);
    &mut spec["paths"][endpoint.path][endpoint.method.as_str().to_lowercase()]
}

#[test]
fn finds_whole_operations() {
    let route = "/v2/teams/{teamId}/runs";
    let clean = document(Version::V31);

    let mut spec = clean.clone();
    spec["paths"]["/v2/moons/{id}"]["get"] = json!({"operationId": "getMoon", "responses": {}});
    assert_eq!(
        shown(&drifts(&spec)),
        "+ GET /v2/moons/{id}: is a new operation: `getMoon`"
    );

    let mut spec = clean.clone();
    let start = spec["paths"][route].as_object_mut().unwrap().remove("post");
    assert_eq!(
        shown(&drifts(&spec)),
        format!("- jobs.start: is gone: `POST {route}` (breaking)")
    );

    spec["paths"]["/v2/teams/{teamId}/jobs"]["post"] = start.unwrap();
    assert_eq!(
        shown(&drifts(&spec)),
        "~ jobs.start: `path` has moved to `POST /v2/teams/{teamId}/jobs` (breaking)"
    );
}

#[test]
fn finds_what_becomes_documented() {
    let undocumented = endpoints().find(|endpoint| !endpoint.in_spec).unwrap();
    let mut spec = document(Version::V31);
    let operation = json!({"operationId": undocumented.operation, "deprecated": true});
    spec["paths"][undocumented.path][undocumented.method.as_str().to_lowercase()] = operation;
    let found = drifts(&spec);
    assert_eq!(found[0].endpoint, undocumented.name);
    assert_eq!(
        (found[0].kind, found[0].what.as_str()),
        (Change::Added, "is documented now")
    );
}

#[test]
fn finds_a_changed_component_wherever_it_is_used() {
    let mut spec = document(Version::V30);
    let title = &mut spec["components"]["schemas"]["Case"]["properties"]["title"];
    title["nullable"] = json!(true);
    let found = drifts(&spec);
    let places: Vec<_> = found
        .iter()
        .map(|drift| {
            (
                drift.endpoint.as_str(),
                drift.place.as_str(),
                drift.what.as_str(),
            )
        })
        .collect();
    for expected in [
        ("cases.list", "answer.cases[].title", "may be null"),
        ("cases.get", "answer.case.title", "may be null"),
        ("cases.create", "answer.added_cases[].title", "may be null"),
    ] {
        assert_eq!(places.iter().filter(|place| **place == expected).count(), 1);
    }
}

#[test]
fn says_nothing_of_what_means_the_same() {
    let mut spec = document(Version::V31);
    let list = operation(&mut spec, "jobs.list");
    list["summary"] = json!("Lists");
    list["responses"]["default"] = json!({"description": "failure"});
    list["responses"]["200"]["content"]["application/json"]["schema"]["properties"]["total"] =
        json!({"allOf": [{"type": "number", "default": 0}], "description": "how many"});
    let start = spec["paths"].as_object_mut().unwrap();
    let item = start.remove("/v2/runs/{run_id}").unwrap();
    start.insert("/v2/runs/{id}".into(), item);
    assert_eq!(shown(&drifts(&spec)), "");
}

/// Plants one and the same change in every operation, and expects one drift for each.
fn assert_everywhere(place: &str, plant: impl Fn(&mut Value) -> bool) {
    let mut spec = document(Version::V31);
    let mut planted = 0;
    for endpoint in endpoints().filter(|endpoint| endpoint.in_spec) {
        planted += usize::from(plant(operation(&mut spec, endpoint.name)));
    }
    let found = drifts(&spec);
    assert!(planted > 50, "planted {planted}");
    assert_eq!(found.len(), planted, "{place}: {}", shown(&found));
    assert!(
        found.iter().all(|drift| drift.place == place),
        "{}",
        shown(&found)
    );
}

#[test]
fn finds_a_change_in_every_operation() {
    assert_everywhere("query.peek", |operation| {
        let peek = json!({"name": "peek", "in": "query", "schema": {"type": "string"}});
        operation["parameters"].as_array_mut().unwrap().push(peek);
        true
    });
    assert_everywhere("errors", |operation| {
        operation["responses"]["418"] = json!({});
        true
    });
    assert_everywhere("body.peek", |operation| add_field(operation, BODY));
    assert_everywhere("answer.peek", |operation| add_field(operation, ANSWER));
}

fn add_field(operation: &mut Value, at: &str) -> bool {
    let schema = operation.pointer_mut(at);
    let properties = schema.and_then(|schema| schema["properties"].as_object_mut());
    let text = json!({"type": "string"});
    properties.is_some_and(|fields| fields.insert("peek".into(), text).is_none())
}

#[test]
fn refuses_what_is_no_document() {
    for spec in [
        json!(null),
        json!([]),
        json!({"swagger": "2.0", "paths": {}}),
        json!({"openapi": "3.0.3"}),
    ] {
        let failure = diff(&spec).unwrap_err();
        assert_eq!(failure.message, "this is no OpenAPI document of version 3");
    }
    let empty = drifts(&json!({"openapi": "3.1.0", "paths": {}}));
    let documented = endpoints().filter(|endpoint| endpoint.in_spec).count();
    assert_eq!(empty.len(), documented);
}

#[test]
fn survives_what_is_odd() {
    let paths = |schemas: Value| {
        let schema = json!({"$ref": "#/components/schemas/A"});
        let operation =
            json!({"requestBody": {"content": {"application/json": {"schema": schema}}}});
        json!({"openapi": "3.0.3", "paths": {"/v2/odd": {"post": operation}}, "components": {"schemas": schemas}})
    };
    let knot =
        json!({"A": {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/A"}}}});
    assert!(diff(&paths(knot)).is_ok());
    let circle = json!({"A": {"$ref": "#/components/schemas/B"}, "B": {"allOf": [{"$ref": "#/components/schemas/A"}]}});
    assert!(diff(&paths(circle)).is_ok());
    assert!(
        diff(&paths(
            json!({"A": {"$ref": 7, "type": 4, "enum": {}, "required": "x"}})
        ))
        .is_ok()
    );
    for odd in [
        json!(null),
        json!(7),
        json!([]),
        json!({"get": []}),
        json!({"get": {"parameters": {}, "responses": []}}),
    ] {
        assert!(diff(&json!({"openapi": "3.0.3", "paths": {"/v2/odd": odd}})).is_ok());
    }

    let mut bomb = serde_json::Map::new();
    for level in 0..40 {
        let next = json!({"$ref": format!("#/components/schemas/{}", level + 1)});
        let pair = json!({"type": "object", "properties": {"a": next, "b": next}});
        bomb.insert(level.to_string(), pair);
    }
    bomb.insert("A".into(), json!({"$ref": "#/components/schemas/0"}));
    let failure = diff(&paths(Value::Object(bomb))).unwrap_err();
    assert_eq!(failure.message, "the document has more than 500000 schemas");
}
