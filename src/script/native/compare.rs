//! Compares values for tests, and says in a line where they differ first.

use serde_json::Value;

/// Longest value that is shown in a line.
const SHOWN: usize = 60;

/// Says where two values differ first; `None` when they are the same.
pub(super) fn difference(seen: &Value, expected: &Value) -> Option<String> {
    differs_at("", seen, expected)
}

fn differs_at(path: &str, seen: &Value, expected: &Value) -> Option<String> {
    match (seen, expected) {
        (Value::Object(seen), Value::Object(expected)) => {
            let missing = expected.iter().find(|(key, _)| !seen.contains_key(*key));
            if let Some((key, value)) = missing {
                return Some(format!("`{path}.{key}` is missing: {}", shown(value)));
            }
            seen.iter()
                .find_map(|(key, value)| match expected.get(key) {
                    Some(expected) => differs_at(&format!("{path}.{key}"), value, expected),
                    None => Some(format!("`{path}.{key}` is too much: {}", shown(value))),
                })
        }
        (Value::Array(seen), Value::Array(expected)) => {
            let pairs = seen.iter().zip(expected).enumerate();
            let mut pairs = pairs
                .filter_map(|(at, (seen, one))| differs_at(&format!("{path}[{at}]"), seen, one));
            pairs.next().or_else(|| {
                let (has, wants) = (seen.len(), expected.len());
                (has != wants).then(|| format!("{}there are {has} items, not {wants}", at(path)))
            })
        }
        _ if is_same(seen, expected) => None,
        _ => Some(format!(
            "{}it is {}, not {}",
            at(path),
            shown(seen),
            shown(expected)
        )),
    }
}

fn at(path: &str) -> String {
    match path {
        "" => String::new(),
        path => format!("at `{path}` "),
    }
}

/// A whole number is the same whether it is written with a point or not.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) if one.is_f64() != other.is_f64() => {
            one.as_f64() == other.as_f64()
        }
        _ => one == other,
    }
}

/// Says what of a part is not in a whole; `None` when all of it is.
pub(super) fn missing(whole: &Value, part: &Value) -> Option<String> {
    let is_there = match (whole, part) {
        (Value::String(whole), Value::String(part)) => whole.contains(part.as_str()),
        (Value::Array(items), Value::Array(wanted)) => {
            wanted.iter().all(|one| has_item(items, one))
        }
        (Value::Array(items), part) => has_item(items, part),
        (Value::Object(fields), Value::Object(wanted)) => {
            return wanted
                .iter()
                .find_map(|(key, wanted)| match fields.get(key) {
                    None => Some(format!("there is no `{key}`")),
                    Some(value) => missing(value, wanted).map(|what| format!("`{key}`: {what}")),
                });
        }
        (whole, part) => is_same(whole, part),
    };
    (!is_there).then(|| format!("{} does not contain {}", shown(whole), shown(part)))
}

fn has_item(items: &[Value], wanted: &Value) -> bool {
    items.iter().any(|item| match (item, wanted) {
        (Value::Object(_), Value::Object(_)) => missing(item, wanted).is_none(),
        (item, wanted) => difference(item, wanted).is_none(),
    })
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    let short: String = text.chars().take(SHOWN).collect();
    let dots = if short.len() < text.len() { "…" } else { "" };
    format!("`{short}{dots}`")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{difference, missing};

    #[test]
    fn says_where_values_differ() {
        let differs = |seen, expected| difference(&seen, &expected).unwrap_or_default();
        assert_eq!(differs(json!({"a": 1}), json!({"a": 1.0})), "");
        assert_eq!(differs(json!(1), json!(2)), "it is `1`, not `2`");
        assert_eq!(
            differs(json!({"a": [1, {"b": 2}]}), json!({"a": [1, {"b": 3}]})),
            "at `.a[1].b` it is `2`, not `3`"
        );
        assert_eq!(differs(json!({"a": 1}), json!({})), "`.a` is too much: `1`");
        assert_eq!(differs(json!([]), json!([1])), "there are 0 items, not 1");
    }

    #[test]
    fn says_what_is_missing() {
        let lacks = |whole, part| missing(&whole, &part).is_some();
        assert!(!lacks(json!("one two"), json!("two")) && lacks(json!("one"), json!("two")));
        assert!(!lacks(json!([1, 2]), json!(2)) && lacks(json!([1, 2]), json!(3)));
        assert!(!lacks(json!([{"a": 1, "b": 2}]), json!({"a": 1})));
        assert!(!lacks(
            json!({"a": {"b": 1, "c": 2}}),
            json!({"a": {"c": 2}})
        ));
        assert!(lacks(json!({"a": 1}), json!({"b": 1})));
    }
}
