//! Kills the scripts under test at every border of every effect, one death a pass, and demands that
//! each comes to the same result and has changed the same.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use super::case::{Diff, Fault, Pass, Terms, pass};
use super::find::{Test, TestFile};
use super::ground::lock;
use super::host::Trace;
use crate::report::{Problem, ProblemKind};

/// Where a script dies: which run of the test, at which border.
#[derive(Clone, Copy, Debug)]
pub(super) struct Death {
    pub(super) run: usize,
    /// From 1.
    pub(super) border: u64,
}

/// How often scripts died in a test.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deaths {
    /// How often in all.
    pub all: usize,
    /// How often the run stopped afterwards, as uncertain, for a person to decide.
    pub left: usize,
}

/// Passes through a test once for every death; `whole` is the pass without one.
///
/// Returns how many deaths there were, how many of them left a person to decide, and the first fault.
pub(super) fn everywhere(
    file: &TestFile,
    test: &Test,
    terms: &Terms,
    whole: &Pass,
) -> (Deaths, Option<Fault>) {
    let traces = whole.traces.iter().enumerate();
    let deaths: Vec<Death> = traces
        .flat_map(|(run, trace)| (1..=trace.borders).map(move |border| Death { run, border }))
        .collect();
    let (next, first) = (AtomicUsize::new(0), Mutex::new(None::<(usize, Fault)>));
    let left = AtomicUsize::new(0);
    let work = || {
        // One fault is enough; the first one counts, whichever comes first here.
        while lock(&first).is_none() {
            let at = next.fetch_add(1, Relaxed);
            let Some(death) = deaths.get(at) else { break };
            let died = pass(file, test, terms, Some(*death));
            if is_left_to_a_person(&whole.traces, &died.traces, death.run) {
                left.fetch_add(1, Relaxed);
            } else if let Some(fault) = judge(&place(whole, *death), &whole.traces, died) {
                let mut first = lock(&first);
                if first.as_ref().is_none_or(|(earlier, _)| at < *earlier) {
                    *first = Some((at, fault));
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..terms.jobs.min(deaths.len()) {
            scope.spawn(work);
        }
    });
    let deaths = Deaths {
        all: next.into_inner().min(deaths.len()),
        left: left.into_inner(),
    };
    let fault = first.into_inner().unwrap_or_else(PoisonError::into_inner);
    (deaths, fault.map(|(_, fault)| fault))
}

fn place(whole: &Pass, death: Death) -> String {
    let trace = whole.traces.get(death.run);
    let (script, borders) = trace.map_or(("a script", 0), |trace| {
        (trace.script.as_str(), trace.borders)
    });
    format!(
        "killed at border {} of {borders} of {script} and taken up again",
        death.border
    )
}

/// Returns whether a run stopped as it must: what it had cut off was made, nobody can look it up, and
/// it has changed nothing that it would not have changed alive.
fn is_left_to_a_person(whole: &[Trace], died: &[Trace], run: usize) -> bool {
    let (Some(whole), Some(died)) = (whole.get(run), died.get(run)) else {
        return false;
    };
    let mut others = whole.changes.clone();
    let was_due = |change: &String| {
        let at = others.iter().position(|other| other == change);
        at.map(|at| others.swap_remove(at)).is_some()
    };
    died.is_uncertain && !whole.is_uncertain && died.changes.iter().all(was_due)
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
        script: None,
    }
}

/// What is JSON is shown as such.
fn parsed(text: String) -> serde_json::Value {
    serde_json::from_str(&text).unwrap_or_else(|_| text.into())
}
