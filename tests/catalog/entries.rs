//! What every entry says of itself: its name, its route, its sentence, its statuses.

use std::collections::BTreeSet;
use std::fmt::Debug;

use duvoscript::catalog::{
    Endpoint, Method, Repeat, by_name, by_operation, endpoints, match_path, sections,
};
use serde_json::Value;

use crate::{assert_all, unless};

#[test]
fn it_has_all_endpoints() {
    assert_eq!(endpoints().count(), 224);
    assert_eq!(endpoints().filter(|entry| entry.in_guide).count(), 144);
    assert_eq!(endpoints().filter(|entry| entry.in_spec).count(), 213);
    assert_all(|entry| unless(entry.in_guide || entry.in_spec, "stands nowhere"));
}

#[test]
fn names_operations_and_routes_are_unique() {
    assert_unique("the name", |entry| entry.name);
    assert_unique("the operation", |entry| entry.operation);
    assert_unique("the route", |entry| (entry.method, entry.path));
}

#[test]
fn names_are_words_of_a_script() {
    let is_word = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
    };
    assert_all(|entry| {
        let whole = format!("{}.{}", entry.section, entry.verb);
        let fits = entry.name == whole && is_word(entry.section) && is_word(entry.verb);
        unless(fits, "its name is no `section.verb` in small letters")
    });
    assert_all(|entry| {
        let found = by_name(entry.name).zip(by_operation(entry.operation));
        let is_same = found.is_some_and(|(name, operation)| name.name == operation.name);
        unless(is_same, "is not found by its name and its operation")
    });
}

#[test]
fn names_are_no_keywords_of_the_language() {
    let engine = rhai::Engine::new_raw();
    assert_all(|entry| {
        let script = format!("duvo::{}::{}()", entry.section, entry.verb);
        let fault = engine.compile(script).err()?;
        Some(fault.to_string())
    });
}

#[test]
fn docs_are_one_sentence() {
    assert_all(|entry| {
        let doc = entry.doc.trim();
        let is_one = doc.ends_with('.') && !doc.trim_end_matches('.').contains(". ");
        let starts = doc.starts_with(char::is_uppercase);
        unless(
            is_one && starts && doc == entry.doc,
            format!("`{doc}` is not one sentence"),
        )
    });
    for section in sections() {
        assert!(section.doc.ends_with('.'), "{}", section.name);
        assert!(!section.endpoints.is_empty(), "{}", section.name);
    }
}

#[test]
fn repeats_fit_their_methods() {
    assert_all(|entry| {
        let fits = match entry.method {
            Method::Get => entry.repeat == Repeat::Read,
            Method::Put | Method::Delete => entry.repeat != Repeat::Read,
            Method::Post | Method::Patch => true,
        };
        unless(
            fits,
            format!("{:?} cannot be {:?}", entry.method, entry.repeat),
        )
    });
    assert_all(|entry| {
        let reads = entry.repeat == Repeat::Read;
        unless(!(reads && entry.destructive), "reads and destroys")
    });
    assert_all(|entry| {
        let clears = ["delete", "clear", "remove_all"]
            .iter()
            .any(|verb| entry.verb.starts_with(verb));
        unless(
            !clears || entry.destructive,
            "deletes, and is not destructive",
        )
    });
}

#[test]
fn statuses_are_what_they_are_called() {
    assert_all(|entry| {
        let is_success =
            !entry.status.is_empty() && entry.status.iter().all(|it| (200..300).contains(it));
        unless(is_success, "a success is none")
    });
    assert_all(|entry| {
        let is_failure = entry.errors.iter().all(|it| (400..600).contains(it));
        unless(is_failure, "a failure is none")
    });
    assert_all(|entry| {
        let is_empty = entry.status == [204];
        unless(
            is_empty == entry.answer.is_none(),
            "204 and only 204 answers nothing",
        )
    });
}

#[test]
fn life_cycles_end() {
    for cycle in sections().iter().flat_map(|section| section.life_cycles) {
        let parts = [cycle.terminal, cycle.waiting, cycle.resumable].concat();
        let unknown: Vec<_> = parts
            .iter()
            .filter(|state| !cycle.known.contains(state))
            .collect();
        assert!(unknown.is_empty(), "{}: {unknown:?}", cycle.of);
        assert!(!cycle.terminal.is_empty(), "{} never ends", cycle.of);
        let both = cycle
            .waiting
            .iter()
            .find(|state| cycle.terminal.contains(state));
        assert!(both.is_none(), "{}: {both:?} waits and ends", cycle.of);
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "tests have no other reader of the environment"
)]
fn every_documented_operation_is_there_under_its_id() {
    let Some(file) = std::env::var_os("DUVO_OPENAPI") else {
        println!("skipped: DUVO_OPENAPI does not name the vendor's OpenAPI document");
        return;
    };
    let text = std::fs::read_to_string(file).expect("the file that DUVO_OPENAPI names");
    let spec: Value = serde_json::from_str(&text).expect("a JSON document");
    let mut count = 0;
    for (path, item) in spec["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let Some(method) = Method::of(method) else {
                continue;
            };
            count += 1;
            let path = path.replace("{*}", "a/b").replace(['{', '}'], "");
            let found = match_path(method, &path).unwrap_or_else(|| panic!("no {method:?} {path}"));
            if let Some(id) = operation["operationId"].as_str() {
                assert_eq!(
                    by_operation(id).map(|entry| entry.name),
                    Some(found.name),
                    "{id}"
                );
            }
        }
    }
    assert_eq!(count, endpoints().filter(|entry| entry.in_spec).count());
}

fn assert_unique<T: Ord + Debug>(what: &str, of: impl Fn(&'static Endpoint) -> T) {
    let mut seen = BTreeSet::new();
    for endpoint in endpoints() {
        let key = of(endpoint);
        assert!(!seen.contains(&key), "two endpoints with {what} {key:?}");
        seen.insert(key);
    }
}
