//! Builds the answer that a cut-off call would have given, from what was found.

use bytes::Bytes;
use serde_json::{Map, Value};

use super::scope::{Scope, Seen};
use crate::api::Response;
use crate::catalog::{Endpoint, Kind, Object, Pair, Shape, Term};

/// What was found, of one call.
pub(super) struct Find<'a> {
    /// The thing, or what tells of it.
    pub(super) seen: &'a Seen,
    /// All rows that were found, in the order of the call.
    pub(super) rows: Vec<Value>,
    /// How many items of the call were looked for.
    pub(super) wanted: usize,
}

/// Returns the answer of the catalog's form, with no more than the endpoint's answer has.
pub(super) fn rebuilt(
    endpoint: &Endpoint,
    form: &[Pair],
    scope: &Scope<'_>,
    find: &Find<'_>,
) -> Value {
    let mut answer = Value::Object(Map::new());
    for pair in form {
        if let Some(value) = value(pair.term, scope, find) {
            put(&mut answer, pair.at, value);
        }
    }
    if let Some(shape) = &endpoint.answer {
        fit(shape, &mut answer);
    }
    answer
}

/// Returns the answer as the client would have returned it.
pub(super) fn response(endpoint: &Endpoint, answer: &Value) -> Response {
    Response {
        status: endpoint.status.first().copied().unwrap_or(200),
        media: endpoint.answer_media.into(),
        request_id: None,
        date: None,
        body: Bytes::from(answer.to_string()),
    }
}

fn value(term: Term, scope: &Scope<'_>, find: &Find<'_>) -> Option<Value> {
    match term {
        Term::At(place) => find.seen.one(place).cloned(),
        Term::Rows => Some(find.rows.clone().into()),
        Term::Found => Some(find.rows.len().into()),
        Term::Missing => Some(find.wanted.saturating_sub(find.rows.len()).into()),
        Term::Given(_)
        | Term::Nothing
        | Term::RowId
        | Term::Is(_)
        | Term::AnyOf(_)
        | Term::Since
        | Term::Before
        | Term::Until
        | Term::Me
        | Term::NewPath => scope.values(term)?.pop(),
    }
}

/// Puts a value at a path of names.
fn put(answer: &mut Value, path: &str, value: Value) {
    let Some((name, rest)) = path
        .split_once('.')
        .or((!path.is_empty()).then_some((path, "")))
    else {
        *answer = value;
        return;
    };
    if let Value::Object(fields) = answer {
        let inner = fields
            .entry(name)
            .or_insert_with(|| Value::Object(Map::new()));
        put(inner, rest, value);
    }
}

/// Takes away what the shape does not have: rows of lists often tell more than the thing itself.
fn fit(shape: &Shape, value: &mut Value) {
    match (&shape.kind, value) {
        (Kind::Object(object), Value::Object(fields)) => fit_fields(object, fields),
        (Kind::List(item, _), Value::Array(items)) => {
            for value in items {
                fit(item, value);
            }
        }
        _ => {}
    }
}

fn fit_fields(object: &Object, fields: &mut Map<String, Value>) {
    let known = |name: &str| object.fields.iter().find(|field| field.name == name);
    fields.retain(|name, value| {
        let is_fit = |field: &crate::catalog::Field| !value.is_null() || field.shape.nullable;
        known(name).map_or(object.open, is_fit)
    });
    for field in object.fields {
        if let Some(value) = fields.get_mut(field.name) {
            fit(&field.shape, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalog::by_name;

    #[test]
    fn an_answer_has_no_more_than_the_endpoint_tells() {
        let endpoint = by_name("organizations.create_team").unwrap();
        let mut answer = json!({ "id": "t", "name": "Logistics", "memberCount": 3 });
        fit(endpoint.answer.as_ref().unwrap(), &mut answer);
        assert_eq!(answer, json!({ "id": "t", "name": "Logistics" }));

        let endpoint = by_name("assignments.create").unwrap();
        let mut answer =
            json!({ "agent": { "id": "a", "folder_id": null, "pinned_at": "x" }, "build": null });
        fit(endpoint.answer.as_ref().unwrap(), &mut answer);
        assert_eq!(answer, json!({ "agent": { "id": "a", "folder_id": null } }));
    }

    #[test]
    fn values_are_put_at_paths() {
        let mut answer = json!({});
        put(&mut answer, "human_request.id", json!("h"));
        put(&mut answer, "human_request.run_id", json!("r"));
        put(&mut answer, "ok", json!(true));
        assert_eq!(
            answer,
            json!({ "human_request": { "id": "h", "run_id": "r" }, "ok": true })
        );
        put(&mut answer, "", json!([1]));
        assert_eq!(answer, json!([1]));
    }
}
