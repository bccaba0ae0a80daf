//! Answers that are lost after the change was made: exactly one effect, or `uncertain`; never two.

use serde_json::json;

use crate::kills::{CASES, Unbroken};
use crate::world::{Case, World, result};

/// Has the n-th mutation of an endpoint done, and its answer lost.
fn lose(world: &World, endpoint: &str, nth: usize) {
    let rule = json!({ "endpoint": endpoint, "kind": "reset_after", "nth": nth, "times": 1 });
    world.control("POST", "faults", &json!([rule]));
}

/// Returns the mutations of a run that nobody disturbs, in order.
fn endpoints(case: &Case) -> Vec<String> {
    let world = World::new(case);
    world.start(case, "");
    let ledger = world.simulator.ledger();
    let entries = ledger.as_array().unwrap().iter();
    entries
        .map(|entry| entry["endpoint"].as_str().unwrap().to_owned())
        .collect()
}

fn each_answer_lost(case: &Case) {
    let unbroken = Unbroken::of(case);
    let names = endpoints(case);
    let mut uncertain = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let nth = names[..=index]
            .iter()
            .filter(|other| *other == name)
            .count();
        let world = World::new(case);
        lose(&world, name, nth);
        let output = world.start(case, "");
        let told = format!("{}: the answer of {name} {nth} was lost", case.name);
        if output.status.code() == Some(7) {
            uncertain.push(name.clone());
            let done = world.mutations();
            let is_once = done.iter().all(|one| {
                let count = |list: &[String]| list.iter().filter(|other| *other == one).count();
                count(&done) <= count(&unbroken.mutations)
            });
            assert!(is_once, "{told}: {done:?}");
            continue;
        }
        assert_eq!(world.mutations(), unbroken.mutations, "{told}");
        assert_eq!(result(&output), unbroken.result, "{told}");
    }
    assert!(
        uncertain.len() * 2 < names.len(),
        "most lost answers should be found again: {uncertain:?} of {names:?}"
    );
}

#[test]
fn lost_answers_of_branches() {
    each_answer_lost(&CASES[0]);
}

#[test]
fn lost_answers_of_people() {
    each_answer_lost(&CASES[1]);
}

#[test]
fn lost_answers_of_a_whole_workflow() {
    each_answer_lost(&CASES[2]);
}
