//! Values as people want to see them. It only makes text; `Screen` shows it.

mod columns;
mod csv;
mod json;
mod pages;
mod pairs;
mod table;
mod when;

pub(super) use csv::csv;
pub(super) use json::json;
pub(super) use pages::pages;
pub(super) use table::{Look, laid_out, listed, wrapped};

use serde_json::Value;

use crate::catalog::Endpoint;

/// Returns a value in words: a list of objects as a table, an object as key and value.
pub(super) fn words(value: &Value, endpoint: Option<&'static Endpoint>, look: &Look) -> String {
    match value {
        Value::Null => String::new(),
        Value::Array(items) if items.is_empty() => "nothing".into(),
        Value::Array(items) if items.iter().all(Value::is_object) => {
            table::of_objects(items, endpoint, look)
        }
        Value::Array(items) => {
            let lines = items.iter().map(|item| look.cell(item));
            lines.collect::<Vec<_>>().join("\n")
        }
        Value::Object(fields) => pairs::pairs(fields, endpoint, look),
        Value::String(text) => look.text(text),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// Returns a value as a table, also when it is only one object.
pub(super) fn table(value: &Value, endpoint: Option<&'static Endpoint>, look: &Look) -> String {
    match value {
        Value::Object(_) => table::of_objects(std::slice::from_ref(value), endpoint, look),
        other => words(other, endpoint, look),
    }
}
