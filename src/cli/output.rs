//! Shows values: tables for lists, key and value for one thing, JSON for programs.
//!
//! Secrets are masked by field name before anything is shown. The order of columns comes from the
//! catalog, or else from the value itself.

use std::io::{IsTerminal, Write};

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;

use super::command::Format;
use crate::catalog::{Endpoint, is_secret};
use crate::secret::mask;

/// Shows a result on stdout; `endpoint` tells its columns and where its list stands.
pub(super) fn show(mut value: Value, endpoint: Option<&Endpoint>, format: Format) {
    mask(&mut value, &is_secret);
    let text = match format {
        Format::Json => pretty(&value),
        Format::Text | Format::Table => people(&value, endpoint, format),
    };
    if !text.is_empty() {
        // A closed pipe is the reader's choice.
        _ = writeln!(anstream::stdout(), "{text}");
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn people(value: &Value, endpoint: Option<&Endpoint>, format: Format) -> String {
    let opened = endpoint.and_then(|endpoint| open(value, endpoint.resource?));
    let value = opened.as_ref().unwrap_or(value);
    let columns = endpoint.map_or(&[][..], |endpoint| endpoint.columns);
    let items = match endpoint.and_then(|endpoint| endpoint.list) {
        Some(key) if key != "." => value.get(key).and_then(Value::as_array),
        _ => value.as_array(),
    };
    match (items, value, format) {
        (Some(items), _, _) if items.is_empty() => "nothing".into(),
        (Some(items), _, _) if items.iter().all(Value::is_object) => list(items, columns),
        (Some(items), _, _) => items.iter().map(cell).collect::<Vec<_>>().join("\n"),
        (None, Value::Object(_), Format::Table) => list(std::slice::from_ref(value), columns),
        (None, Value::Object(fields), _) => pairs(fields),
        (None, Value::Null, _) => String::new(),
        (None, other, _) => cell(other),
    }
}

/// Takes a thing out of its envelope; what stands beside it comes along, behind it.
fn open(value: &Value, key: &str) -> Option<Value> {
    let mut beside = value.as_object()?.clone();
    match beside.shift_remove(key)? {
        Value::Object(mut thing) => {
            beside.retain(|name, _| !thing.contains_key(name));
            thing.append(&mut beside);
            Some(thing.into())
        }
        things @ Value::Array(_) => Some(things),
        _ => None,
    }
}

/// Shows a list of objects as a table: the telling columns, or all that the first object has.
pub(super) fn list(items: &[Value], columns: &[&str]) -> String {
    let known: Vec<String> = if columns.is_empty() {
        items
            .first()
            .and_then(Value::as_object)
            .map(|first| first.keys().cloned().collect())
            .unwrap_or_default()
    } else {
        columns.iter().map(|column| (*column).to_owned()).collect()
    };
    let mut table = plain_table();
    table.set_header(known.iter().map(|name| name.to_uppercase()));
    for item in items {
        table.add_row(
            known
                .iter()
                .map(|name| item.get(name).map(cell).unwrap_or_default()),
        );
    }
    text_of(table)
}

fn pairs(fields: &serde_json::Map<String, Value>) -> String {
    let mut table = plain_table();
    for (name, value) in fields {
        table.add_row([name.clone(), cell(value)]);
    }
    text_of(table)
}

/// Lays rows out in columns, each line with an end.
pub(super) fn columns(rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = plain_table();
    table.add_rows(rows);
    match text_of(table) {
        text if text.is_empty() => text,
        text => text + "\n",
    }
}

/// Returns a table as text: two blanks between columns, none before the first.
fn text_of(mut table: Table) -> String {
    table
        .column_iter_mut()
        .for_each(|column| _ = column.set_padding((0, 2)));
    table.trim_fmt()
}

fn plain_table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if std::io::stdout().is_terminal() {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    table
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn shows_lists_as_tables_and_things_as_pairs() {
        let endpoint = crate::catalog::by_name("queues.list");
        let queues = json!({"queues": [{"id": "1", "name": "Invoices"}], "total": 1});
        let table = people(&queues, endpoint, Format::Text);
        assert!(table.lines().next().unwrap().contains("NAME"), "{table}");
        assert!(
            table.lines().nth(1).unwrap().contains("Invoices"),
            "{table}"
        );
        assert_eq!(
            people(&json!({"queues": []}), endpoint, Format::Text),
            "nothing"
        );
        assert_eq!(
            people(&json!({"a": 1, "b": "日本"}), None, Format::Text)
                .lines()
                .count(),
            2
        );
        assert_eq!(people(&Value::Null, None, Format::Text), "");
    }
}
