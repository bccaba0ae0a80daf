//! `duvoscript runs`: looks at runs and acts on them.

mod list;
mod resume;

use super::command::{Entry, Topic, entry};
use crate::journal::{Journal, RunRow};
use crate::report::Problem;

/// `duvoscript runs`.
#[derive(Debug)]
pub(super) struct Runs;

impl Topic for Runs {
    const NAME: &'static str = "runs";
    const ABOUT: &'static str = "Shows runs, and resumes, cancels, repeats or settles them";
    const EXAMPLE: &'static str = "duvoscript runs list --state waiting";
    const COMMANDS: &'static [Entry] = &[entry::<list::List>(), entry::<resume::Resume>()];
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

/// Returns the state of a run as people see it: a run that nobody executes is not running.
fn shown_state(journal: &Journal, run: &RunRow) -> &'static str {
    use crate::journal::RunState;
    match run.state {
        RunState::Running | RunState::Queued if !journal.is_owned(run) => "interrupted",
        state => state.as_str(),
    }
}
