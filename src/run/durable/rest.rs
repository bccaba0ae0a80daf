//! What becomes of a run that nobody executes, without executing it: it is put on hold, or ended.

use jiff::Timestamp;

use super::run::claim;
use crate::journal::{Journal, JournalError, RunRow, RunState, Write};
use crate::report::{Problem, exit};

/// Puts a run on hold that nobody executes.
pub fn put_on_hold(journal: &Journal, run: &RunRow) -> Result<(), Problem> {
    let state = Write::State {
        run: run.id.clone(),
        state: RunState::Paused,
        wake_at: None,
        reason: None,
    };
    alone(journal, run, state)
}

/// Ends a run as cancelled that nobody executes; its clean-up is left out.
pub fn give_up(journal: &Journal, run: &RunRow, now: Timestamp) -> Result<(), Problem> {
    let end = Write::End {
        run: run.id.clone(),
        state: RunState::Cancelled,
        at: now,
        exit: exit::INTERRUPTED.code.into(),
        result: None,
        problem: None,
    };
    alone(journal, run, end)
}

/// Writes something of a run while no other process can take it in hand.
fn alone(journal: &Journal, run: &RunRow, write: Write) -> Result<(), Problem> {
    claim(journal, &run.id)?;
    let written = journal.put(write).and_then(|()| journal.force());
    let released: Result<(), JournalError> = journal.release(&run.id);
    Ok(written.and(released)?)
}
