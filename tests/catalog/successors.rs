//! Old endpoints: what follows them is there and takes their calls.

use duvoscript::catalog::{Endpoint, by_name, check_call};
use serde_json::Map;

use crate::{assert_all, field, full_call, result, unless};

#[test]
fn successors_are_there_and_do_not_go_on() {
    assert_all(|entry| {
        let next = by_name(entry.successor.as_ref()?.name)?;
        let goes_on = next.successor.is_some() || next.deprecated;
        unless(!goes_on, "its successor is itself old")
    });
    assert_all(|entry| {
        let next = entry.successor.as_ref()?;
        unless(
            entry.deprecated && by_name(next.name).is_some(),
            "its successor is unknown, or it is not deprecated",
        )
    });
    assert_all(|entry| {
        let is_reachable = entry.in_spec || entry.successor.is_some();
        unless(is_reachable, "is in no document, and nothing follows it")
    });
}

#[test]
fn successors_have_what_is_mapped_to_them() {
    let has = |entry: &Endpoint, name: &str| {
        entry
            .given_params()
            .chain(entry.given_fields())
            .any(|field| field.name == name)
    };
    let answers = |entry: &Endpoint, name: &str| {
        entry.answer.is_none_or(|answer| {
            field(&answer, name).is_some()
                || result(entry).is_some_and(|of| field(&of, name).is_some())
        })
    };
    assert_all(|entry| {
        let next = entry.successor.as_ref()?;
        let newer = by_name(next.name)?;
        let mut faults = Vec::new();
        for (name, _) in next.set {
            faults.extend(unless(has(newer, name), format!("sets `{name}`")));
        }
        for (old, new) in next.rename {
            let known = has(entry, old) && has(newer, new);
            faults.extend(unless(known, format!("renames `{old}` to `{new}`")));
        }
        for name in next.drop {
            faults.extend(unless(has(entry, name), format!("drops `{name}`")));
        }
        for (new, old) in next.answer {
            let known = answers(newer, new) && answers(entry, old);
            faults.extend(unless(known, format!("answers `{new}` for `{old}`")));
        }
        unless(faults.is_empty(), faults.join(", "))
    });
}

#[test]
fn a_call_that_goes_on_to_its_successor_is_right() {
    assert_all(|entry| {
        let old = full_call(entry);
        let Some(mut next) = old.succeeded() else {
            return unless(entry.successor.is_none(), "does not go on");
        };
        let fault = check_call(next.endpoint, &next.path, &mut next.fields).err();
        fault.map(|fault| format!("{} refuses: {fault}", next.endpoint.name))
    });
    assert_all(|entry| {
        let mut bare = full_call(entry);
        let needed = |name: &str| {
            entry
                .given_fields()
                .any(|field| field.name == name && field.required)
        };
        bare.fields = bare
            .fields
            .into_iter()
            .filter(|(name, _)| needed(name))
            .collect::<Map<_, _>>();
        let mut next = bare.succeeded()?;
        let fault = check_call(next.endpoint, &next.path, &mut next.fields).err();
        fault.map(|fault| format!("{} refuses: {fault}", next.endpoint.name))
    });
}
