//! Turns an answer that is no success into a failure: what the server said, and what to do.
//!
//! The API words its failures in several ways (`message ?? error`, with or without a code), so
//! everything here is tolerant.

use http::StatusCode;
use serde_json::{Map, Value};

use super::excerpt::excerpt;
use super::exchange::Raw;
use super::request::Request;
use super::retry::{Trouble, may_repeat};
use crate::catalog::{self, Repeat};
use crate::report::{Failure, FailureKind};
use crate::secret;

/// Longest message that is taken from a server, in characters.
const LONGEST: usize = 500;

/// Returns the failure that an answer tells of; `key_source` says where the key came from.
pub(super) fn refusal(request: &Request, raw: &Raw, key_source: Option<&str>) -> Failure {
    let kind = kind(raw.status);
    let envelope = match serde_json::from_slice(&raw.body) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let mut failure = Failure::new(kind, message(&envelope, raw));
    failure.status = Some(raw.status.as_u16());
    failure.code = find(&envelope, "code");
    failure.request_id = find(&envelope, "request_id").or_else(|| raw.request_id());
    failure.retryable = may_repeat(Trouble::Status(raw.status.as_u16()), request.repeat);
    failure.hint = hint(kind, request, key_source);
    if raw.tries > 1 {
        failure.message = format!("{} (tried {} times)", failure.message, raw.tries);
    }
    failure
}

fn kind(status: StatusCode) -> FailureKind {
    match status.as_u16() {
        401 => FailureKind::Auth,
        403 => FailureKind::Permission,
        404 => FailureKind::NotFound,
        408 => FailureKind::Timeout,
        409 => FailureKind::Conflict,
        429 => FailureKind::RateLimited,
        400..=499 => FailureKind::Invalid,
        500..=599 => FailureKind::Unavailable,
        _ => FailureKind::Protocol,
    }
}

fn message(envelope: &Map<String, Value>, raw: &Raw) -> String {
    let said = find(envelope, "message").or_else(|| text(envelope.get("error")));
    let mut message = said.unwrap_or_else(|| bare(raw));
    if let Some(faults) = envelope.get("validationErrors").and_then(Value::as_array) {
        let faults: Vec<_> = faults.iter().filter_map(fault).collect();
        message = format!("{message}: {}", faults.join("; "));
    }
    for (name, value) in envelope
        .iter()
        .filter(|(name, value)| is_further(name, value))
    {
        let mut value = value.clone();
        secret::mask(&mut value, &catalog::is_secret);
        message = format!("{message}; {name}: {value}");
    }
    one_line(&message)
}

/// Returns whether a field of the envelope tells more than the ones that have a place of their own.
fn is_further(name: &str, value: &Value) -> bool {
    const KNOWN: [&str; 9] = [
        "message",
        "error",
        "code",
        "request_id",
        "validationErrors",
        "status",
        "statusCode",
        "success",
        "requestId",
    ];
    let is_empty = match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::String(text) => text.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    };
    !is_empty && !KNOWN.contains(&name) && !catalog::is_secret(name)
}

/// The message of an answer without an envelope.
fn bare(raw: &Raw) -> String {
    let reason = raw.status.canonical_reason().unwrap_or("an unknown status");
    let status = raw.status.as_u16();
    let is_page = raw.body.trim_ascii_start().starts_with(b"<");
    if raw.body.is_empty() || is_page {
        format!("the server answered {status} {reason}")
    } else {
        format!(
            "the server answered {status} {reason}: `{}`",
            excerpt(&raw.body)
        )
    }
}

/// Finds a text at the top of the envelope, or inside an `error` that is an object.
fn find(envelope: &Map<String, Value>, name: &str) -> Option<String> {
    let inner = envelope.get("error").and_then(|error| error.get(name));
    text(envelope.get(name)).or_else(|| text(inner))
}

fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) if text.trim().is_empty() => None,
        Value::String(text) => Some(one_line(text)),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn fault(fault: &Value) -> Option<String> {
    let what = text(fault.get("message")).or_else(|| text(Some(fault)))?;
    Some(match text(fault.get("field")) {
        Some(field) => format!("`{field}` {what}"),
        None => what,
    })
}

fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line
        .chars()
        .filter(|character| !character.is_control())
        .collect();
    let line = line.trim_end_matches('.');
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

fn hint(kind: FailureKind, request: &Request, key_source: Option<&str>) -> Option<String> {
    if !request.is_ours {
        return Some("signed addresses expire: ask for a new one".into());
    }
    match kind {
        FailureKind::Auth => {
            let source = key_source.map(|source| format!("the key comes from {source}; "));
            Some(format!(
                "{}make one under Team Settings, API Keys (https://app.duvo.ai/settings/api-keys)",
                source.unwrap_or_default()
            ))
        }
        FailureKind::Permission => Some(
            "a key may do what the person who made it may do: another role may be needed".into(),
        ),
        FailureKind::NotFound => Some(elsewhere(request)),
        FailureKind::RateLimited => Some("all programs with this key share its limit".into()),
        FailureKind::Unavailable if request.repeat == Repeat::Once => {
            Some("it may have been done all the same: look before it is sent again".into())
        }
        _ => None,
    }
}

fn elsewhere(request: &Request) -> String {
    // Where a path has no ids, what was not found belongs to another section.
    let endpoint = request
        .endpoint
        .filter(|endpoint| endpoint.given_params().next().is_some());
    let list = endpoint
        .and_then(|endpoint| catalog::by_name(&format!("{}.list", endpoint.section)))
        .filter(|list| endpoint.is_some_and(|endpoint| endpoint.name != list.name));
    match list {
        Some(list) => format!("`duvo::{}::list` shows what this key can see", list.section),
        None => "a key sees only what belongs to its own team".into(),
    }
}
