//! Brings catalog shapes into the form that is compared.

use std::collections::BTreeMap;

use super::form::{Fields, Form, FormKind, Member, Rest, TextForm, length, number};
use crate::catalog::model::{Field, Format, Kind, Object, Shape, Text};

/// Deeper shapes are taken as `any`, so that one that holds itself ends.
const DEPTH: usize = 60;

impl Form {
    /// Returns the form of a catalog shape.
    pub(super) fn of(shape: &Shape) -> Self {
        form(shape, 0)
    }
}

impl Fields {
    /// Returns the fields of a catalog object.
    pub(super) fn of(object: &Object) -> Self {
        fields(object, 0)
    }

    /// Returns catalog fields that belong to no object: those of a query.
    pub(super) fn of_query(query: &[Field]) -> Self {
        let members = named(query, 0).into_iter();
        Self {
            named: members.map(|(name, of)| (name, of.in_query())).collect(),
            rest: Rest::Closed,
        }
    }
}

fn form(shape: &Shape, depth: usize) -> Form {
    if depth > DEPTH {
        return FormKind::Any.into();
    }
    let below = |shape: &Shape| form(shape, depth + 1);
    let kind = match &shape.kind {
        Kind::Any => FormKind::Any,
        Kind::Null => return Form::null(),
        Kind::Boolean => FormKind::Boolean,
        Kind::Integer(range) => FormKind::Integer(number(*range)),
        Kind::Number(range) => FormKind::Number(number(*range)),
        Kind::Text(of) => FormKind::Text(text(of)),
        Kind::Choice(values) => {
            FormKind::Choice(values.iter().map(|value| (*value).to_owned()).collect())
        }
        Kind::File => FormKind::File,
        Kind::List(item, range) => {
            FormKind::List(Box::new(below(item)), length(range.min, range.max))
        }
        Kind::Map(item, _) => FormKind::Object(Fields {
            rest: Rest::Open(Box::new(below(item))),
            ..Fields::default()
        }),
        Kind::Object(object) => FormKind::Object(fields(object, depth + 1)),
        Kind::Union(shapes) => FormKind::Union(shapes.iter().map(below).collect()),
    };
    Form::any_of(vec![Form {
        kind,
        nullable: shape.nullable,
    }])
}

fn text(of: &Text) -> TextForm {
    let (format, min) = match of.format {
        Format::Path => (Format::Plain, of.length.min.or(Some(1.0))),
        Format::Secret => (Format::Plain, of.length.min),
        format => (format, of.length.min),
    };
    TextForm {
        format,
        length: length(min, of.length.max),
        pattern: of.pattern.map(str::to_owned),
    }
}

fn fields(object: &Object, depth: usize) -> Fields {
    let rest = if object.open {
        Rest::Open(Box::new(FormKind::Any.into()))
    } else {
        Rest::Closed
    };
    Fields {
        named: named(object.fields, depth),
        rest,
    }
}

fn named(fields: &[Field], depth: usize) -> BTreeMap<String, Member> {
    let pairs = fields
        .iter()
        .map(|field| (field.name.to_owned(), member(field, depth)));
    pairs.collect()
}

fn member(field: &Field, depth: usize) -> Member {
    Member {
        required: field.required,
        form: form(&field.shape, depth),
        default: field.default.map(str::to_owned),
    }
}
