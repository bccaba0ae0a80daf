//! Planted faults: each must be found, and found where it is.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::json;

use super::*;

const ID: &str = "7f3a1c52-0b7e-4c1d-9d6a-0a1b2c3d4e5f";

/// A document of two operations, written like the vendor's.
fn promises() -> Promises {
    let failure = json!({ "content": { "application/json": { "schema": {
        "type": "object", "properties": { "error": { "type": "string" } }, "required": ["error"],
        "additionalProperties": false,
    } } } });
    let team = json!({ "in": "path", "name": "team", "required": true,
        "schema": { "type": "string", "format": "uuid" } });
    let run = json!({ "type": "object", "required": ["id", "status"], "properties": {
        "id": { "type": "string", "format": "uuid" },
        "status": { "type": "string", "enum": ["pending", "running"] },
        "started_at": { "type": "string", "format": "date-time", "nullable": true },
        "extra": { "nullable": true, "anyOf": [
            { "$ref": "#/components/schemas/Any" },
        ] },
        "parts": { "type": "array", "items": { "allOf": [
            { "type": "object", "properties": { "a": { "type": "integer", "minimum": 0,
                "exclusiveMinimum": true } }, "required": ["a"], "additionalProperties": false },
            { "anyOf": [
                { "type": "object", "properties": { "kind": { "type": "string", "enum": ["b"] } },
                  "required": ["kind"], "additionalProperties": false },
                { "type": "object", "properties": { "kind": { "type": "string", "enum": ["c"] },
                  "size": { "type": "number" } }, "required": ["kind", "size"],
                  "additionalProperties": false },
            ] },
        ] } },
    } });
    Promises::read(&json!({
        "components": { "schemas": { "Any": { "anyOf": [
            { "type": "string" },
            { "type": "array", "items": { "$ref": "#/components/schemas/Any" } },
        ] } } },
        "paths": { "/v2/teams/{team}/runs": {
            "get": {
                "parameters": [team, { "in": "query", "name": "limit", "required": true,
                    "schema": { "type": "integer", "minimum": 1, "maximum": 100 } },
                    { "in": "query", "name": "status", "schema": { "type": "string",
                    "enum": ["pending"] } }],
                "responses": { "200": { "content": { "application/json": { "schema":
                    { "type": "array", "items": run } } } }, "401": failure },
            },
            "post": {
                "requestBody": { "required": true, "content": { "application/json": { "schema": {
                    "type": "object", "required": ["agent_id"], "properties": {
                        "agent_id": { "type": "string", "format": "uuid" },
                        "mode": { "type": "string", "enum": ["fast"] },
                    } } } } },
                "responses": { "201": { "content": { "application/json": { "schema":
                    { "type": "object", "properties": { "run": run }, "required": ["run"] }
                } } }, "404": failure },
            },
        } },
    }))
}

fn message(body: &Value) -> Message {
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, "Bearer k".parse().unwrap());
    headers.insert(IDEMPOTENCY_KEY, "1".parse().unwrap());
    let mut message = Message::default();
    if !body.is_null() {
        headers.insert(
            "content-type",
            "application/json; charset=utf-8".parse().unwrap(),
        );
        message.body = Bytes::from(body.to_string());
    }
    message.headers = headers;
    message
}

fn exchange(asked: &str, body: &Value, status: u16, answer: &Value) -> Exchange {
    let (method, target) = asked.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Exchange {
        method: method.parse().unwrap(),
        path: path.replace("ID", ID),
        query: query.into(),
        asked: message(body),
        status: StatusCode::from_u16(status).unwrap(),
        answered: message(answer),
    }
}

/// Returns the complaints, each as `part pointer: what`.
fn complaints(exchange: &Exchange) -> Vec<String> {
    let found = judge(&promises(), exchange, false);
    found.iter().map(ToString::to_string).collect()
}

fn only(exchange: &Exchange, wanted: &str) {
    let found = complaints(exchange);
    assert!(
        found.len() == 1 && found[0].contains(wanted),
        "{wanted}: {found:#?}"
    );
}

const START: &str = "POST /v2/teams/ID/runs";
const LIST: &str = "GET /v2/teams/ID/runs?limit=5";

#[test]
fn what_keeps_the_promises_passes() {
    let run = json!({ "id": ID, "status": "pending", "started_at": null, "extra": null,
        "parts": [{ "a": 1, "kind": "b" }, { "a": 2, "kind": "c", "size": 0.5 }] });
    let other = json!({ "id": ID, "status": "running", "started_at": "2026-01-05T08:00:00Z",
        "extra": [["deep"], "flat"] });
    let (body, run) = (
        json!({ "agent_id": ID, "mode": "fast" }),
        json!({ "run": run }),
    );
    let fine = [
        exchange(START, &body, 201, &run),
        exchange(START, &body, 404, &json!({ "error": "not_found" })),
        exchange(LIST, &Value::Null, 200, &json!([other])),
        exchange(
            &format!("{LIST}&status=pending"),
            &Value::Null,
            200,
            &json!([]),
        ),
    ];
    for exchange in fine {
        assert_eq!(complaints(&exchange), Vec::<String>::new());
    }
}

