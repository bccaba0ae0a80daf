//! Makes values that fit a shape: the fullest ones, with every optional field.

use duvoscript::catalog::{Field, Format, Kind, Object, Range, Shape, Text};
use serde_json::{Map, Value, json};

/// Texts that fit the patterns of the catalog; the first that matches is taken.
const PATTERNED: &[&str] = &["A_KEY", "map.svg", "UTC"];

/// Returns a value for every field.
pub(crate) fn fields(fields: &[Field]) -> Map<String, Value> {
    let pairs = fields
        .iter()
        .map(|field| (field.name.to_owned(), value(&field.shape)));
    pairs.collect()
}

/// Returns a value of a shape.
pub(crate) fn value(shape: &Shape) -> Value {
    match &shape.kind {
        Kind::Any => json!({"any": ["thing"]}),
        Kind::Null => Value::Null,
        Kind::Boolean => json!(true),
        Kind::Integer(range) | Kind::Number(range) => number(*range),
        Kind::Text(of) => json!(text(of)),
        Kind::Choice(choices) => serde_json::from_str(choices[0]).expect("a choice is JSON"),
        Kind::File => json!("sample.bin"),
        Kind::List(item, _) => json!([value(item)]),
        Kind::Map(item, pattern) => json!({key(*pattern): value(item)}),
        Kind::Object(Object { fields: of, .. }) => Value::Object(fields(of)),
        Kind::Union(shapes) => value(&shapes[0]),
    }
}

/// Returns a text of a format; it fits the limits and the pattern.
pub(crate) fn text(of: &Text) -> String {
    let text = match of.format {
        Format::Uuid => "0b9d4b0e-6a4e-4c1c-9a39-3f4f3f0c8a55",
        Format::DateTime => "2026-01-31T12:00:00Z",
        Format::Date => "2026-01-31",
        Format::Uri => "https://a.example/x",
        Format::Email => "a@b.example",
        Format::Path => "in box/a.txt",
        Format::Plain | Format::Secret => return long(&key(of.pattern), of.length),
    };
    text.to_owned()
}

fn key(pattern: Option<&str>) -> String {
    let Some(pattern) = pattern else {
        return "text".into();
    };
    let matches = |text: &&&str| {
        regex_lite::Regex::new(pattern)
            .expect(pattern)
            .is_match(text)
    };
    let found = PATTERNED.iter().find(matches);
    (*found.unwrap_or_else(|| panic!("no sample for `{pattern}`"))).to_owned()
}

/// Fills a text up to its shortest length; only texts without a pattern have one above a letter.
fn long(text: &str, length: Range) -> String {
    let min = length
        .min
        .map_or(0, |min| min.to_string().parse().expect("a length"));
    format!("{text:x<min$}")
}

fn number(range: Range) -> Value {
    let least = range.min.unwrap_or(1.0) + if range.exclusive { 0.5 } else { 0.0 };
    let number = range.max.map_or(least, |max| least.min(max));
    if number.fract() == 0.0 {
        json!(format!("{number}").parse::<i64>().expect("a small number"))
    } else {
        json!(number)
    }
}
