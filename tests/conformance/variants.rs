//! Tries what a successful call leads on to: each query field by itself, and the refusals that the
//! catalog documents (a wrong key, an unknown id, a wrong field).

use duvoscript::catalog::{Call, Endpoint, Field, Format, Kind, Repeat, Text};
use serde_json::{Value, json};

use super::sample::{self, Extent, NOBODY};
use super::walk::{Walk, Wanted};

/// Documented refusals that are not tried, and why.
const UNTRIED: &[(&str, u16, &str)] = &[(
    "logins.list",
    404,
    "the Logins of others are refused as forbidden, whether they exist or not",
)];

/// Tries the variants of a call that has just succeeded.
pub(crate) async fn attempt(walk: &mut Walk<'_>, call: &Call) {
    let is_read = call.endpoint.repeat == Repeat::Read;
    for field in call.endpoint.query.iter().filter(|_| is_read) {
        for value in values(field, walk) {
            let mut call = call.clone();
            call.fields.insert(field.name.into(), value);
            walk.send(&call, Wanted::Success).await;
        }
    }
    if documents(call.endpoint, 401) {
        walk.send_as_stranger(call).await;
    }
    if let Some(call) = lost(call).filter(|call| documents(call.endpoint, 404)) {
        walk.send(&call, Wanted::Refusal(404)).await;
    }
    if documents(call.endpoint, 400) {
        refuse_fields(walk, call).await;
    }
}

fn documents(endpoint: &Endpoint, status: u16) -> bool {
    let is_untried =
        |(name, untried, _): &(&str, u16, &str)| *name == endpoint.name && *untried == status;
    // Where nothing is documented at all, at least a wrong key must be told.
    let is_silent = endpoint.errors.is_empty() && status == 401;
    (endpoint.errors.contains(&status) || is_silent) && !UNTRIED.iter().any(is_untried)
}

/// Returns values that a query field takes: all choices, both bounds, what was learned, or a sample.
fn values(field: &Field, walk: &Walk<'_>) -> Vec<Value> {
    let sampled = || sample::value(&field.shape, field.name, Extent::Most, &|_| None);
    match &field.shape.kind {
        Kind::Choice(choices) => choices
            .iter()
            .filter_map(|text| serde_json::from_str(text).ok())
            .collect(),
        Kind::Boolean => vec![json!(true), json!(false)],
        Kind::Integer(range) => {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "bounds of the catalog are small"
            )]
            let bounds = [range.min, range.max]
                .into_iter()
                .flatten()
                .map(|bound| json!(bound as i64));
            bounds.collect()
        }
        // An id that nothing has would not be found.
        Kind::Text(text) if text.format == Format::Uuid => {
            walk.learned.id(field.name).into_iter().collect()
        }
        Kind::Text(text) if text.format == Format::Plain => {
            vec![plain(field.name).map_or_else(sampled, Value::from)]
        }
        _ => vec![sampled()],
    }
}

/// What a plain text must say, where the document tells it in prose only.
fn plain(name: &str) -> Option<&'static str> {
    match name {
        "status" => Some("failed,pending"),
        "priority" => Some("high,none"),
        "created_at_from" | "updated_at_from" => Some("2026-01-01T00:00:00Z"),
        "force" => Some("false"),
        "path" => Some("/workspace"),
        _ => None,
    }
}

/// Returns the call about something that is not there.
fn lost(call: &Call) -> Option<Call> {
    let mut call = call.clone();
    let params: Vec<_> = call.endpoint.given_params().collect();
    let place = params
        .iter()
        .rposition(|param| matches!(param.shape.kind, Kind::Text(_)))?;
    call.path[place] = match params[place].shape.kind {
        Kind::Text(Text {
            format: Format::Uuid,
            ..
        }) => NOBODY.into(),
        _ => "nowhere".into(),
    };
    Some(call)
}

/// Sends the call with a wrong field, or a wrong id, past the client's own checks.
async fn refuse_fields(walk: &mut Walk<'_>, call: &Call) {
    let endpoint = call.endpoint;
    let mut split = call.split();
    let mut path = call.path(&walk.learned.team());
    let body = endpoint
        .body
        .as_ref()
        .map(|object| object.fields)
        .unwrap_or_default();
    let wrong_query = endpoint
        .query
        .iter()
        .find_map(|field| Some((field.name, wrong(field)?)));
    if let (Some(body), Some((name, value))) = (&mut split.body, wrong_field(body)) {
        body.insert(name.into(), value);
    } else if let Some((name, value)) = wrong_query {
        split.query.retain(|(other, _)| *other != name);
        split.query.push((
            name,
            value.as_str().map_or(value.to_string(), ToOwned::to_owned),
        ));
    } else if let Some(id) = id_of(call) {
        path = path.replacen(id, "no-id", 1);
    } else {
        return;
    }
    let query: Vec<(String, String)> = split
        .query
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    let body = split.body.map(Value::from);
    let key = walk.next_key();
    let outcome = walk
        .client
        .request(endpoint.method, &path, &query, body.as_ref(), &key)
        .await;
    walk.judge(endpoint, outcome, Wanted::Refusal(400), true);
}

/// Returns the first parameter of the path that must be an id.
fn id_of(call: &Call) -> Option<&str> {
    let is_id = |param: &Field| matches!(&param.shape.kind, Kind::Text(text) if text.format == Format::Uuid);
    let mut given = call.endpoint.given_params().zip(&call.path);
    given.find_map(|(param, value)| is_id(param).then_some(value.as_str()))
}

/// Returns a field of a body, the required ones first, with a value that it cannot take.
fn wrong_field(fields: &'static [Field]) -> Option<(&'static str, Value)> {
    let required = fields.iter().filter(|field| field.required);
    let others = fields.iter().filter(|field| !field.required);
    required.chain(others).find_map(|field| {
        let is_text = matches!(&field.shape.kind, Kind::Text(text) if text.format == Format::Plain);
        let value = if is_text {
            Some(json!(7))
        } else {
            wrong(field)
        };
        Some((field.name, value?))
    })
}

/// Returns a value that a field cannot take, even where it is written as text.
fn wrong(field: &Field) -> Option<Value> {
    let takes_text = |text: &Text| matches!(text.format, Format::Plain | Format::Path);
    match &field.shape.kind {
        Kind::Any | Kind::Null | Kind::File => None,
        Kind::Text(text) if takes_text(text) => None,
        Kind::Text(Text {
            format: Format::Secret,
            ..
        }) => Some(json!(7)),
        _ => Some(json!("no such value")),
    }
}
