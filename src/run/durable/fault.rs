//! How a durable run can stop, in words.

use jiff::Timestamp;
use serde_json::Value;

use super::describe::Description;
use crate::journal::{JournalError, StepRow};
use crate::report::{Failure, FailureKind, Problem, ProblemKind};
use crate::run::port::{Divergence, Stop};
use crate::script::{Step, StepKey, Uncertain};

/// The journal could not be read or written.
pub(super) fn broken(error: JournalError) -> Stop {
    Stop::Broken(Box::new(error.into()))
}

/// A recorded outcome is none that this program can read.
pub(super) fn unreadable(step: &StepKey) -> Stop {
    let what = format!("the recorded outcome of step `{}` cannot be read", step.0);
    let problem = Problem::new(ProblemKind::Journal, what);
    Stop::Broken(Box::new(problem.hint("duvoscript doctor")))
}

/// The driver waits although nothing is under way.
pub(in crate::run) fn nothing_to_wait_for() -> Stop {
    let problem = Problem::new(ProblemKind::Bug, "the run waits for nothing");
    Stop::Broken(Box::new(problem))
}

/// The script asks for something else than the record says.
pub(super) fn diverged(step: &Step, row: &StepRow, told: &Description) -> Stop {
    Stop::Diverged(Box::new(Divergence {
        step: step.key.clone(),
        site: step.site.clone(),
        recorded: recorded(row),
        asked: shown(told.kind, &told.name, &told.request),
    }))
}

/// Returns what a recorded step asked for, in one line.
pub(super) fn recorded(row: &StepRow) -> String {
    let request = serde_json::from_str(&row.request).unwrap_or(Value::Null);
    shown(&row.kind, &row.name, &request)
}

/// Returns a request in one line: `jobs.start {"agent_id":…}`.
fn shown(kind: &str, name: &str, request: &Value) -> String {
    let request = match request.get("fields") {
        Some(fields) if request["path"].as_array().is_some_and(Vec::is_empty) => fields,
        _ => request,
    };
    let kind = if kind == "call" { "" } else { kind };
    let text = format!("{kind} {name} {request}");
    text.trim().trim_end_matches(" null").to_owned()
}

/// The failure of a call that was cut off, when the script gives it up.
pub(super) fn cut_off() -> Failure {
    Failure::new(
        FailureKind::Network,
        "the call was cut off, and counts as failed",
    )
}

/// An append was cut off, and somebody else has changed the file since.
pub(super) fn uncertain_append(step: &Step, file: &str, since: Timestamp) -> Stop {
    Stop::Uncertain(Box::new(Uncertain {
        step: step.clone(),
        endpoint: "file::append".into(),
        request: serde_json::json!({ "file": file }),
        since,
        why: format!("`{file}` was changed by somebody else since"),
    }))
}

/// The run has taken longer than it may.
pub(in crate::run) fn too_long() -> Problem {
    Problem::new(ProblemKind::Script, "the run has passed its time limit")
        .hint("a longer `--timeout` gives it more")
}
