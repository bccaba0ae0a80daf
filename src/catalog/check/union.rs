//! Judges a value that may be any of some shapes, and says which of them was meant when none fits.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::call::check_fields;
use super::fault::{Fault, Verdict, join, listed};
use super::value::{check_choice, check_value, wrong};
use crate::catalog::model::{Kind, Object, Shape};

/// Judges by the first member that fits; with none, tells the fault of the one that was meant.
pub(super) fn check_union(union: &Shape, shapes: &[Shape], value: &mut Value, at: &str) -> Verdict {
    for shape in shapes {
        let mut copy = value.clone();
        if check_value(shape, &mut copy, at).is_ok() {
            *value = copy;
            return Ok(());
        }
    }
    if let Value::Object(fields) = value {
        let objects: Vec<_> = shapes.iter().filter_map(object).collect();
        if let Some(fault) = meant(&objects, fields, at) {
            return Err(fault);
        }
    }
    if value.is_array() {
        let mut lists = shapes
            .iter()
            .filter(|shape| matches!(shape.kind, Kind::List(..)));
        if let (Some(only), None) = (lists.next(), lists.next()) {
            return check_value(only, value, at);
        }
    }
    Err(wrong(union, value, at))
}

fn object(shape: &Shape) -> Option<&'static Object> {
    match shape.kind {
        Kind::Object(object) => Some(object),
        _ => None,
    }
}

/// Returns the fault of the object that is meant: the only one, or the one that the telling field
/// (`type`, `kind`, …) names.
fn meant(objects: &[&Object], fields: &mut Map<String, Value>, at: &str) -> Option<Fault> {
    let [only] = objects else {
        return named(objects, fields, at);
    };
    fault_of(only, fields, at)
}

fn named(objects: &[&Object], fields: &mut Map<String, Value>, at: &str) -> Option<Fault> {
    let name = telling(objects)?;
    let here = join(at, name);
    let choices = objects
        .iter()
        .filter_map(|object| choices_of(object, name))
        .collect::<Vec<_>>()
        .concat();
    let Some(given) = fields.get_mut(name) else {
        let plain = choices.iter().map(|choice| choice.trim_matches('"'));
        let hint = format!("it is one of {}", listed(plain));
        return Some(Fault::new(&here, "is missing").hint(Some(hint)));
    };
    let text = given.to_string();
    let names = |object: &&&Object| {
        choices_of(object, name).is_some_and(|choices| choices.contains(&text.as_str()))
    };
    match objects.iter().find(names) {
        Some(object) => fault_of(object, fields, at),
        None => check_choice(&choices, given, &here).err(),
    }
}

fn fault_of(object: &Object, fields: &mut Map<String, Value>, at: &str) -> Option<Fault> {
    let known: Vec<_> = object.fields.iter().collect();
    check_fields(&known, object.open, fields, at).err()
}

/// Returns the first field that every object requires, and that has other values in each of them.
fn telling(objects: &[&Object]) -> Option<&'static str> {
    let names = objects.first()?.fields.iter().map(|field| field.name);
    names.into_iter().find(|name| {
        let all: Option<Vec<_>> = objects
            .iter()
            .map(|object| choices_of(object, name))
            .collect();
        all.is_some_and(|all| {
            let values = all.concat();
            let distinct: BTreeSet<_> = values.iter().collect();
            distinct.len() == values.len()
        })
    })
}

fn choices_of(object: &Object, name: &str) -> Option<&'static [&'static str]> {
    let field = object.fields.iter().find(|field| field.name == name)?;
    match field.shape.kind {
        Kind::Choice(choices) if field.required => Some(choices),
        _ => None,
    }
}
