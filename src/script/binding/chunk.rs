//! Calls an endpoint, in several batches where the API caps the list that it takes.

use rhai::{Array, Dynamic};
use serde_json::Value;

use super::arguments::{self, Given};
use super::{
    answer,
    endpoints::{call_once, send_once},
};
use crate::catalog::{self, Call, Endpoint, Kind};
use crate::report::Failure;
use crate::script::door::{Door, Raise};

/// Calls an endpoint; a list longer than the API takes goes in batches, one after the other.
pub(super) fn send(
    door: &Door<'_>,
    endpoint: &'static Endpoint,
    mut given: Given,
) -> Result<Dynamic, Raise> {
    let Some((field, most)) = cap(endpoint) else {
        return call_once(door, endpoint, given);
    };
    let items = match given.fields.get_mut(field) {
        Some(Value::Array(items)) if items.is_empty() => return nothing(door, endpoint),
        Some(Value::Array(items)) if items.len() > most => std::mem::take(items),
        _ => return call_once(door, endpoint, given),
    };
    in_batches(door, endpoint, &given, (field, items, most))
}

fn in_batches(
    door: &Door<'_>,
    endpoint: &'static Endpoint,
    given: &Given,
    (field, items, most): (&str, Vec<Value>, usize),
) -> Result<Dynamic, Raise> {
    // All are judged before the first is sent: a batch that is there cannot be taken back.
    let calls: Vec<Call> = items
        .chunks(most)
        .enumerate()
        .map(|(number, part)| batch(endpoint, given, field, (number * most, part)))
        .collect::<Result<_, _>>()
        .map_err(|failure| door.fail(failure))?;
    let batches = calls.len();
    let mut merged: Option<Dynamic> = None;
    for (done, call) in calls.into_iter().enumerate() {
        let result = send_once(door, call).map_err(|error| {
            tell_progress(
                error,
                &format!("; {done} of {batches} batches were sent before"),
            )
        })?;
        match &mut merged {
            Some(merged) => answer::merge(merged, result),
            None => merged = Some(result),
        }
    }
    Ok(merged.unwrap_or_default())
}

/// Returns the call of a batch; what is wrong with an item names its place in the whole list.
fn batch(
    endpoint: &'static Endpoint,
    given: &Given,
    field: &str,
    (first, part): (usize, &[Value]),
) -> Result<Call, Failure> {
    let Given { path, mut fields } = given.clone();
    fields.insert(field.to_owned(), part.into());
    catalog::check_call(endpoint, &path, &mut fields).map_err(|mut fault| {
        let inside = fault.field.strip_prefix(field);
        let inside = inside.and_then(|rest| rest.strip_prefix('[')?.split_once(']'));
        if let Some((Ok(index), rest)) = inside.map(|(index, rest)| (index.parse::<usize>(), rest))
        {
            fault.field = format!("{field}[{}]{rest}", first + index);
        }
        arguments::wrong(endpoint, &fault)
    })?;
    Ok(Call {
        endpoint,
        path,
        fields,
    })
}

/// Adds to the message of a failed batch what was done already: it is not undone.
fn tell_progress(mut error: Raise, progress: &str) -> Raise {
    if let rhai::EvalAltResult::ErrorRuntime(thrown, _) = &mut *error
        && let Some(mut map) = thrown.write_lock::<rhai::Map>()
        && let Some(message) = map.get_mut("message")
    {
        *message = format!("{message}{progress}").into();
    }
    error
}

/// Returns the list field that is cut, and how many items one call takes.
fn cap(endpoint: &Endpoint) -> Option<(&'static str, usize)> {
    let name = endpoint.chunk?;
    let field = endpoint.given_fields().find(|field| field.name == name)?;
    let Kind::List(_, range) = &field.shape.kind else {
        return None;
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the catalog's limits of lists are small whole numbers"
    )]
    range
        .max
        .map(|max| (name, max as usize))
        .filter(|(_, most)| *most > 0)
}

fn nothing(door: &Door<'_>, endpoint: &'static Endpoint) -> Result<Dynamic, Raise> {
    let empty = endpoint
        .answer
        .as_ref()
        .map_or(Dynamic::UNIT, answer::empty);
    let empty = if empty.is_unit() {
        Array::new().into()
    } else {
        empty
    };
    answer::unwrap(endpoint, empty).map_err(|failure| door.fail(failure))
}
