//! `duvoscript runs resume`: goes on with a run, or shows the result of one that has ended.

use std::io::Write;

use clap::Args;
use serde_json::Value;

use super::going::{Going, How, look};
use super::which::Which;
use crate::cli::command::{Action, Context};
use crate::cli::exit::{self, Exit};
use crate::cli::output;
use crate::journal::{Order, RunRow, RunState};
use crate::report::{Problem, ProblemKind};

/// Goes on with a run; one that has ended shows its result, and nothing is run
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript runs resume last")]
pub(super) struct Resume {
    #[command(flatten)]
    which: Which,
    /// Shows the lines of `log::debug` too
    #[arg(long, short)]
    verbose: bool,
}

impl Action for Resume {
    const NAME: &'static str = "resume";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let (journal, run) = self.which.find(context)?;
        if run.state.is_ended() {
            return show_end(&run, context);
        }
        if run.ordered == Some(Order::Pause) {
            journal.order(&run.id, Order::Resume)?;
        }
        let look = look(context, self.verbose);
        Going::start(&journal, &run, How::TakeUp, (look, context))?.finish(look)
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
    if let Some(problem) = problem_shown(run) {
        _ = writeln!(anstream::stderr(), "{problem}");
    }
    let code = run.exit.and_then(|code| u8::try_from(code).ok());
    let kept = exit::TABLE.iter().find(|exit| Some(exit.code) == code);
    let usual = match run.state {
        RunState::Done => exit::OK,
        _ => exit::SCRIPT,
    };
    Ok(kept.copied().unwrap_or(usual))
}

/// Returns the problem that a run ended with, as it was shown then.
pub(super) fn problem_shown(run: &RunRow) -> Option<String> {
    let problem: Value = serde_json::from_str(run.problem.as_deref()?).ok()?;
    problem["shown"].as_str().map(str::to_owned)
}
