//! From the answer of the API to the one result a script wants.
//!
//! Values are moved, never cloned: an answer may hold thousands of items.

use rhai::{Array, Dynamic, Map};

use crate::catalog::{Endpoint, Kind, NullMeans, Shape};
use crate::report::{Failure, FailureKind};

/// Takes the result out of its envelope; what stands beside it comes along.
pub(in crate::script) fn unwrap(endpoint: &Endpoint, answer: Dynamic) -> Result<Dynamic, Failure> {
    let mut envelope = match answer.try_cast_result::<Map>() {
        Ok(envelope) => envelope,
        Err(other) if endpoint.resource.is_none() => return Ok(other),
        Err(_) => return Err(broken(endpoint, "is no map")),
    };
    add_count(endpoint, &mut envelope);
    let Some(key) = endpoint.resource else {
        return Ok(envelope.into());
    };
    let Some(resource) = envelope.remove(key) else {
        return Err(broken(endpoint, &format!("has no `{key}`")));
    };
    if resource.is_unit() {
        return match endpoint.null {
            NullMeans::Missing => Err(missing(endpoint)),
            NullMeans::None | NullMeans::Nothing => Ok(Dynamic::UNIT),
        };
    }
    Ok(match resource.try_cast_result::<Map>() {
        Ok(mut resource) => {
            for (name, value) in envelope {
                resource.entry(name).or_insert(value);
            }
            resource.into()
        }
        Err(other) => other,
    })
}

fn add_count(endpoint: &Endpoint, envelope: &mut Map) {
    let count = endpoint.count.iter().find_map(|name| envelope.get(*name));
    if let Some(count) = count.cloned() {
        envelope.entry("count".into()).or_insert(count);
    }
}

fn broken(endpoint: &Endpoint, what: &str) -> Failure {
    Failure::new(FailureKind::Protocol, format!("the answer {what}")).at(endpoint.name)
}

fn missing(endpoint: &Endpoint) -> Failure {
    let mut failure = Failure::new(FailureKind::NotFound, "it is gone").at(endpoint.name);
    failure.status = Some(404);
    failure
}

/// Adds the result of a further batch: lists grow, numbers add up, `true` needs all of them.
pub(super) fn merge(into: &mut Dynamic, more: Dynamic) {
    if let Some(mut list) = into.write_lock::<Array>() {
        match more.try_cast_result::<Array>() {
            Ok(mut more) => list.append(&mut more),
            Err(other) => list.push(other),
        }
        return;
    }
    if let Some(mut map) = into.write_lock::<Map>() {
        if let Ok(more) = more.try_cast_result::<Map>() {
            for (name, value) in more {
                match map.get_mut(&name) {
                    Some(old) => merge(old, value),
                    None => _ = map.insert(name, value),
                }
            }
        }
        return;
    }
    *into = match (into.as_int(), more.as_int(), into.as_bool(), more.as_bool()) {
        (Ok(a), Ok(b), ..) => a.saturating_add(b).into(),
        (_, _, Ok(a), Ok(b)) => (a && b).into(),
        _ => match (into.as_float(), more.as_float()) {
            (Ok(a), Ok(b)) => (a + b).into(),
            _ => more,
        },
    };
}

/// Returns the answer to "do this with none": empty lists, zeros, and `true`.
pub(super) fn empty(shape: &Shape) -> Dynamic {
    match &shape.kind {
        Kind::List(..) => Array::new().into(),
        Kind::Integer(_) | Kind::Number(_) => Dynamic::ZERO,
        Kind::Boolean | Kind::Choice(["true"]) => Dynamic::TRUE,
        Kind::Object(object) => {
            let required = object.fields.iter().filter(|field| field.required);
            let fields = required.map(|field| (field.name.into(), empty(&field.shape)));
            fields.collect::<Map>().into()
        }
        Kind::Any
        | Kind::Null
        | Kind::Text(_)
        | Kind::Choice(_)
        | Kind::File
        | Kind::Map(..)
        | Kind::Union(_) => Dynamic::UNIT,
    }
}
