//! `duvoscript runs rerun`: a new run that keeps what another one did before a step.

use clap::Args;

use super::going::{Going, How, look};
use super::retry::announce;
use super::steps::{self, named};
use super::which::Which;
use crate::cli::command::{Action, Context};
use crate::cli::exit::Exit;
use crate::journal::{RunRow, StepRow};
use crate::report::Problem;
use crate::script::Branch;

/// Begins a new run that keeps what another one did before a step
///
/// The outcomes of the steps before it are taken from the other run and nothing of them is done
/// again; the step itself and all behind it are done anew.
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript runs rerun last --from 4")]
pub(super) struct Rerun {
    #[command(flatten)]
    which: Which,
    /// The first step that is done anew, as `runs show` names it
    #[arg(long, value_name = "STEP")]
    from: String,
    /// Shows the lines of `log::debug` too
    #[arg(long, short)]
    verbose: bool,
}

impl Action for Rerun {
    const NAME: &'static str = "rerun";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let (journal, run) = self.which.find(context)?;
        let steps = journal.steps(&run.id)?;
        let from = named(&steps, &run, &self.from)?;
        can_begin_at(from, &steps, &run)?;
        let look = look(context, self.verbose);
        let how = How::Rerun(from.ticket);
        let going = Going::start(&journal, &run, how, (look, context))?;
        announce(&journal, &run, &going);
        going.finish(look)
    }
}

/// Nothing before the step may be in doubt, for it would be done a second time.
fn can_begin_at(from: &StepRow, steps: &[StepRow], run: &RunRow) -> Result<(), Problem> {
    if from.key.starts_with(&Branch::clean_up().0) {
        let what = format!("step `{}` belongs to the clean-up of the run", from.key);
        return Err(Problem::usage(what).hint("name a step of the script itself"));
    }
    let before = steps.iter().filter(|step| step.ticket < from.ticket);
    let mut doubtful = before.filter(|step| steps::is_cut_off(step));
    match doubtful.next() {
        None => Ok(()),
        Some(step) => {
            let what = format!(
                "step `{}` ({}) comes before, and nobody knows whether it was done",
                step.key, step.name
            );
            Err(Problem::usage(what).hint(format!(
                "settle it first: `duvoscript runs resolve {} {}`",
                run.id, step.key
            )))
        }
    }
}
