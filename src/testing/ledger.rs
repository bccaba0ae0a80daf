//! What was changed in a simulated world: as a count by section, and in a form that can be compared
//! between runs, whose ids differ.

use std::collections::HashSet;
use std::sync::OnceLock;

use regex_lite::Regex;
use serde_json::{Map, Value};

use crate::catalog::{self, Repeat};

/// How the keys of a test's people begin: what they change is not the script's doing.
pub(super) const PERSON: &str = "person/";

/// Returns the entries of a ledger that came after a number of others, and not from people.
pub(super) fn after(ledger: &Value, count: usize) -> Vec<Value> {
    let entries = ledger.as_array().map(Vec::as_slice).unwrap_or_default();
    let is_persons = |entry: &&Value| {
        let key = entry.get("idempotency_key").and_then(Value::as_str);
        key.is_some_and(|key| key.starts_with(PERSON))
    };
    let new = entries.iter().skip(count);
    new.filter(|entry| !is_persons(entry)).cloned().collect()
}

/// Returns whether a change was made under an idempotency key.
pub(super) fn holds(ledger: &Value, key: &str) -> bool {
    let entries = ledger.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut done = entries.iter().filter(|entry| is_done(entry));
    done.any(|entry| entry.get("idempotency_key").and_then(Value::as_str) == Some(key))
}

/// Returns what a script sees of an entry.
pub(super) fn shown(entry: &Value) -> Value {
    let told = ["endpoint", "path", "body", "status", "effects"];
    let fields = told.iter().filter_map(|name| {
        let value = entry.get(*name)?;
        Some(((*name).to_owned(), value.clone()))
    });
    Value::Object(fields.collect())
}

fn is_done(entry: &Value) -> bool {
    let status = entry.get("status").and_then(Value::as_u64);
    status.is_some_and(|status| status < 300) && entry.get("replayed") != Some(&Value::Bool(true))
}

/// Returns what was done; what leaves the same behind when it is done twice, for the same step once.
fn done(entries: &[Value]) -> Vec<&Value> {
    let mut keys: HashSet<String> = HashSet::new();
    let is_first = |entry: &&Value| {
        let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
        match catalog::by_name(text("endpoint")) {
            Some(found) if found.repeat == Repeat::Once => true,
            Some(_) => keys.insert(text("idempotency_key").to_owned()),
            // A transfer to a signed address: the same file at the same place.
            None => keys.insert(text("path").to_owned()),
        }
    };
    let done = entries.iter().filter(|entry| is_done(entry));
    done.filter(is_first).collect()
}

/// Counts changes: section, what was done, how often.
pub(super) fn counts(entries: &[Value]) -> Value {
    let mut sections = Map::new();
    let effects = done(entries).into_iter();
    let effects = effects.filter_map(|entry| entry.get("effects").and_then(Value::as_array));
    for effect in effects.flatten() {
        let text = |name: &str| effect.get(name).and_then(Value::as_str).unwrap_or_default();
        let section = sections
            .entry(plural(text("what")))
            .or_insert(Value::Object(Map::new()));
        if let Value::Object(section) = section {
            let count = section.entry(text("did")).or_insert(0.into());
            *count = (count.as_u64().unwrap_or(0) + 1).into();
        }
    }
    Value::Object(sections)
}

fn plural(what: &str) -> String {
    match what.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o']) => format!("{stem}ies"),
        _ if what.ends_with(['s', 'x']) => format!("{what}es"),
        _ => format!("{what}s"),
    }
}

/// Returns every change in order of its words, without ids.
pub(super) fn comparable(entries: &[Value]) -> Vec<String> {
    let told = done(entries).into_iter().map(|entry| {
        let name = entry
            .get("endpoint")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let body = entry.get("body").cloned().unwrap_or_default();
        without_ids(&format!("{name} {body}"))
    });
    let mut told: Vec<String> = told.collect();
    told.sort();
    told
}

/// Returns a text with the same word in the place of every id: those of a world follow from all that
/// was ever sent.
pub(super) fn without_ids(text: &str) -> String {
    static ID: OnceLock<Option<Regex>> = OnceLock::new();
    const PATTERN: &str =
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{16,}";
    match ID.get_or_init(|| Regex::new(PATTERN).ok()) {
        Some(id) => id.replace_all(text, "ID").into_owned(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(endpoint: &str, body: &Value, effects: &Value) -> Value {
        json!({ "endpoint": endpoint, "body": body, "status": 200, "effects": effects })
    }

    #[test]
    fn counts_what_was_done_by_section() {
        let created = json!([{ "did": "created", "what": "case", "id": "1" }, { "did": "created", "what": "case", "id": "2" }]);
        let mut failed = entry("cases.create", &json!({}), &created);
        failed["status"] = 500.into();
        let told = counts(&[entry("cases.create", &json!({}), &created), failed]);
        assert_eq!(told, json!({ "cases": { "created": 2 } }));
        assert_eq!(
            [plural("memory"), plural("process"), plural("key")],
            ["memories", "processes", "keys"]
        );
    }

    #[test]
    fn ids_do_not_count() {
        let id = "0b1f8a52-5f6d-4b1e-9a53-2b6d4f0c7a11";
        assert_eq!(
            without_ids(&format!("ř{id}x{id} sbxca0b39f99f7982c9")),
            "řIDxID sbxID"
        );
        let twice = |endpoint: &str| {
            let mut entry = entry(endpoint, &json!({ "agent_id": id }), &json!([]));
            entry["idempotency_key"] = "run/4".into();
            comparable(&[entry.clone(), entry]).len()
        };
        assert_eq!([twice("jobs.start"), twice("labels.assign")], [2, 1]);
    }
}
