//! The rules that every entry of the catalog keeps, and that its parts fit each other.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod calls;
mod entries;
mod keys;
mod recoveries;
mod sample;
mod shapes;
mod successors;

use duvoscript::catalog::{Call, Endpoint, Field, Kind, Shape, endpoints};

/// Collects the entries that break a rule, so that one run of a test shows them all.
fn assert_all(broken: impl Fn(&'static Endpoint) -> Option<String>) {
    let faults: Vec<_> = endpoints()
        .filter_map(|endpoint| Some(format!("{}: {}", endpoint.name, broken(endpoint)?)))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Returns a fault where a rule does not hold.
fn unless(holds: bool, fault: impl Into<String>) -> Option<String> {
    (!holds).then(|| fault.into())
}

/// Returns the fields of an object, or of all the objects of a union.
fn fields_of(shape: &Shape) -> Vec<&'static Field> {
    match shape.kind {
        Kind::Object(object) => object.fields.iter().collect(),
        Kind::Union(shapes) => shapes.iter().flat_map(fields_of).collect(),
        _ => Vec::new(),
    }
}

fn field(shape: &Shape, name: &str) -> Option<&'static Field> {
    fields_of(shape)
        .into_iter()
        .find(|field| field.name == name)
}

/// Returns the shape of the one result, or of the items of the list.
fn result(endpoint: &Endpoint) -> Option<Shape> {
    let answer = endpoint.answer?;
    let inner = match endpoint.list.or(endpoint.resource) {
        None | Some(".") => answer,
        Some(key) => field(&answer, key)?.shape,
    };
    match inner.kind {
        Kind::List(item, _) => Some(*item),
        _ => Some(inner),
    }
}

/// Returns a call of an endpoint with all its parameters and fields.
fn full_call(endpoint: &'static Endpoint) -> Call {
    let path = endpoint
        .given_params()
        .map(|param| match &param.shape.kind {
            Kind::Text(of) => sample::text(of),
            _ => sample::value(&param.shape).as_str().unwrap().to_owned(),
        });
    let mut fields = sample::fields(endpoint.query);
    fields.extend(sample::fields(
        endpoint.body.map_or(&[], |body| body.fields),
    ));
    Call {
        endpoint,
        path: path.collect(),
        fields,
    }
}
