//! Makes up values that fit the shapes of the catalog: always the same for the same field.

use duvoscript::catalog::{Field, Format, Kind, Object, Range, Shape, Text};
use serde_json::{Map, Value, json};

/// An id that nothing has.
pub(crate) const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

/// How much is made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// The required fields alone, and empty lists where they may be.
    Least,
    /// All fields, with an item in every list.
    Most,
}

/// Where the ids come from: the id of a field's name, if one is known.
pub(crate) type Ids<'a> = &'a dyn Fn(&str) -> Option<Value>;

/// Returns the fields of an object.
pub(crate) fn fields<'a>(
    fields: impl Iterator<Item = &'a Field>,
    extent: Extent,
    ids: Ids<'_>,
) -> Map<String, Value> {
    fields
        .filter(|field| field.required || extent == Extent::Most)
        .map(|field| {
            (
                field.name.to_owned(),
                value(&field.shape, field.name, extent, ids),
            )
        })
        .collect()
}

/// Returns a value of a shape for a field of a name.
pub(crate) fn value(shape: &Shape, name: &str, extent: Extent, ids: Ids<'_>) -> Value {
    if shape.nullable && extent == Extent::Least {
        return Value::Null;
    }
    match &shape.kind {
        Kind::Any => json!("anything"),
        Kind::Null => Value::Null,
        Kind::Boolean => json!(true),
        Kind::Integer(range) => json!(least(*range)),
        Kind::Number(range) => number(*range),
        Kind::Text(text) => sample_text(text, name, ids),
        Kind::Choice(values) => choice(values),
        Kind::File => json!("content"),
        Kind::List(item, range) => {
            let count = least(*range).max(i64::from(extent == Extent::Most));
            (0..count).map(|_| value(item, name, extent, ids)).collect()
        }
        Kind::Map(item, _) if extent == Extent::Most => {
            json!({ "SAMPLE_KEY": value(item, name, extent, ids) })
        }
        Kind::Map(..) => json!({}),
        Kind::Object(object) => sample_object(object, extent, ids),
        Kind::Union(shapes) => shapes
            .first()
            .map_or(Value::Null, |shape| value(shape, name, extent, ids)),
    }
}

fn sample_object(object: &Object, extent: Extent, ids: Ids<'_>) -> Value {
    fields(object.fields.iter(), extent, ids).into()
}

fn choice(values: &[&str]) -> Value {
    let first = values
        .first()
        .and_then(|text| serde_json::from_str(text).ok());
    first.unwrap_or_default()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "bounds of the catalog are small"
)]
fn least(range: Range) -> i64 {
    range.min.unwrap_or_default() as i64
}

fn number(range: Range) -> Value {
    match (range.min, range.max) {
        (Some(min), Some(max)) => json!(f64::midpoint(min, max)),
        (Some(min), None) => json!(min + 1.0),
        _ => json!(1),
    }
}

fn sample_text(text: &Text, name: &str, ids: Ids<'_>) -> Value {
    match text.format {
        Format::Uuid => ids(name).unwrap_or_else(|| NOBODY.into()),
        Format::DateTime => json!("2026-01-05T08:00:00Z"),
        Format::Date => json!("2026-01-05"),
        Format::Uri => json!("https://example.com/sample"),
        Format::Email => json!("sample@example.com"),
        Format::Path => json!("sample.md"),
        Format::Plain | Format::Secret => words(text, name),
    }
}

/// Returns words of the wanted length; a pattern is taken at its word only where a common one is.
fn words(text: &Text, name: &str) -> Value {
    if let Some(pattern) = text.pattern {
        let common = ["Europe/Prague", "SAMPLE_KEY", "sample.svg", "sample"];
        let fits =
            |text: &&&str| regex_lite::Regex::new(pattern).is_ok_and(|rule| rule.is_match(text));
        return json!(common.iter().find(fits).unwrap_or(&"sample"));
    }
    let mut words = format!("Sample {}", name.replace('_', " "));
    let min = usize::try_from(least(text.length)).unwrap_or_default();
    while words.chars().count() < min {
        words.push_str(", and more");
    }
    json!(words)
}
