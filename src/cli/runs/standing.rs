//! How a run stands, as people see it: a run that no living process executes is interrupted, though
//! its last word was that it is running.

use clap::builder::PossibleValuesParser;

use crate::journal::{Journal, RunRow, RunState};

/// The state that is not stored: it shows when the process that executed the run is gone.
const INTERRUPTED: &str = "interrupted";

/// Returns how a run stands.
pub(super) fn standing(journal: &Journal, run: &RunRow) -> &'static str {
    match run.state {
        RunState::Running | RunState::Queued if !journal.is_owned(run) => INTERRUPTED,
        state => state.as_str(),
    }
}

/// Reads one of the standings from the command line.
pub(super) fn parser() -> PossibleValuesParser {
    let stored = RunState::ALL.map(RunState::as_str);
    PossibleValuesParser::new(stored.into_iter().chain([INTERRUPTED]))
}

/// Reads a state of runs that have ended.
pub(super) fn ended_parser() -> PossibleValuesParser {
    let ended = RunState::ALL.into_iter().filter(|state| state.is_ended());
    PossibleValuesParser::new(ended.map(RunState::as_str))
}

/// Returns the stored states that runs of some standings can have.
pub(super) fn stored(standings: &[String]) -> Vec<RunState> {
    let may_be = |state: &RunState| {
        let is_executed = matches!(state, RunState::Running | RunState::Queued);
        let is_named =
            |name: &String| name == state.as_str() || (is_executed && name == INTERRUPTED);
        standings.iter().any(is_named)
    };
    RunState::ALL.into_iter().filter(may_be).collect()
}
