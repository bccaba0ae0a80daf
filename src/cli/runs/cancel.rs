//! `duvoscript runs cancel`: ends a run, after its clean-up.
//!
//! A run that another process executes is stopped and cleans up there; one that nobody executes is
//! taken up here for its clean-up alone.

use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::going::{Going, How, look};
use super::told::{note, tell};
use super::watch::Watch;
use super::which::{Which, ended};
use crate::cli::command::{Action, Context};
use crate::cli::exit::{self, Exit};
use crate::cli::run::{conclude, see_through};
use crate::clock::{Clock, SystemClock};
use crate::journal::{Journal, Order, RunRow, RunState};
use crate::report::Problem;
use crate::run::{End, give_up};

/// How long the process that executes the run may take before this one does not wait any more.
const PATIENCE: Duration = Duration::from_secs(10);

/// Ends a run, after what it registered with `on_cancel`
///
/// It stops at its next effect, or at once where it waits. A Job that it has started goes on, unless
/// the script stops it in its clean-up.
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript runs cancel last")]
pub(super) struct Cancel {
    #[command(flatten)]
    which: Which,
    /// End it without its clean-up, where nobody executes it and it cannot go on here
    #[arg(long)]
    no_clean_up: bool,
    /// Shows the lines of `log::debug` too
    #[arg(long, short)]
    verbose: bool,
}

impl Action for Cancel {
    const NAME: &'static str = "cancel";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let (journal, run) = self.which.find_open(context)?;
        let mut watch = Watch::new(&journal)?;
        let was_executed = journal.is_owned(&run);
        journal.order(&run.id, Order::Cancel)?;
        let run = watch.until_free(&journal, &run, PATIENCE)?;
        match run.state {
            RunState::Cancelled => Ok(cancelled(&run, context)),
            state if state.is_ended() => Err(ended(&run)),
            _ if journal.is_owned(&run) => Ok(cleans_up(&run, context)),
            _ if self.no_clean_up => {
                give_up(&journal, &run, SystemClock::new().now())?;
                Ok(cancelled(&run, context))
            }
            _ => {
                if !was_executed {
                    note(&format!(
                        "nobody executes the run {}: it cleans up here",
                        run.id
                    ));
                }
                self.clean_up(&journal, &run, context)
            }
        }
    }
}

impl Cancel {
    fn clean_up(
        &self,
        journal: &Journal,
        run: &RunRow,
        context: &Context,
    ) -> Result<Exit, Problem> {
        let look = look(context, self.verbose);
        let going =
            Going::start(journal, run, How::TakeUp, (look, context)).map_err(|problem| {
                problem
                    .hint("whoever takes the run up next cancels it")
                    .hint("`--no-clean-up` ends it here and now, and leaves its clean-up out")
            })?;
        let concluded = see_through(going.run, &going.journal, &going.world)?;
        if let End::Cancelled(None) = concluded.end {
            return Ok(cancelled(run, context));
        }
        let exit = conclude(&run.id, concluded, &going.world, look.format);
        if exit == exit::WAITING {
            note("`--no-clean-up` ends it all the same");
        }
        Ok(exit)
    }
}

fn cancelled(run: &RunRow, context: &Context) -> Exit {
    let value = json!({ "run": run.id, "state": RunState::Cancelled.as_str() });
    tell(context, value, &format!("the run {} was cancelled", run.id));
    exit::OK
}

fn cleans_up(run: &RunRow, context: &Context) -> Exit {
    let value = json!({ "run": run.id, "state": run.state.as_str() });
    let line = format!(
        "the run {} is told to stop, and may still clean up; `duvoscript runs logs {} --follow` \
         shows it",
        run.id, run.id
    );
    tell(context, value, &line);
    exit::OK
}
