//! Keys that point into an answer or a body: what they name is there and of the right kind.

use duvoscript::catalog::{Endpoint, Field, Kind, Paging};

use crate::{assert_all, field, fields_of, result, unless};

/// Counts the lists in the answer of an endpoint that is named after what it lists.
fn lists(endpoint: &Endpoint) -> usize {
    let named = endpoint
        .answer
        .filter(|_| endpoint.verb.starts_with("list"));
    let fields = named.map_or_else(Vec::new, |answer| fields_of(&answer));
    let is_list = |field: &&&Field| matches!(field.shape.kind, Kind::List(..));
    fields.iter().filter(is_list).count()
}

#[test]
fn lists_are_named_so_and_are_lists() {
    assert_all(|entry| {
        let is_named = entry.verb.starts_with("list") || entry.verb.starts_with("search");
        let is_list = entry.list.is_some() || lists(entry) > 1;
        unless(is_named == is_list, "the verb and `list` disagree")
    });
    assert_all(|entry| {
        let list = match (entry.list?, entry.answer?) {
            (".", answer) => Some(answer),
            (key, answer) => field(&answer, key).map(|field| field.shape),
        };
        let is_list = list.is_some_and(|shape| matches!(shape.kind, Kind::List(..)));
        unless(is_list, "`list` names no list of the answer")
    });
}

#[test]
fn keys_name_fields_that_are_there() {
    let in_answer = |entry: &Endpoint, name: &str| {
        entry
            .answer
            .is_some_and(|answer| field(&answer, name).is_some())
    };
    let in_body = |entry: &Endpoint, name: &str| {
        let mut fields = entry.body.iter().flat_map(|body| body.fields);
        fields.any(|field| field.name == name)
    };
    assert_all(|entry| {
        unless(
            in_answer(entry, entry.resource?),
            "`resource` names no field",
        )
    });
    assert_all(|entry| {
        unless(
            in_body(entry, entry.shorthand?),
            "`shorthand` names no field",
        )
    });
    assert_all(|entry| {
        let signed = entry.signed?;
        let found = in_answer(entry, signed)
            || result(entry).is_some_and(|shape| field(&shape, signed).is_some());
        unless(found, "`signed` names no field")
    });
    assert_all(|entry| {
        let found = entry.count.iter().any(|name| in_answer(entry, name));
        unless(entry.count.is_empty() || found, "`count` names no field")
    });
}

#[test]
fn chunks_are_lists_with_a_maximum() {
    assert_all(|entry| {
        let name = entry.chunk?;
        let mut fields = entry.body.iter().flat_map(|body| body.fields);
        let chunk = fields.find(|field| field.name == name)?;
        let is_cut = matches!(chunk.shape.kind, Kind::List(_, range) if range.max.is_some());
        unless(is_cut, "`chunk` names no list with a maximum")
    });
    assert_all(|entry| {
        let name = entry.chunk?;
        let body = entry.body?;
        let known = body.fields.iter().any(|field| field.name == name);
        unless(known, "`chunk` names no field of the body")
    });
}

#[test]
fn found_and_shown_fields_are_those_of_the_result() {
    assert_all(|entry| {
        let shape = result(entry)?;
        let is_open = fields_of(&shape).is_empty();
        let missing = entry.columns.iter().chain(entry.find.as_ref());
        let missing: Vec<_> = missing
            .filter(|name| field(&shape, name).is_none())
            .collect();
        unless(
            is_open || missing.is_empty(),
            format!("no such fields: {missing:?}"),
        )
    });
    assert_all(|entry| {
        let is_bare = entry.find.is_none() || entry.list.is_some();
        unless(is_bare, "`find` stands on what is no list")
    });
}

#[test]
fn paging_has_its_fields() {
    let has = |entry: &Endpoint, name: &str| entry.given_fields().any(|field| field.name == name);
    assert_all(|entry| {
        let wanted: &[&str] = match entry.paging {
            Paging::None => &[],
            Paging::Offset { .. } => &["limit", "offset"],
            Paging::Before { .. } => &["limit", "before"],
        };
        let missing: Vec<_> = wanted.iter().filter(|name| !has(entry, name)).collect();
        unless(
            missing.is_empty(),
            format!("cannot page without {missing:?}"),
        )
    });
    assert_all(|entry| {
        let max = match entry.paging {
            Paging::None => return None,
            Paging::Offset { max, default } => {
                return unless(
                    default <= max && default > 0,
                    "the default page is too large",
                );
            }
            Paging::Before { max } => max,
        };
        unless(max > 0, "the largest page is empty")
    });
    assert_all(|entry| {
        let is_listed = entry.paging == Paging::None || entry.list.is_some();
        unless(is_listed, "pages without a list")
    });
}
