//! How tests went, as JSON.

use serde_json::{Value, json};

use super::text;
use crate::testing::{Suite, Tested};

/// Returns how all tests went.
pub fn json(suite: &Suite) -> Value {
    let (passed, failed) = suite.counts();
    let mut told = json!({
        "passed": passed,
        "failed": failed,
        "skipped": suite.skipped,
        "seed": suite.seed,
        "seconds": suite.took.as_secs_f64(),
        "tests": suite.tests.iter().map(of_test).collect::<Vec<_>>(),
    });
    if let (Some(coverage), Some(fields)) = (&suite.coverage, told.as_object_mut()) {
        let files = coverage.files().into_iter().map(|(name, lines)| {
            let lines = lines.into_iter();
            let lines = lines.map(|(line, count)| (line.to_string(), count.into()));
            (name, Value::Object(lines.collect()))
        });
        fields.insert("coverage".into(), Value::Object(files.collect()));
    }
    told
}

fn of_test(test: &Tested) -> Value {
    let fault = test.fault.as_ref().map(|fault| {
        let at = fault.problem.at.as_ref();
        json!({
            "message": fault.problem.what,
            "source": at.map(|at| &at.source),
            "line": at.map(|at| at.line),
            "hints": fault.problem.hints,
            "seen": fault.diff.as_ref().map(|diff| &diff.seen),
            "expected": fault.diff.as_ref().map(|diff| &diff.expected),
            "script": fault.script,
            "shown": text::fault(test, false),
        })
    });
    json!({
        "file": test.file,
        "name": test.name,
        "line": test.line,
        "passed": test.fault.is_none(),
        "seconds": test.took.as_secs_f64(),
        "killed": test.deaths.all,
        "left_to_a_person": test.deaths.left,
        "printed": test.printed,
        "failure": fault,
    })
}
