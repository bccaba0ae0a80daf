//! The steps of a run, as people name them.

use crate::journal::{RunRow, StepRow};
use crate::report::{Problem, nearest};

/// Finds a step by its key.
pub(super) fn named<'a>(
    steps: &'a [StepRow],
    run: &RunRow,
    key: &str,
) -> Result<&'a StepRow, Problem> {
    if let Some(step) = steps.iter().find(|step| step.key == key) {
        return Ok(step);
    }
    let problem = Problem::usage(format!("the run {} has no step `{key}`", run.id));
    let keys = steps.iter().map(|step| step.key.as_str());
    Err(match nearest(key, keys) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem.hint(format!("`duvoscript runs show {}` shows its steps", run.id)),
    })
}

/// Returns whether a step may have changed the world, and nobody has said what became of it.
pub(super) fn is_cut_off(step: &StepRow) -> bool {
    step.mutates && step.outcome.is_none() && !step.resend
}
