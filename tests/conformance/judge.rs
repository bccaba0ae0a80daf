//! Judges requests and answers by what is promised about their endpoint.
//!
//! It knows nothing of how they came about: whoever sends a wrong request on purpose says so.

use std::fmt;

use duvoscript::catalog::{self, Endpoint, Method, Repeat};
use http::header::{AUTHORIZATION, HeaderName};
use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::document::{Operation, Parameter, Promises, Rule, parameter};
use super::exceptions::{self, Allowance};
use super::exchange::{Exchange, Message};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The part of an exchange that is the request's body.
const BODY: &str = "request body";

/// Something that breaks a promise.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Complaint {
    /// The endpoint, such as `jobs.start`, or method and path where there is none.
    pub(crate) endpoint: String,
    /// The part of the exchange, such as `answer 200`.
    pub(crate) part: String,
    /// Where in the part, as a JSON pointer.
    pub(crate) pointer: String,
    pub(crate) what: String,
    /// The rule that is broken, as a path in the schema.
    pub(crate) rule: String,
}

impl Complaint {
    /// Returns a complaint about a part as a whole.
    pub(crate) fn new(endpoint: &Endpoint, part: &str, what: impl Into<String>) -> Self {
        complaint(endpoint.name, part, what)
    }

    /// Returns a complaint about something that is no endpoint.
    pub(crate) fn anywhere(name: &str, what: impl Into<String>) -> Self {
        complaint(name, "call", what)
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.endpoint, self.part)?;
        if !self.pointer.is_empty() {
            write!(f, " {}", self.pointer)?;
        }
        write!(f, ": {}", self.what)?;
        if !self.rule.is_empty() {
            write!(f, " [{}]", self.rule)?;
        }
        Ok(())
    }
}

/// Returns the endpoint that an exchange is about.
pub(crate) fn endpoint_of(exchange: &Exchange) -> Option<&'static Endpoint> {
    catalog::match_path(Method::of(exchange.method.as_str())?, &exchange.path)
}

/// Judges an exchange; `is_wrong` tells that the request breaks the rules on purpose.
pub(crate) fn judge(promises: &Promises, exchange: &Exchange, is_wrong: bool) -> Vec<Complaint> {
    let found = endpoint_of(exchange).and_then(|endpoint| promises.of(endpoint));
    let Some(operation) = found else {
        let name = format!("{} {}", exchange.method, exchange.path);
        return vec![complaint(&name, "request", "is promised nowhere")];
    };
    let mut court = Court {
        operation,
        complaints: Vec::new(),
    };
    if !is_wrong {
        court.request(exchange);
    }
    court.answer(exchange);
    court.complaints
}

/// Judges a value by the answer that is promised for a status.
pub(crate) fn judge_value(operation: &Operation, status: u16, value: &Value) -> Vec<Complaint> {
    let mut court = Court {
        operation,
        complaints: Vec::new(),
    };
    if let Some(Some(rule)) = operation.answers.get(&status) {
        court.value(&format!("answer {status}"), rule, value);
    }
    court.complaints
}

/// Judges a value by the body that is promised to be taken.
pub(crate) fn judge_body(operation: &Operation, value: &Value) -> Vec<Complaint> {
    let mut court = Court {
        operation,
        complaints: Vec::new(),
    };
    match &operation.body {
        Some(body) => court.value(BODY, &body.rule, value),
        None => court.complain(BODY, "is not documented"),
    }
    court.complaints
}

fn complaint(endpoint: &str, part: &str, what: impl Into<String>) -> Complaint {
    Complaint {
        endpoint: endpoint.into(),
        part: part.into(),
        pointer: String::new(),
        what: what.into(),
        rule: String::new(),
    }
}

struct Court<'a> {
    operation: &'a Operation,
    complaints: Vec<Complaint>,
}

