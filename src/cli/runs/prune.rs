//! `duvoscript runs prune`: removes runs that ended long ago.

use std::sync::Arc;

use clap::Args;
use serde_json::json;

use super::given::{When, when};
use super::standing::ended_parser;
use super::told::tell;
use crate::cli::command::{Action, Context};
use crate::cli::exit::{self, Exit};
use crate::cli::state;
use crate::clock::{Clock, SystemClock};
use crate::journal::{Journal, JournalError, PruneFilter, RunFilter, RunState};
use crate::report::Problem;

/// Removes runs that ended long ago, and what only they needed; never one that has not ended
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript runs prune --older-than 30d --only done")]
pub(super) struct Prune {
    /// Runs that ended before this: so long ago (30d), or a time (2026-01-05)
    #[arg(long, value_name = "TIME", value_parser = when)]
    older_than: When,
    /// Only runs that ended so; may be given several times
    #[arg(long = "only", value_name = "STATE", value_parser = ended_parser())]
    states: Vec<String>,
    /// Say how many there are, and remove none
    #[arg(long)]
    dry_run: bool,
}

impl Action for Prune {
    const NAME: &'static str = "prune";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let journal = state::journal(context, Arc::clone(&clock))?;
        let named = self.states.iter();
        let filter = PruneFilter {
            states: named.filter_map(|name| RunState::from_name(name)).collect(),
            until: Some(self.older_than.moment(clock.now())),
        };
        let (count, done) = if self.dry_run {
            (count(&journal, &filter)?, "would be removed")
        } else {
            (journal.prune(&filter)?, "removed")
        };
        let runs = if count == 1 { "run" } else { "runs" };
        let value = json!({ "runs": count, "removed": !self.dry_run });
        tell(context, value, &format!("{count} {runs} {done}"));
        Ok(exit::OK)
    }
}

/// Returns how many runs would be removed.
fn count(journal: &Journal, filter: &PruneFilter) -> Result<u64, JournalError> {
    let ended = RunState::ALL.into_iter().filter(|state| state.is_ended());
    let states = if filter.states.is_empty() {
        ended.collect()
    } else {
        filter.states.clone()
    };
    let runs = journal.runs(&RunFilter {
        states,
        ..RunFilter::default()
    })?;
    let is_old = |at| filter.until.is_none_or(|until| at < until);
    let old = runs
        .iter()
        .filter(|run| run.ended_at.is_some_and(is_old) && !journal.is_owned(run));
    Ok(old.count() as u64)
}
