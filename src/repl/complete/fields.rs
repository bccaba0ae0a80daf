//! What the catalog says of an argument: its fields, and the shape of a value in it.

use crate::catalog::{Endpoint, Field, Kind, Shape};
use crate::repl::read::{Argument, Step};

/// What the catalog says of a place in an argument.
#[derive(Clone, Copy, Debug)]
pub(super) enum Known {
    /// It is one of the fields of a map.
    Fields(&'static [Field]),
    /// It is a value of this shape; the name is that of its field.
    Value(&'static str, &'static Shape),
}

/// Returns what the catalog says of the place in a call of an endpoint; several where a map is made of
/// query and body.
pub(super) fn known(endpoint: &'static Endpoint, argument: &Argument) -> Vec<Known> {
    let ids = endpoint.given_params().count();
    if argument.index < ids {
        let param = endpoint.given_params().nth(argument.index);
        return param
            .filter(|_| argument.steps.is_empty())
            .map(|param| Known::Value(param.name, &param.shape))
            .into_iter()
            .collect();
    }
    let body = endpoint.body.as_ref().map_or(&[][..], |body| body.fields);
    match argument.steps.split_first() {
        Some((Step::Map, [])) => vec![Known::Fields(endpoint.query), Known::Fields(body)],
        Some((Step::Key(key), rest)) => {
            let named = |field: &&'static Field| field.name == key;
            let field = endpoint.query.iter().chain(body).find(named);
            field.map_or_else(Vec::new, |field| inside(field.name, &field.shape, rest))
        }
        _ => Vec::new(),
    }
}

fn inside(name: &'static str, shape: &'static Shape, steps: &[Step]) -> Vec<Known> {
    if let Kind::Union(shapes) = &shape.kind {
        let each = shapes.iter().flat_map(|shape| inside(name, shape, steps));
        return each.collect();
    }
    match (steps.split_first(), &shape.kind) {
        (None, _) => vec![Known::Value(name, shape)],
        (Some((Step::Item, rest)), Kind::List(item, _))
        | (Some((Step::Key(_), rest)), Kind::Map(item, _)) => inside(name, item, rest),
        (Some((Step::Map, [])), Kind::Object(object)) => vec![Known::Fields(object.fields)],
        (Some((Step::Key(key), rest)), Kind::Object(object)) => {
            let field = object.fields.iter().find(|field| field.name == key);
            field.map_or_else(Vec::new, |field| inside(field.name, &field.shape, rest))
        }
        _ => Vec::new(),
    }
}
