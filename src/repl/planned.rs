//! What a call that was only planned answers: something of the right shape, with what was asked for.

use serde_json::{Map, Value, json};

use crate::catalog::{Call, Field, Format, Kind, Range, Shape};
use crate::script::Answer;

/// The id of everything that was not made.
const NO_ID: &str = "00000000-0000-4000-8000-000000000000";
/// Shapes may hold themselves.
const DEEPEST: usize = 8;

/// Returns an answer of the shape that the catalog promises.
pub(super) fn answer(call: &Call) -> Answer {
    let endpoint = call.endpoint;
    match &endpoint.answer {
        None => Answer::Nothing,
        Some(shape) if endpoint.answer_media.contains("json") => {
            let answer = value(shape, &call.fields, 0);
            Answer::Json(answer.to_string().into_bytes())
        }
        Some(_) => Answer::Text(String::new()),
    }
}

fn value(shape: &Shape, given: &Map<String, Value>, depth: usize) -> Value {
    if shape.nullable && depth > 1 {
        return Value::Null;
    }
    match &shape.kind {
        Kind::Any | Kind::Null => Value::Null,
        Kind::Boolean => json!(true),
        Kind::Integer(range) | Kind::Number(range) => least(range),
        Kind::Text(text) => json!(match text.format {
            Format::Uuid => NO_ID,
            Format::DateTime => "1970-01-01T00:00:00Z",
            Format::Date => "1970-01-01",
            Format::Uri => "https://planned.invalid/",
            Format::Email => "planned@example.invalid",
            Format::Plain | Format::Path | Format::Secret => "",
        }),
        Kind::Choice(choices) => {
            let first = choices
                .first()
                .and_then(|first| serde_json::from_str(first).ok());
            first.unwrap_or_default()
        }
        Kind::File => json!(""),
        Kind::List(..) => json!([]),
        Kind::Object(object) if depth < DEEPEST => {
            let fields = object.fields.iter().filter(|field| field.required);
            fields.map(|field| named(field, given, depth)).collect()
        }
        Kind::Object(_) | Kind::Map(..) => json!({}),
        Kind::Union(shapes) => shapes
            .first()
            .map_or(Value::Null, |first| value(first, given, depth)),
    }
}

/// Returns the least whole number of a range, or 0 where it has no end.
fn least(range: &Range) -> Value {
    let least = range.min.unwrap_or_default().ceil();
    serde_json::from_str(&least.to_string()).unwrap_or_default()
}

/// A field of the answer that was a field of the call has its value.
fn named(field: &Field, given: &Map<String, Value>, depth: usize) -> (String, Value) {
    let asked = given.get(field.name).filter(|value| !value.is_null());
    let value = asked.map_or_else(|| value(&field.shape, given, depth + 1), Value::clone);
    (field.name.to_owned(), value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{self, Repeat};

    #[test]
    fn every_planned_answer_has_the_shape_of_the_catalog() {
        for endpoint in catalog::endpoints().filter(|entry| entry.repeat != Repeat::Read) {
            let call = Call {
                endpoint,
                path: Vec::new(),
                fields: Map::new(),
            };
            let Answer::Json(answer) = answer(&call) else {
                continue;
            };
            let answer: Value = serde_json::from_slice(&answer).unwrap();
            if let Some(key) = endpoint.resource {
                assert!(answer.get(key).is_some(), "{}: {answer}", endpoint.name);
            }
        }
    }
}
