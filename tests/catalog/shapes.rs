//! Every shape at any depth: its pattern, its choices, its default, whether it is a secret.

use std::collections::BTreeSet;

use duvoscript::catalog::{Endpoint, Format, Kind, Object, Shape, check_value, is_secret};
use serde_json::Value;

use crate::{assert_all, unless};

#[test]
fn defaults_fit_their_fields() {
    assert_all(|entry| {
        let faults = entry.given_fields().filter_map(|field| {
            let mut value: Value = serde_json::from_str(field.default?).expect("JSON");
            check_value(&field.shape, &mut value, field.name).err()
        });
        faults.map(|fault| fault.to_string()).next()
    });
}

#[test]
fn patterns_can_be_read_and_choices_are_json() {
    assert_all(|entry| {
        let mut faults = Vec::new();
        walk(entry, &mut |name, shape| match &shape.kind {
            Kind::Text(of) => faults.extend(
                of.pattern
                    .filter(|of| !reads(of))
                    .map(|of| format!("{name}: {of}")),
            ),
            Kind::Map(_, pattern) => faults.extend(
                pattern
                    .filter(|of| !reads(of))
                    .map(|of| format!("{name}: {of}")),
            ),
            Kind::Choice(choices) => {
                let is_json = choices
                    .iter()
                    .all(|of| serde_json::from_str::<Value>(of).is_ok());
                let distinct: BTreeSet<_> = choices.iter().collect();
                if !is_json || distinct.len() != choices.len() || choices.is_empty() {
                    faults.push(format!("{name}: {choices:?}"));
                }
            }
            _ => {}
        });
        unless(faults.is_empty(), faults.join(", "))
    });
}

fn reads(pattern: &str) -> bool {
    regex_lite::Regex::new(pattern).is_ok()
}

#[test]
fn secrets_are_known_by_their_names() {
    assert_all(|entry| {
        let mut faults = Vec::new();
        walk(entry, &mut |name, shape| {
            let is_one = matches!(shape.kind, Kind::Text(of) if of.format == Format::Secret);
            if is_one && !is_secret(name) {
                faults.push(format!("`{name}` holds a secret and is not known for it"));
            }
            let sounds = ["password", "otp_secret", "client_secret"]
                .iter()
                .any(|word| name.ends_with(word));
            if sounds && matches!(shape.kind, Kind::Text(_)) && !is_one {
                faults.push(format!("`{name}` is no secret"));
            }
        });
        unless(faults.is_empty(), faults.join(", "))
    });
}

/// Calls `visit` with every field at any depth, and with every shape that no field holds.
fn walk(endpoint: &'static Endpoint, visit: &mut dyn FnMut(&str, &Shape)) {
    let lists = [endpoint.params, endpoint.query];
    for field in lists.into_iter().flatten() {
        walk_shape(field.name, &field.shape, visit);
    }
    if let Some(body) = &endpoint.body {
        walk_object(body, visit);
    }
    if let Some(answer) = &endpoint.answer {
        walk_shape("", answer, visit);
    }
}

fn walk_object(object: &Object, visit: &mut dyn FnMut(&str, &Shape)) {
    for field in object.fields {
        walk_shape(field.name, &field.shape, visit);
    }
}

fn walk_shape(name: &str, shape: &Shape, visit: &mut dyn FnMut(&str, &Shape)) {
    visit(name, shape);
    match &shape.kind {
        Kind::List(item, _) | Kind::Map(item, _) => walk_shape(name, item, visit),
        Kind::Object(object) => walk_object(object, visit),
        Kind::Union(shapes) => shapes
            .iter()
            .for_each(|shape| walk_shape(name, shape, visit)),
        _ => {}
    }
}
