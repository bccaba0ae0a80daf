//! `duvoscript runs retry`: a new run with the sources and arguments of another.

use clap::Args;

use super::going::{Going, How, look};
use super::standing::standing;
use super::told::note;
use super::which::Which;
use crate::cli::command::{Action, Context};
use crate::cli::exit::Exit;
use crate::journal::{Journal, RunRow};
use crate::report::Problem;

/// Begins a new run with the sources and arguments of another
///
/// The sources are those that the other run has, whatever became of the files. Its effects are done
/// anew, all of them.
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript runs retry last")]
pub(super) struct Retry {
    #[command(flatten)]
    which: Which,
    /// Shows the lines of `log::debug` too
    #[arg(long, short)]
    verbose: bool,
}

impl Action for Retry {
    const NAME: &'static str = "retry";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let (journal, run) = self.which.find(context)?;
        let look = look(context, self.verbose);
        let going = Going::start(&journal, &run, How::Retry, (look, context))?;
        announce(&journal, &run, &going);
        going.finish(look)
    }
}

/// Says which run begins, and that an unfinished one stays as it is.
pub(super) fn announce(journal: &Journal, of: &RunRow, going: &Going) {
    note(&format!("the run {} begins", going.run.id()));
    if !of.state.is_ended() {
        let standing = standing(journal, of);
        note(&format!("the run {} stays as it is: {standing}", of.id));
    }
}
