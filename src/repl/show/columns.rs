//! Which fields of things come first: those that the catalog calls telling.

use serde_json::{Map, Value};

use crate::catalog::{self, Endpoint};

/// Fields that tell of nearly everything.
const TELLING: &[&str] = &["id", "name", "title", "status", "state", "kind", "type"];

/// Returns the fields of some things, the telling ones first, and lists and maps last.
pub(super) fn columns(
    things: &[&Map<String, Value>],
    endpoint: Option<&'static Endpoint>,
) -> Vec<String> {
    let mut all: Vec<&str> = Vec::new();
    for key in things.iter().flat_map(|thing| thing.keys()) {
        if !all.contains(&key.as_str()) {
            all.push(key);
        }
    }
    let telling = telling(&all, endpoint);
    let rank = |key: &&str| {
        let place = telling.iter().position(|known| known == key);
        let values = || things.iter().filter_map(|thing| thing.get(*key));
        let is_empty = values().all(Value::is_null);
        let is_nested = values().any(|value| value.is_array() || value.is_object());
        (is_empty, place.unwrap_or(usize::MAX), is_nested)
    };
    all.sort_by_key(rank);
    all.into_iter().map(String::from).collect()
}

/// Returns the telling fields of what was called, or else of whatever has such fields.
fn telling(keys: &[&str], endpoint: Option<&'static Endpoint>) -> &'static [&'static str] {
    let fits = |entry: &&'static Endpoint| {
        !entry.columns.is_empty() && entry.columns.iter().all(|column| keys.contains(column))
    };
    endpoint
        .filter(fits)
        .or_else(|| {
            catalog::endpoints()
                .filter(fits)
                .max_by_key(|entry| entry.columns.len())
        })
        .map_or(TELLING, |entry| entry.columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(value: &Value, endpoint: Option<&str>) -> Vec<String> {
        columns(
            &[value.as_object().unwrap()],
            endpoint.and_then(catalog::by_name),
        )
    }

    #[test]
    fn telling_fields_come_first_and_nested_ones_last() {
        let queue = json!({"a": [], "b": null, "created_at": "x", "id": "1", "name": "n", "z": 1});
        let found = of(&queue, None);
        assert_eq!(found[..2], ["name", "id"]);
        assert_eq!(found.last().unwrap(), "b");
        let list = catalog::by_name("jobs.list").unwrap();
        let job: Map<_, _> = list
            .columns
            .iter()
            .rev()
            .map(|key| ((*key).into(), json!("x")))
            .collect();
        assert_eq!(of(&Value::Object(job), Some("jobs.list")), list.columns);
    }
}