impl Court<'_> {
    fn complain(&mut self, part: &str, what: impl Into<String>) {
        let name = self.operation.endpoint.name;
        self.complaints.push(complaint(name, part, what));
    }

    fn allows(&self, allowance: Allowance) -> bool {
        exceptions::has(self.operation.endpoint, allowance)
    }

    fn request(&mut self, exchange: &Exchange) {
        if !exchange.asked.header(&AUTHORIZATION).starts_with("Bearer ") {
            self.complain("request", "carries no bearer");
        }
        let is_mutation = self.operation.endpoint.repeat != Repeat::Read;
        if is_mutation && exchange.asked.header(&IDEMPOTENCY_KEY).is_empty() {
            self.complain("request", "carries no idempotency key");
        }
        self.path(&exchange.path);
        self.query(&exchange.query);
        self.body(&exchange.asked);
    }

    fn path(&mut self, path: &str) {
        let template = self.operation.endpoint.path;
        let places = template.split('/').enumerate();
        let places = places.filter(|(_, part)| parameter(part).is_some());
        let parts: Vec<_> = path.split('/').collect();
        for ((at, name), (_, rule)) in places.zip(&self.operation.path) {
            let raw = if name == "{path}" {
                parts[at..].join("/")
            } else {
                parts[at].to_owned()
            };
            let text = percent_decode_str(&raw).decode_utf8_lossy();
            self.value(&format!("path {name}"), rule, &Value::from(&*text));
        }
    }

    fn query(&mut self, query: &str) {
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        for (index, (name, text)) in pairs.iter().enumerate() {
            let part = format!("query {name}");
            if pairs[..index].iter().any(|(other, _)| other == name) {
                self.complain(&part, "is there twice");
            }
            match self.operation.query.get(name) {
                None => self.complain(&part, "is not documented"),
                Some(parameter) => self.text(&part, &parameter.rule, text),
            }
        }
        let missing = |(name, parameter): &(&String, &Parameter)| {
            parameter.required && !pairs.iter().any(|(given, _)| given == *name)
        };
        for (name, _) in self.operation.query.iter().filter(missing) {
            self.complain(&format!("query {name}"), "is missing");
        }
    }

    /// Judges a text that stands for a value: `20` may be a number as well as a text.
    fn text(&mut self, part: &str, rule: &Rule, text: &str) {
        let scalar = serde_json::from_str::<Value>(text).ok();
        let scalar = scalar.filter(|value| value.is_number() || value.is_boolean());
        if scalar.is_some_and(|value| rule.validator().is_valid(&value)) {
            return;
        }
        self.value(part, rule, &Value::from(text));
    }

    fn body(&mut self, asked: &Message) {
        let declared = self.operation.body.as_ref();
        if self.allows(Allowance::UndeclaredBody) {
            let media = self.operation.endpoint.body_media;
            if asked.media() != media {
                self.complain(BODY, format!("is `{}`, not `{media}`", asked.media()));
            }
            return;
        }
        match (declared, asked.body.is_empty()) {
            (None, false) => self.complain(BODY, "is not documented"),
            (Some(body), true) if body.required => self.complain(BODY, "is missing"),
            (None | Some(_), true) => {}
            (Some(body), false) => self.json(BODY, asked, &body.rule),
        }
    }

    fn answer(&mut self, exchange: &Exchange) {
        let (status, answered) = (exchange.status, &exchange.answered);
        let part = format!("answer {}", status.as_u16());
        match self.operation.answers.get(&status.as_u16()) {
            None => {
                let text = String::from_utf8_lossy(&answered.body);
                self.complain(&part, format!("is not documented: {}", short(&text)));
            }
            Some(_) if status == 204 => {
                if !answered.body.is_empty() {
                    self.complain(&part, "has a body");
                }
            }
            Some(_) if status.is_success() && self.allows(Allowance::OtherMedia) => {
                let media = self.operation.endpoint.answer_media;
                if answered.media() != media || answered.body.is_empty() {
                    let seen = format!("{} bytes of `{}`", answered.body.len(), answered.media());
                    self.complain(&part, format!("is {seen}, not `{media}`"));
                }
            }
            Some(Some(rule)) => self.json(&part, answered, rule),
            Some(None) => {}
        }
    }

    fn json(&mut self, part: &str, message: &Message, rule: &Rule) {
        if message.media() != "application/json" {
            self.complain(part, format!("is `{}`, not JSON", message.media()));
            return;
        }
        match serde_json::from_slice::<Value>(&message.body) {
            Err(error) => self.complain(part, format!("is no JSON: {error}")),
            Ok(value) => self.value(part, rule, &value),
        }
    }

    fn value(&mut self, part: &str, rule: &Rule, value: &Value) {
        let validator = rule.validator();
        if validator.is_valid(value) {
            return;
        }
        let errors: Vec<_> = validator.iter_errors(value).collect();
        for error in errors.iter().filter(|error| !is_echo(error, &errors)) {
            let error = closest(error);
            self.complaints.push(Complaint {
                endpoint: self.operation.endpoint.name.into(),
                part: part.into(),
                pointer: error.instance_path().to_string(),
                what: told(error),
                rule: error.schema_path().to_string(),
            });
        }
    }
}

/// Returns whether an error only follows from another: where a part of a sum does not fit, all the
/// fields of that part count as unknown.
fn is_echo(error: &ValidationError<'_>, all: &[ValidationError<'_>]) -> bool {
    let is_leftover = |error: &ValidationError<'_>| {
        matches!(
            error.kind(),
            ValidationErrorKind::UnevaluatedProperties { .. }
        )
    };
    let place = error.instance_path().to_string();
    let is_inside =
        |other: &&ValidationError<'_>| other.instance_path().to_string().starts_with(&place);
    is_leftover(error)
        && all
            .iter()
            .filter(is_inside)
            .any(|other| !is_leftover(other))
}

/// Follows a choice of which nothing fits into the branch that fits best: the one that fails deepest.
fn closest<'a, 'e>(error: &'a ValidationError<'e>) -> &'a ValidationError<'e> {
    let (ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context }) =
        error.kind()
    else {
        return error;
    };
    let depth =
        |error: &ValidationError<'_>| error.instance_path().to_string().matches('/').count();
    let own = depth(error);
    let inner = context.iter().filter_map(|branch| {
        let worst = branch.iter().map(|error| depth(closest(error))).min()?;
        let is_alike = branch.iter().all(|error| {
            !matches!(error.kind(), ValidationErrorKind::Type { .. }) || depth(error) > own
        });
        Some((is_alike, worst, usize::MAX - branch.len(), branch.first()?))
    });
    let best = inner.max_by_key(|(is_alike, worst, few, _)| (*is_alike, *worst, *few));
    match best {
        Some((true, _, _, error)) => closest(error),
        _ => error,
    }
}

/// Tells what is wrong in a line, with the offending value cut short.
fn told(error: &ValidationError<'_>) -> String {
    let what = error.masked().to_string();
    let value = error.instance().to_string();
    let what = what.strip_prefix("value ").unwrap_or(&what);
    short(&format!("{} {what}", short(&value)))
}

fn short(text: &str) -> String {
    const MOST: usize = 160;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
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
}
