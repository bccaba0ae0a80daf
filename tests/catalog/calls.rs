//! Calls of every endpoint, with all their parameters and fields.

use std::collections::BTreeMap;

use duvoscript::catalog::{Field, Format, Kind, check_call, check_value, match_path};

use crate::{assert_all, full_call, sample, unless};

#[test]
fn no_field_could_be_meant_for_two_places() {
    assert_all(|entry| {
        let mut seen = BTreeMap::new();
        for field in entry.given_params().chain(entry.given_fields()) {
            *seen.entry(field.name).or_insert(0) += 1;
        }
        let twice: Vec<_> = seen.iter().filter(|(_, count)| **count > 1).collect();
        unless(twice.is_empty(), format!("{twice:?}"))
    });
}

#[test]
fn path_parameters_are_those_of_the_path() {
    assert_all(|entry| {
        let named: Vec<_> = entry
            .path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .collect();
        let known: Vec<_> = entry.params.iter().map(|param| param.name).collect();
        unless(
            named == known && entry.path.starts_with("/v2/"),
            format!("{named:?} {known:?}"),
        )
    });
    assert_all(|entry| {
        let wild =
            |field: &Field| matches!(field.shape.kind, Kind::Text(of) if of.format == Format::Path);
        let fits = entry
            .params
            .iter()
            .all(|param| wild(param) == (param.name == "path"));
        let is_last = entry
            .path
            .find("{path}")
            .is_none_or(|at| entry.path[at..].len() == 6);
        unless(
            fits && is_last,
            "`{path}` is the rest of a path, and nothing else is",
        )
    });
}

#[test]
fn every_endpoint_is_found_by_its_path() {
    assert_all(|entry| {
        let path = full_call(entry).path("0b9d4b0e-6a4e-4c1c-9a39-3f4f3f0c8a55");
        let found = match_path(entry.method, &path)?;
        unless(
            found.name == entry.name,
            format!("`{path}` finds {}", found.name),
        )
    });
    assert_all(|entry| {
        let path = full_call(entry).path("team");
        unless(
            match_path(entry.method, &path).is_some(),
            format!("`{path}` finds nothing"),
        )
    });
}

#[test]
fn a_full_call_of_every_endpoint_is_right() {
    assert_all(|entry| {
        let mut call = full_call(entry);
        let fault = check_call(entry, &call.path, &mut call.fields).err()?;
        Some(fault.to_string())
    });
    assert_all(|entry| {
        let answer = entry.answer?;
        check_value(&answer, &mut sample::value(&answer), "answer")
            .err()
            .map(|fault| fault.to_string())
    });
}
