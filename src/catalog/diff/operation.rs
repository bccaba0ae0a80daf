//! Compares the endpoints of the catalog with the operations of a document.

use std::collections::BTreeSet;

use serde_json::Value;

use super::compare::{Comparison, Side};
use super::document::{Content, Operation, operations};
use super::form::{Fields, Form, FormKind};
use super::report::{Change, Drift};
use crate::catalog::model::{Endpoint, Kind};
use crate::catalog::tables::endpoints;
use crate::report::Failure;

/// Returns what an OpenAPI document adds, removes or changes against the catalog.
///
/// An operation that has moved to another path is known by its operationId. Fails when the value
/// is no OpenAPI document of version 3, or grows without measure.
pub fn diff(spec: &Value) -> Result<Vec<Drift>, Failure> {
    let mut theirs = operations(spec)?;
    let mut drifts = Vec::new();
    for endpoint in endpoints() {
        let mut comparison = Comparison::new(endpoint.name);
        match counterpart(endpoint, &mut theirs) {
            Some(operation) => compare(&mut comparison, endpoint, &operation),
            None if endpoint.in_spec => {
                let what = format!(
                    "is gone: {}",
                    route(endpoint.method.as_str(), endpoint.path)
                );
                comparison.note(Change::Removed, "", what, true);
            }
            None => {}
        }
        drifts.extend(comparison.into_found());
    }
    drifts.extend(theirs.iter().map(added));
    Ok(drifts)
}

/// Takes the operation of an endpoint out of the document's: that of its route, or else of its id.
fn counterpart(endpoint: &Endpoint, theirs: &mut Vec<Operation>) -> Option<Operation> {
    let is_same = |operation: &Operation| is_route(endpoint, operation);
    let is_moved = |operation: &Operation| {
        let id = operation.id.as_deref();
        id == Some(endpoint.operation) && !endpoints().any(|other| is_route(other, operation))
    };
    let at = theirs.iter().position(is_same);
    let at = at.or_else(|| theirs.iter().position(is_moved));
    at.map(|at| theirs.remove(at))
}

fn is_route(endpoint: &Endpoint, operation: &Operation) -> bool {
    operation.method == endpoint.method && skeleton(&operation.path) == skeleton(endpoint.path)
}

fn route(method: &str, path: &str) -> String {
    format!("`{method} {path}`")
}

/// Returns a path without the names of its parameters, which never go over the wire.
fn skeleton(path: &str) -> String {
    let parts: Vec<_> = path
        .split('/')
        .map(|part| if part.starts_with('{') { "{}" } else { part })
        .collect();
    parts.join("/")
}

fn params(path: &str) -> impl Iterator<Item = &str> {
    let braced = path.split('/').map(|part| part.strip_prefix('{'));
    braced.flatten().filter_map(|part| part.strip_suffix('}'))
}

fn added(operation: &Operation) -> Drift {
    let id = operation.id.as_deref().unwrap_or("without operationId");
    Drift {
        endpoint: format!("{} {}", operation.method.as_str(), operation.path),
        kind: Change::Added,
        place: String::new(),
        what: format!("is a new operation: `{id}`"),
        breaking: false,
    }
}

fn compare(comparison: &mut Comparison, ours: &Endpoint, theirs: &Operation) {
    if !ours.in_spec {
        comparison.note(Change::Added, "", "is documented now", false);
    }
    compare_names(comparison, ours, theirs);
    compare_params(comparison, ours, theirs);
    comparison.fields("query", &Fields::of_query(ours.query), &theirs.query);
    for header in &theirs.headers {
        let what = "is a new required header";
        comparison.note(Change::Added, &format!("header.{header}"), what, true);
    }
    compare_body(comparison, ours, theirs.body.as_ref());
    comparison.turn(Side::Answer);
    // Where only failures are declared, nothing is said of success.
    if !theirs.status.is_empty() {
        compare_answer(comparison, ours, theirs);
        compare_numbers(comparison, "status", (ours.status, &theirs.status), true);
    }
    compare_numbers(comparison, "errors", (ours.errors, &theirs.errors), false);
}

