//! The text of a script: checked, and run on the simulator with what its arguments default to.

use std::slice;

use duvoscript::check::Checker;
use duvoscript::script::{Script, Source, standard_module};
use duvoscript::simulator::Scenario;

use super::sound::{assert_ended_well, assert_sound};
use super::world;

/// Checks and runs a script.
pub fn fuzz(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else {
        return;
    };
    let source = Source {
        name: "fuzzed.rhai".into(),
        text: text.into(),
    };
    check(&source);
    match Script::load(source.clone()) {
        Ok(script) => run(&script),
        Err(problem) => assert_sound(&problem, &[source]),
    }
}

fn check(source: &Source) {
    let find = |_: &str, path: &str| standard_module(path);
    let found = Checker::new(&find).check(slice::from_ref(source)).unwrap();
    for finding in found.iter().flatten() {
        assert_sound(&finding.problem(), slice::from_ref(source));
    }
}

fn run(script: &Script) {
    if let Ok(arguments) = script.header().arguments(&[], &|_| None) {
        assert_ended_well(&world::run(script, &arguments, Scenario::company()));
    }
}
