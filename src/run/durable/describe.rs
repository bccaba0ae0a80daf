//! An effect in the words of the journal: its kind, its name, what it asks for, and the fingerprint by
//! which a replay knows it again. Secrets are masked before anything is kept or hashed, so that a
//! secret that has changed since is no difference, and none can be guessed from a hash.

use ring::digest::{SHA256, digest};
use serde_json::{Map, Value, json};

use crate::catalog::{self, Method, Repeat};
use crate::script::{Effect, HttpRequest, Question};
use crate::secret::{self, MASK, Veil};

/// Names of headers whose values are no secrets.
const OPEN_HEADERS: [&str; 4] = ["accept", "accept-language", "content-type", "user-agent"];

/// Parts of the usual names of secrets.
const TELLING: [&str; 7] = [
    "token",
    "secret",
    "password",
    "api_key",
    "apikey",
    "private_key",
    "authorization",
];

/// An effect as the journal tells it.
#[derive(Clone, Debug)]
pub(in crate::run) struct Description {
    /// The kind of effect.
    pub(in crate::run) kind: &'static str,
    /// The endpoint, or what stands for it.
    pub(in crate::run) name: String,
    /// What is asked for, with secrets masked.
    pub(in crate::run) request: Value,
    /// Whether its intent must be on disk before it begins.
    pub(in crate::run) mutates: bool,
    /// What tells it from another.
    pub(in crate::run) fingerprint: [u8; 16],
}

impl Description {
    /// Describes an effect; the secrets it holds become known to the veil.
    pub(in crate::run) fn of(effect: &Effect, veil: &Veil) -> Self {
        let (kind, name, mut request) = parts(effect, veil);
        veil.hide_in(&mut request);
        Self {
            kind,
            mutates: mutates(effect),
            fingerprint: fingerprint(kind, &name, &request),
            name,
            request,
        }
    }
}

fn parts(effect: &Effect, veil: &Veil) -> (&'static str, String, Value) {
    let plain = |name: &str| name.to_owned();
    match effect {
        Effect::Call(call) => {
            let mut fields = Value::Object(call.fields.clone());
            mask_fields(&mut fields, veil);
            let request = json!({ "path": call.path, "fields": fields });
            ("call", plain(call.endpoint.name), request)
        }
        Effect::Request(request) => {
            let mut body = request.body.clone().unwrap_or_default();
            mask_telling(&mut body, veil);
            let name = format!("{} {}", request.method.as_str(), request.path);
            let request = json!({ "query": request.query, "body": body });
            ("request", name, request)
        }
        Effect::Http(request) => ("http", http_name(request), http(request, veil)),
        Effect::Upload {
            file, content_type, ..
        } => {
            // The URL is a secret of its own, and another one on each replay that asks for it anew.
            let request = json!({ "file": file, "content_type": content_type });
            ("upload", plain("upload"), request)
        }
        Effect::Download { file, .. } => ("download", plain("download"), json!({ "file": file })),
        Effect::WaitJob(wait) => {
            let request = json!({
                "job": wait.job, "until": wait.until, "timeout": wait.timeout.as_secs_f64(),
            });
            ("job", plain("jobs.wait"), request)
        }
        Effect::Ask(question) => ("question", plain("ask"), asked(question)),
        Effect::Signal(wait) => {
            let request = json!({ "deadline": wait.deadline.as_secs_f64() });
            ("signal", wait.name.clone(), request)
        }
        Effect::Sleep(duration) => {
            let request = json!({ "seconds": duration.as_secs_f64() });
            ("sleep", plain("sleep"), request)
        }
        Effect::Now => ("now", plain("time::now"), Value::Null),
        Effect::Random => ("random", plain("random"), Value::Null),
        Effect::Env(name) => ("env", name.clone(), Value::Null),
        Effect::ReadFile(file) => ("read_file", file.clone(), Value::Null),
        Effect::WriteFile {
            file,
            content,
            append,
        } => {
            let request = json!({
                "bytes": content.len(), "sha256": hex(content), "append": append,
            });
            ("write_file", file.clone(), request)
        }
        Effect::Print(_) => ("print", plain("print"), Value::Null),
        Effect::Log(..) => ("log", plain("log"), Value::Null),
        Effect::Test(_) => ("test", plain("test"), Value::Null),
    }
}

fn asked(question: &Question) -> Value {
    let mut asked = json!({
        "question": question.text,
        "details": question.details,
        "choices": question.choices,
        "deadline": question.deadline.map(|deadline| deadline.as_secs_f64()),
    });
    if let Some(round) = &question.round {
        asked["round"] = json!({
            "of": round.asked.0,
            "reminders": round.reminders,
            "is_escalated": round.is_escalated,
        });
    }
    asked
}

/// Masks the fields that hold secrets in the API, after their values became known.
pub(super) fn mask_fields(value: &mut Value, veil: &Veil) {
    learn(value, &catalog::is_secret, veil);
    secret::mask(value, &catalog::is_secret);
}

/// Masks the fields that may hold secrets elsewhere too: others name theirs as they like.
pub(super) fn mask_telling(value: &mut Value, veil: &Veil) {
    let is_telling = |name: &str| {
        let name = name.to_ascii_lowercase();
        catalog::is_secret(&name) || TELLING.iter().any(|word| name.contains(word))
    };
    learn(value, &is_telling, veil);
    secret::mask(value, &is_telling);
}

