//! Whether what is seen is what was sent: by content, for a server writes things its own way.

use serde_json::{Map, Value};

/// Returns whether a value that was sent is the one that is seen.
///
/// Texts are equal but for blanks, lists but for their order, and an object may have further fields.
/// A map that was sent is equal to the list of its keys, for some values are never told.
pub(super) fn is_same(sent: &Value, seen: &Value) -> bool {
    match (sent, seen) {
        (Value::String(sent), Value::String(seen)) => {
            sent.split_whitespace().eq(seen.split_whitespace())
        }
        (Value::Number(sent), Value::Number(seen)) => sent.as_f64() == seen.as_f64(),
        (Value::Array(sent), Value::Array(seen)) => is_same_list(sent, seen),
        (Value::Object(sent), Value::Object(seen)) => is_part(sent, seen),
        (Value::Object(sent), Value::Array(keys)) => {
            sent.len() == keys.len() && sent.keys().all(|key| keys.contains(&key.as_str().into()))
        }
        _ => sent == seen || (is_nothing(sent) && is_nothing(seen)),
    }
}

/// Returns whether a value says no more than that there is none.
pub(super) fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn is_same_list(sent: &[Value], seen: &[Value]) -> bool {
    let mut rest: Vec<&Value> = seen.iter().collect();
    let mut take = |sent: &Value| {
        let found = rest.iter().position(|seen| is_same(sent, seen));
        found.map(|at| rest.swap_remove(at)).is_some()
    };
    sent.len() == seen.len() && sent.iter().all(&mut take)
}

fn is_part(sent: &Map<String, Value>, seen: &Map<String, Value>) -> bool {
    sent.iter()
        .all(|(name, sent)| is_same(sent, seen.get(name).unwrap_or(&Value::Null)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn content_counts_and_not_how_it_is_written() {
        let same = [
            (json!("a  b\r\nc"), json!("a b\nc")),
            (json!(1), json!(1.0)),
            (json!([1, 2, 2]), json!([2, 1, 2])),
            (json!({"key": "a"}), json!({"key": "a", "id": "1"})),
            (json!({"a": null}), json!({})),
            (json!([{"value": "x"}]), json!([{"value": "x", "key": ""}])),
            (json!({"KEY": "secret"}), json!(["KEY"])),
            (json!(""), json!(null)),
        ];
        for (sent, seen) in same {
            assert!(is_same(&sent, &seen), "{sent} {seen}");
        }
        let different = [
            (json!("ab"), json!("a b")),
            (json!([1, 2, 2]), json!([1, 1, 2])),
            (json!([1]), json!([1, 2])),
            (json!({"a": 1}), json!({"a": 2})),
            (json!({"a": 1}), json!({})),
            (json!({"KEY": "secret"}), json!(["KEY", "MORE"])),
            (json!(false), json!(null)),
            (json!("1"), json!(1)),
        ];
        for (sent, seen) in different {
            assert!(!is_same(&sent, &seen), "{sent} {seen}");
        }
    }
}
