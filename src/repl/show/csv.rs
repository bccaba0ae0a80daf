//! A value as CSV.

use serde_json::{Map, Value};

use super::columns::columns;
use crate::catalog::Endpoint;
use crate::report::Failure;

/// Returns a list of objects as CSV, with a line of names; times and numbers stay as they are.
pub(in crate::repl) fn csv(
    value: &Value,
    endpoint: Option<&'static Endpoint>,
) -> Result<Vec<u8>, Failure> {
    let things: Vec<&Map<String, Value>> = match value {
        Value::Array(items) => items.iter().filter_map(Value::as_object).collect(),
        Value::Object(thing) => vec![thing],
        _ => Vec::new(),
    };
    if things.is_empty() {
        let failure = Failure::invalid("only a list of maps can become CSV");
        return Err(failure.hint("`_` is the last value; `:json` shows it"));
    }
    let names = columns(&things, endpoint);
    let broken = |fault: csv::Error| Failure::invalid(format!("cannot write CSV: {fault}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&names).map_err(broken)?;
    for thing in things {
        let cells = names
            .iter()
            .map(|name| thing.get(name).map_or_else(String::new, cell));
        writer.write_record(cells).map_err(broken)?;
    }
    let written = writer.into_inner();
    written.map_err(|fault| Failure::invalid(format!("cannot write CSV: {fault}")))
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_of_maps_become_rows() {
        let list = json!([{"name": "a,b", "id": 1}, {"id": 2, "more": [1]}]);
        let text = String::from_utf8(csv(&list, None).unwrap()).unwrap();
        assert_eq!(text, "name,id,more\n\"a,b\",1,\n,2,[1]\n");
        for other in [json!(1), json!([]), json!([1]), json!(null)] {
            assert!(csv(&other, None).is_err(), "{other}");
        }
    }
}