fn compare_names(comparison: &mut Comparison, ours: &Endpoint, theirs: &Operation) {
    if !is_route(ours, theirs) {
        let now = route(theirs.method.as_str(), &theirs.path);
        comparison.changed("path", format!("has moved to {now}"), true);
    }
    if let Some(id) = theirs.id.as_deref().filter(|id| *id != ours.operation) {
        let what = format!("is `{id}`, not `{}`", ours.operation);
        comparison.changed("operation", what, true);
    }
    if ours.deprecated != theirs.deprecated {
        let what = if theirs.deprecated {
            "is deprecated now"
        } else {
            "is no longer deprecated"
        };
        comparison.changed("deprecated", what, false);
    }
}

/// Compares the parameters of the path by their order, but for the team, which the client fills in.
fn compare_params(comparison: &mut Comparison, ours: &Endpoint, theirs: &Operation) {
    let given: Vec<_> = ours.given_params().map(|param| param.name).collect();
    for (our, name) in ours.params.iter().zip(params(&theirs.path)) {
        // The vendor's document forgets to declare some parameters of its paths.
        let declared = theirs.params.get(name);
        if let Some(their) = declared.filter(|_| given.contains(&our.name)) {
            let place = format!("path.{}", our.name);
            comparison.form(&place, &Form::of(&our.shape), their);
        }
    }
}

/// Compares the bodies; of uploads and free-form messages the document may say nothing.
fn compare_body(comparison: &mut Comparison, ours: &Endpoint, theirs: Option<&Content>) {
    match (&ours.body, theirs) {
        (None, None) => {}
        (None, Some(theirs)) => {
            let what = format!("is new: {}", theirs.form.words());
            let fields = theirs.form.fields().unwrap_or_default();
            let is_needed = fields.named.values().any(|member| member.required);
            comparison.note(Change::Added, "body", what, is_needed);
        }
        (Some(body), None) if body.open || !ours.body_media.contains("json") => {}
        (Some(_), None) => comparison.note(Change::Removed, "body", "is gone", true),
        (Some(_), Some(theirs)) if ours.body_media != theirs.media => {
            let what = format!("is sent as `{}`, not `{}`", theirs.media, ours.body_media);
            comparison.changed("body", what, true);
        }
        (Some(ours), Some(theirs)) => {
            let ours = FormKind::Object(Fields::of(ours));
            comparison.form("body", &ours.into(), &theirs.form);
        }
    }
}

/// Only JSON is compared: the document says nothing of use about files.
fn compare_answer(comparison: &mut Comparison, ours: &Endpoint, theirs: &Operation) {
    if !ours.answer_media.contains("json") {
        return;
    }
    match (&ours.answer, &theirs.answer) {
        (Some(ours), Some(theirs)) => {
            comparison.form("answer", &Form::of(ours), &theirs.form);
        }
        (None, Some(theirs)) => {
            let what = format!("is new: {}", theirs.form.words());
            comparison.note(Change::Added, "answer", what, false);
        }
        (Some(ours), None) if !matches!(ours.kind, Kind::Any) => {
            comparison.note(Change::Removed, "answer", "is gone", true);
        }
        (_, None) => {}
    }
}

fn compare_numbers(
    comparison: &mut Comparison,
    place: &str,
    (ours, theirs): (&[u16], &BTreeSet<u16>),
    breaking: bool,
) {
    for status in theirs.iter().filter(|status| !ours.contains(status)) {
        comparison.note(
            Change::Added,
            place,
            format!("has a new one: {status}"),
            breaking,
        );
    }
    for status in ours.iter().filter(|status| !theirs.contains(status)) {
        comparison.note(
            Change::Removed,
            place,
            format!("has no {status} any more"),
            breaking,
        );
    }
}