/// Makes the values of secret fields known.
fn learn(value: &Value, is_secret: &dyn Fn(&str) -> bool, veil: &Veil) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                if is_secret(name) {
                    learn_all(field, veil);
                } else {
                    learn(field, is_secret, veil);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| learn(item, is_secret, veil)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Makes the secrets in an answer of the API known.
pub(super) fn learn_fields(value: &Value, veil: &Veil) {
    learn(value, &catalog::is_secret, veil);
}

fn learn_all(value: &Value, veil: &Veil) {
    match value {
        Value::Object(fields) => fields.values().for_each(|field| learn_all(field, veil)),
        Value::Array(items) => items.iter().for_each(|item| learn_all(item, veil)),
        Value::String(text) => veil.add(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Returns method and host: `POST hooks.example.com`.
fn http_name(request: &HttpRequest) -> String {
    let url = url::Url::parse(&request.url).ok();
    let host = url.as_ref().and_then(url::Url::host_str);
    format!("{} {}", request.method, host.unwrap_or("somewhere"))
}

fn http(request: &HttpRequest, veil: &Veil) -> Value {
    let headers: Map<String, Value> = request
        .headers
        .iter()
        .map(|(name, value)| {
            let is_open = OPEN_HEADERS.contains(&name.to_ascii_lowercase().as_str());
            if !is_open {
                veil.add(value);
            }
            let shown = if is_open { value.as_str() } else { MASK };
            (name.clone(), shown.into())
        })
        .collect();
    let body = request.body.as_deref().map(|body| {
        let mut body = serde_json::from_slice(body)
            .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(body).into_owned()));
        mask_telling(&mut body, veil);
        body
    });
    json!({ "url": request.url, "headers": headers, "body": body })
}

/// Returns whether an effect changes the world. An append does: done twice, the line stands twice.
pub(super) fn mutates(effect: &Effect) -> bool {
    match effect {
        Effect::Call(call) => call.endpoint.repeat != Repeat::Read,
        Effect::Request(request) => request.method != Method::Get,
        Effect::Http(request) => !is_safe(&request.method),
        Effect::WriteFile { append, .. } => *append,
        Effect::Upload { .. } => true,
        Effect::Download { .. }
        | Effect::WaitJob(_)
        | Effect::Ask(_)
        | Effect::Signal(_)
        | Effect::Sleep(_)
        | Effect::Now
        | Effect::Random
        | Effect::Env(_)
        | Effect::ReadFile(_)
        | Effect::Print(_)
        | Effect::Log(..)
        | Effect::Test(_) => false,
    }
}

fn is_safe(method: &str) -> bool {
    ["GET", "HEAD", "OPTIONS"]
        .iter()
        .any(|safe| safe.eq_ignore_ascii_case(method))
}

fn fingerprint(kind: &str, name: &str, request: &Value) -> [u8; 16] {
    let mut text = format!("{kind}\0{name}\0").into_bytes();
    write_sorted(request, &mut text);
    let hash = digest(&SHA256, &text);
    let mut short = [0; 16];
    short.copy_from_slice(&hash.as_ref()[..16]);
    short
}

/// Writes JSON with the keys of every object sorted: their order means nothing.
fn write_sorted(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_by_key(|(name, _)| *name);
            out.push(b'{');
            for (name, field) in sorted {
                write_sorted(&Value::from(name.as_str()), out);
                out.push(b':');
                write_sorted(field, out);
                out.push(b',');
            }
            out.push(b'}');
        }
        Value::Array(items) => {
            out.push(b'[');
            for item in items {
                write_sorted(item, out);
                out.push(b',');
            }
            out.push(b']');
        }
        leaf => out.extend_from_slice(leaf.to_string().as_bytes()),
    }
}

fn hex(content: &[u8]) -> String {
    let hash = digest(&SHA256, content);
    hash.as_ref().iter().fold(String::new(), |mut text, byte| {
        use std::fmt::Write;
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Call, by_name};

    fn call(name: &str, path: &[&str], fields: Value) -> Effect {
        Effect::Call(Call {
            endpoint: by_name(name).unwrap(),
            path: path.iter().map(|part| (*part).to_owned()).collect(),
            fields: serde_json::from_value(fields).unwrap(),
        })
    }

    #[test]
    fn the_fingerprint_knows_a_request_whatever_the_order_of_its_fields() {
        let veil = Veil::default();
        let of = |fields| Description::of(&call("jobs.start", &[], fields), &veil).fingerprint;
        let one = of(json!({"agent_id": "a", "message": "m"}));
        assert_eq!(one, of(json!({"message": "m", "agent_id": "a"})));
        assert_ne!(one, of(json!({"message": "n", "agent_id": "a"})));
        let other = call("jobs.send_message", &["x"], json!({"message": "m"}));
        assert_ne!(one, Description::of(&other, &veil).fingerprint);
    }

    #[test]
    fn secrets_are_masked_and_known_from_then_on() {
        let veil = Veil::default();
        let effect = call(
            "logins.create",
            &[],
            json!({"name": "n", "username": "u", "password": "marker-secret"}),
        );
        let told = Description::of(&effect, &veil);
        assert!(!told.request.to_string().contains("marker-secret"));
        assert_eq!(veil.hide("with marker-secret in it"), "with *** in it");
        assert!(told.mutates);
    }

    #[test]
    fn only_what_changes_the_world_needs_its_intent_on_disk() {
        let veil = Veil::default();
        let mutates = |effect: &Effect| Description::of(effect, &veil).mutates;
        assert!(!mutates(&call("jobs.get", &["x"], json!({}))));
        assert!(mutates(&call("jobs.stop", &["x"], json!({}))));
        assert!(!mutates(&Effect::Now));
        let write = |append| Effect::WriteFile {
            file: "a".into(),
            content: b"x".to_vec(),
            append,
        };
        assert!(mutates(&write(true)) && !mutates(&write(false)));
    }
}
