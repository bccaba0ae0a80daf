//! Kills the scripts under test at every border of every effect, one death a pass, and demands that
//! each comes to the same result and has changed the same.

use super::case::{Diff, Fault, Pass, Terms, pass};
use super::find::TestFile;
use super::host::Trace;
use crate::report::{Problem, ProblemKind};

/// Where a script dies: which run of the test, at which border.
#[derive(Clone, Copy, Debug)]
pub(super) struct Death {
    pub(super) run: usize,
    /// From 1.
    pub(super) border: u64,
}

/// Passes through a test once for every death; `whole` is the pass without one.
///
/// Returns how many deaths there were, and the first fault.
pub(super) fn everywhere(
    file: &TestFile,
    test: &str,
    terms: &Terms,
    whole: &Pass,
) -> (u64, Option<Fault>) {
    let mut deaths = 0;
    for (run, trace) in whole.traces.iter().enumerate() {
        for border in 1..=trace.borders {
            deaths += 1;
            let died = pass(file, test, terms, Some(Death { run, border }));
            let place = format!(
                "killed at border {border} of {} of {} and taken up again",
                trace.borders, trace.script
            );
            if let Some(fault) = judge(&place, &whole.traces, died) {
                return (deaths, Some(fault));
            }
        }
    }
    (deaths, None)
}

fn judge(place: &str, whole: &[Trace], died: Pass) -> Option<Fault> {
    for (expected, seen) in whole.iter().zip(&died.traces) {
        if seen.outcome != expected.outcome {
            let what = format!("{place}, it ends otherwise");
            let lines = |text: &str| vec![text.to_owned()];
            return Some(fault(what, lines(&seen.outcome), lines(&expected.outcome)));
        }
        if seen.changes != expected.changes {
            let what = format!("{place}, it has changed something else");
            return Some(fault(what, seen.changes.clone(), expected.changes.clone()));
        }
    }
    died.fault.map(|mut fault| {
        fault.problem.causes.insert(0, place.to_owned());
        fault
    })
}

fn fault(what: String, seen: Vec<String>, expected: Vec<String>) -> Fault {
    let list = |lines: Vec<String>| lines.into_iter().map(parsed).collect();
    Fault {
        problem: Problem::new(ProblemKind::Test, what)
            .hint("what it does must follow from its input and from what the API answers"),
        sources: Vec::new(),
        diff: Some(Diff {
            seen: list(seen),
            expected: list(expected),
        }),
    }
}

/// What is JSON is shown as such.
fn parsed(text: String) -> serde_json::Value {
    serde_json::from_str(&text).unwrap_or_else(|_| text.into())
}
