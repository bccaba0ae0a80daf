//! `duvoscript runs pause`: puts a run on hold, until somebody resumes it.

use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::standing::standing;
use super::told::tell;
use super::watch::Watch;
use super::which::{Which, ended};
use crate::cli::command::{Action, Context};
use crate::cli::exit::{self, Exit};
use crate::journal::{Journal, Order, RunRow, RunState};
use crate::report::Problem;
use crate::run::put_on_hold;

/// How long the process that executes the run may take before this one does not wait any more.
const PATIENCE: Duration = Duration::from_secs(10);

/// Puts a run on hold until `runs resume`
///
/// It stops at its next effect, or at once where it waits. What it waits for goes on meanwhile, and
/// so do its deadlines.
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript runs pause last")]
pub(super) struct Pause {
    #[command(flatten)]
    which: Which,
}

impl Action for Pause {
    const NAME: &'static str = "pause";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let (journal, run) = self.which.find_open(context)?;
        can_pause(&journal, &run)?;
        let mut watch = Watch::new(&journal)?;
        journal.order(&run.id, Order::Pause)?;
        let mut run = watch.until_free(&journal, &run, PATIENCE)?;
        if run.state.is_ended() {
            return Err(ended(&run));
        }
        if !journal.is_owned(&run) && !rests(&run) {
            put_on_hold(&journal, &run)?;
            run.state = RunState::Paused;
        }
        tell_of(&journal, &run, context);
        Ok(exit::OK)
    }
}

fn can_pause(journal: &Journal, run: &RunRow) -> Result<(), Problem> {
    if run.ordered == Some(Order::Cancel) || run.cancelled_at.is_some() {
        let what = format!("the run {} is being cancelled", run.id);
        return Err(Problem::usage(what).hint(format!(
            "`duvoscript runs cancel {}` sees to the end of it",
            run.id
        )));
    }
    if rests(run) && !journal.is_owned(run) && run.state != RunState::Paused {
        let what = format!("the run {} rests already: {}", run.id, run.state);
        return Err(Problem::usage(what).hint(format!(
            "`duvoscript runs show {}` tells what it needs to go on",
            run.id
        )));
    }
    Ok(())
}

/// Returns whether a run goes on only when a person has done something.
fn rests(run: &RunRow) -> bool {
    matches!(
        run.state,
        RunState::Paused | RunState::Uncertain | RunState::Diverged
    )
}

fn tell_of(journal: &Journal, run: &RunRow, context: &Context) {
    let standing = standing(journal, run);
    let resume = format!("`duvoscript runs resume {}` goes on", run.id);
    let line = if journal.is_owned(run) {
        format!("the run {} is told to stop; {resume}", run.id)
    } else {
        format!("the run {} is {standing}; {resume}", run.id)
    };
    tell(context, json!({ "run": run.id, "state": standing }), &line);
}
