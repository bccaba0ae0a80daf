//! The run that a command means, and whether it can still be changed.

use std::sync::Arc;

use clap::Args;

use crate::cli::command::Context;
use crate::cli::state;
use crate::clock::SystemClock;
use crate::journal::{Journal, RunRow};
use crate::report::Problem;

/// Which run is meant.
#[derive(Args, Debug)]
pub(super) struct Which {
    /// The run: its id, the start of its id, or `last`
    #[arg(value_name = "RUN")]
    run: String,
}

impl Which {
    /// Opens the journal and finds the run in it.
    pub(super) fn find(&self, context: &Context) -> Result<(Journal, RunRow), Problem> {
        let journal = state::journal(context, Arc::new(SystemClock::new()))?;
        let run = find(&journal, &self.run)?;
        Ok((journal, run))
    }

    /// Opens the journal and finds the run, which must not have ended.
    pub(super) fn find_open(&self, context: &Context) -> Result<(Journal, RunRow), Problem> {
        let (journal, run) = self.find(context)?;
        if run.state.is_ended() {
            Err(ended(&run))
        } else {
            Ok((journal, run))
        }
    }
}

/// Finds a run by its id, the unique start of its id, or `last`.
fn find(journal: &Journal, given: &str) -> Result<RunRow, Problem> {
    let mut found = journal.find(given)?;
    let exact = found.iter().position(|run| run.id == given);
    match (exact, found.len()) {
        (Some(at), _) => Ok(found.swap_remove(at)),
        (None, 1) => Ok(found.swap_remove(0)),
        (None, 0) => Err(Problem::usage(format!("there is no run `{given}`"))
            .hint("`duvoscript runs list` shows them; `last` means the newest")),
        (None, _) => {
            let ids: Vec<_> = found.iter().map(|run| run.id.as_str()).collect();
            Err(Problem::usage(format!(
                "several runs begin with `{given}`: {}",
                ids.join(", ")
            )))
        }
    }
}

/// Describes that a run has ended, where a command wants one that has not.
pub(super) fn ended(run: &RunRow) -> Problem {
    Problem::usage(format!("the run {} has ended: {}", run.id, run.state)).hint(format!(
        "`duvoscript runs show {}` shows it, `duvoscript runs retry {}` runs it anew",
        run.id, run.id
    ))
}
