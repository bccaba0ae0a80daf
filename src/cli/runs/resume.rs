//! `duvoscript runs resume`: goes on with a run, or shows the result of one that has ended.

use std::io::Write;
use std::sync::Arc;

use clap::Args;
use serde_json::Value;

use super::find;
use crate::cli::command::{Action, Context};
use crate::cli::connect::{World, run_runtime};
use crate::cli::exit::{self, Exit};
use crate::cli::run::{Look, finish_durable};
use crate::cli::{output, state};
use crate::clock::SystemClock;
use crate::journal::{Journal, Order, RunRow, RunState};
use crate::report::{Problem, ProblemKind};
use crate::run::{Around, DurableRun, Patience, Project};

/// Goes on with a run; one that has ended shows its result, and nothing is run
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript runs resume last")]
pub(super) struct Resume {
    /// The run: its id, the start of its id, or `last`
    run: String,
    /// Shows the lines of `log::debug` too
    #[arg(long, short)]
    verbose: bool,
}

impl Action for Resume {
    const NAME: &'static str = "resume";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let journal = state::journal(context, Arc::new(SystemClock::new()))?;
        let run = find(&journal, &self.run)?;
        if run.state.is_ended() {
            return show_end(&run, context);
        }
        if run.ordered == Some(Order::Pause) {
            journal.order(&run.id, Order::Resume)?;
        }
        let identity: Value = serde_json::from_str(&run.world).unwrap_or_default();
        let world = World::enter_again(&identity, context)?;
        let journal = Journal::open(journal.state_directory(), Arc::clone(&world.clock))?;
        let look = Look {
            format: context.global.output,
            verbose: self.verbose,
        };
        let taken = DurableRun::take_up(&journal, &run.id, |run, script| {
            let project = Arc::new(Project::open(run.root.as_str())?);
            Ok(Around {
                surroundings: look.surroundings(&world, script.header(), project, context),
                runtime: run_runtime()?,
                patience: Patience::InPlace,
            })
        })?;
        finish_durable(taken, &journal, &world, look.format)
    }
}

/// Shows the result or the problem that a run ended with, and returns its exit code.
fn show_end(run: &RunRow, context: &Context) -> Result<Exit, Problem> {
    if let Some(result) = &run.result {
        let value = serde_json::from_str(result).map_err(|fault| {
            let what = format!("the result of the run `{}` cannot be read", run.id);
            Problem::new(ProblemKind::Journal, what).cause(&fault)
        })?;
        output::show(value, None, context.global.output);
    }
    if run.state == RunState::Cancelled {
        // A closed pipe is the reader's choice.
        _ = writeln!(anstream::stderr(), "the run {} was cancelled", run.id);
    }
    let problem: Option<Value> = run
        .problem
        .as_deref()
        .and_then(|problem| serde_json::from_str(problem).ok());
    if let Some(shown) = problem
        .as_ref()
        .and_then(|problem| problem["shown"].as_str())
    {
        _ = writeln!(anstream::stderr(), "{shown}");
    }
    let code = run.exit.and_then(|code| u8::try_from(code).ok());
    let exit = exit::TABLE.iter().find(|exit| Some(exit.code) == code);
    Ok(exit.copied().unwrap_or(exit::OK))
}
