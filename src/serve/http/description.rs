//! The description of the API in the form of OpenAPI 3.1, made from the list of routes.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::answer::Wrong;
use super::route::{Entry, Gives, Route, shape};
use super::routes;
use crate::serve::refused::Why;

/// Returns the description.
pub(super) fn describe() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let mut paths = Map::new();
    for route in routes::all() {
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method] = operation(&route, &mut generator);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "duvoscript serve",
            "summary": "Runs, schedules and the inbox of one project",
            "version": env!("CARGO_PKG_VERSION"),
        },
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
        },
    })
}

fn operation(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let mut operation = json!({
        "summary": route.summary,
        "operationId": id(route),
        "parameters": parameters(route, generator),
        "responses": responses(route, generator),
    });
    if route.entry == Entry::Token {
        operation["security"] = json!([{ "token": [] }]);
    }
    if let Some(body) = route.body {
        let schema = body(generator);
        let content = json!({ "application/json": { "schema": schema } });
        operation["requestBody"] = json!({ "required": true, "content": content });
    }
    operation
}

fn id(route: &Route) -> String {
    let path = route.path.trim_start_matches("/api/v1");
    let is_word = |char: char| char.is_ascii_alphanumeric();
    let words = path
        .split(|char| !is_word(char))
        .filter(|word| !word.is_empty());
    let words = words.map(|word| format!("_{word}"));
    format!("{}{}", route.method, words.collect::<String>())
}

fn parameters(route: &Route, generator: &mut SchemaGenerator) -> Vec<Value> {
    let parts = route.path.split('/').filter_map(|part| {
        let name = part.strip_prefix('{')?.strip_suffix('}')?;
        Some(json!({
            "name": name, "in": "path", "required": true, "schema": { "type": "string" },
        }))
    });
    let mut parameters: Vec<_> = parts.collect();
    let query = route.query.map(|query| query(generator).to_value());
    let query = query.map(|schema| resolved(schema, generator));
    let fields = query.and_then(|mut schema| match schema["properties"].take() {
        Value::Object(fields) => Some(fields),
        _ => None,
    });
    for (name, schema) in fields.into_iter().flatten() {
        parameters.push(json!({ "name": name, "in": "query", "schema": schema }));
    }
    parameters
}

/// Returns the schema that a reference points at.
fn resolved(schema: Value, generator: &SchemaGenerator) -> Value {
    let name = schema["$ref"]
        .as_str()
        .and_then(|path| path.rsplit('/').next());
    let found = name.and_then(|name| generator.definitions().get(name));
    found.cloned().unwrap_or(schema)
}

fn responses(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let text = json!({ "schema": { "type": "string" } });
    let (status, content) = match route.gives {
        Gives::Json(shape) => (
            "200",
            json!({ "application/json": { "schema": shape(generator) } }),
        ),
        Gives::JsonOrEvents(shape) => {
            let schema = shape(generator);
            let content =
                json!({ "application/json": { "schema": schema }, "text/event-stream": text });
            ("200", content)
        }
        Gives::Events => ("200", json!({ "text/event-stream": text })),
        Gives::Text(kind) => {
            let mut content = json!({});
            content[kind.split(';').next().unwrap_or(kind)] = text;
            ("200", content)
        }
        Gives::Nothing => ("202", Value::Null),
    };
    let mut responses = json!({});
    responses[status] = json!({ "description": "It is done." });
    if !content.is_null() {
        responses[status]["content"] = content;
    }
    let schema = shape::<Wrong>(generator);
    let mut whys = vec![Why::Forbidden, Why::TooOften, Why::Failed];
    if route.entry == Entry::Token {
        whys.push(Why::Unauthorized);
    }
    whys.extend(&route.refusals);
    for why in whys {
        let status = why.status();
        let description = status.canonical_reason().unwrap_or_default();
        let content = json!({ "application/json": { "schema": schema } });
        responses[status.as_str()] = json!({ "description": description, "content": content });
    }
    responses
}