#[test]
fn faults_of_an_answer_are_found_where_they_are() {
    let run = |run: Value| {
        exchange(
            START,
            &json!({ "agent_id": ID }),
            201,
            &json!({ "run": run }),
        )
    };
    let part = |part: Value| run(json!({ "id": ID, "status": "running", "parts": [part] }));
    only(&run(json!({ "id": ID })), "answer 201 /run: {\"id\":");
    only(
        &run(json!({ "id": ID })),
        "\"status\" is a required property",
    );
    only(
        &run(json!({ "id": "7", "status": "running" })),
        "/run/id: \"7\" is not a \"uuid\"",
    );
    only(
        &run(json!({ "id": ID, "status": "gone" })),
        "/run/status: \"gone\" is not one of",
    );
    only(
        &run(json!({ "id": ID, "status": "gone" })),
        "[/properties/run/properties/status/enum]",
    );
    only(
        &run(json!({ "id": ID, "status": "running", "started_at": "now" })),
        "date-time",
    );
    only(
        &run(json!({ "id": ID, "status": "running", "more": 1 })),
        "'more'",
    );
    only(
        &run(json!({ "id": ID, "status": "running", "extra": [[1]] })),
        "/run/extra",
    );
    only(&part(json!({ "a": 0, "kind": "b" })), "/run/parts/0/a");
    only(
        &part(json!({ "a": 1, "kind": "b", "size": 1 })),
        "/run/parts/0",
    );
    only(
        &part(json!({ "a": 1, "kind": "c", "size": "1" })),
        "/run/parts/0",
    );
}

#[test]
fn faults_of_a_request_are_found_where_they_are() {
    let start = |body: Value| exchange(START, &body, 404, &json!({ "error": "not_found" }));
    only(
        &start(json!({})),
        "request body: {} \"agent_id\" is a required property",
    );
    only(
        &start(json!({ "agent_id": 7 })),
        "request body /agent_id: 7 is not of type",
    );
    only(
        &start(json!({ "agent_id": ID, "mode": "slow" })),
        "request body /mode: \"slow\"",
    );
    only(&start(json!({ "agent_id": ID, "mood": "good" })), "'mood'");
    only(&start(Value::Null), "request body: is missing");
    let list = |query: &str| {
        let asked = format!("GET /v2/teams/ID/runs?{query}");
        exchange(&asked, &Value::Null, 200, &json!([]))
    };
    only(&list(""), "query limit: is missing");
    only(&list("limit=5&limit=6"), "query limit: is there twice");
    only(&list("limit=many"), "query limit: \"many\" is not of type");
    only(&list("limit=101"), "query limit: ");
    only(
        &list("limit=1&status=gone"),
        "query status: \"gone\" is not one of",
    );
    only(&list("limit=1&mood=good"), "query mood: is not documented");
    only(
        &exchange(
            "GET /v2/teams/us/runs?limit=1",
            &Value::Null,
            200,
            &json!([]),
        ),
        "path {teamId}",
    );
    only(
        &exchange(LIST, &json!({}), 200, &json!([])),
        "request body: is not documented",
    );
    let mut bare = exchange(LIST, &Value::Null, 200, &json!([]));
    bare.asked.headers.clear();
    only(&bare, "carries no bearer");
    let mut nameless = start(json!({ "agent_id": ID }));
    nameless.asked.headers.remove(IDEMPOTENCY_KEY);
    only(&nameless, "carries no idempotency key");
}

#[test]
fn an_answer_has_a_documented_status_and_media_type() {
    only(
        &exchange(LIST, &Value::Null, 403, &json!({ "error": "x" })),
        "answer 403: is not documented",
    );
    only(
        &exchange(LIST, &Value::Null, 401, &json!({ "error": "x", "code": 1 })),
        "'code'",
    );
    let mut text = exchange(LIST, &Value::Null, 200, &json!([]));
    text.answered
        .headers
        .insert("content-type", "text/plain".parse().unwrap());
    only(&text, "answer 200: is `text/plain`, not JSON");
    let mut broken = exchange(LIST, &Value::Null, 200, &json!([]));
    broken.answered.body = Bytes::from_static(b"[");
    only(&broken, "answer 200: is no JSON");
    only(
        &exchange("GET /v2/nowhere", &Value::Null, 200, &Value::Null),
        "is promised nowhere",
    );
}

#[test]
fn a_request_that_is_wrong_on_purpose_is_not_judged() {
    let exchange = exchange(START, &json!({}), 404, &json!({ "error": "not_found" }));
    assert_eq!(judge(&promises(), &exchange, true), []);
}
