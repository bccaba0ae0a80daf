//! The journal itself: opens the file, takes writes, and answers questions about it.

use std::io::{self, BufRead};
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::watch;

use super::{
    Claim, Delivered, Due, EventRow, Inspection, JournalError, LineRow, NewEvent, NewRun, Order,
    PruneFilter, Resolution, RunFilter, RunRow, StepRow, StoredSource, WaitRow, Write,
};
use crate::clock::Clock;

/// The record of all runs of a state directory; cheap to clone, safe from any thread.
#[derive(Clone, Debug)]
pub struct Journal {
    shared: Arc<Path>,
}

#[expect(
    unused_variables,
    clippy::unused_self,
    clippy::needless_pass_by_value,
    reason = "only the interface stands yet"
)]
impl Journal {
    /// Opens the journal of a state directory, and makes both when they are missing.
    pub fn open(state: &Path, clock: Arc<dyn Clock>) -> Result<Self, JournalError> {
        Err(unfinished())
    }

    /// Opens the journal of a state directory; `None` when there is none.
    pub fn open_existing(
        state: &Path,
        clock: Arc<dyn Clock>,
    ) -> Result<Option<Self>, JournalError> {
        Err(unfinished())
    }

    /// Returns the folder that the journal lies in.
    pub fn state_directory(&self) -> &Path {
        &self.shared
    }

    /// Looks at every page and row of the journal.
    pub fn inspect(&self) -> Result<Inspection, JournalError> {
        Err(unfinished())
    }

    /// Queues a change, without waiting for the disk; errs only when the journal has broken.
    pub fn put(&self, write: Write) -> Result<(), JournalError> {
        Err(unfinished())
    }

    /// Commits everything put before: it survives the death of this process.
    pub fn flush(&self) -> Result<(), JournalError> {
        Err(unfinished())
    }

    /// Puts everything put before on the disk: it survives a power loss.
    pub fn force(&self) -> Result<(), JournalError> {
        Err(unfinished())
    }

    /// Returns a run.
    pub fn run(&self, id: &str) -> Result<Option<RunRow>, JournalError> {
        Err(unfinished())
    }

    /// Returns the runs whose id begins so, newest first, at most a few; `last` is the newest run.
    pub fn find(&self, prefix: &str) -> Result<Vec<RunRow>, JournalError> {
        Err(unfinished())
    }

    /// Returns runs, newest first.
    pub fn runs(&self, filter: &RunFilter) -> Result<Vec<RunRow>, JournalError> {
        Err(unfinished())
    }

    /// Returns the sources of a run, in the order they were put.
    pub fn sources(&self, run: &str) -> Result<Vec<StoredSource>, JournalError> {
        Err(unfinished())
    }

    /// Returns the steps of a run, by ticket.
    pub fn steps(&self, run: &str) -> Result<Vec<StepRow>, JournalError> {
        Err(unfinished())
    }

    /// Returns what a run printed and logged, after a line's number.
    pub fn lines(&self, run: &str, after: Option<u64>) -> Result<Vec<LineRow>, JournalError> {
        Err(unfinished())
    }

    /// Returns what was delivered to a run, oldest first.
    pub fn events(&self, run: &str) -> Result<Vec<EventRow>, JournalError> {
        Err(unfinished())
    }

    /// Returns what a run waits for, by ticket.
    pub fn waits(&self, run: &str) -> Result<Vec<WaitRow>, JournalError> {
        Err(unfinished())
    }

    /// Returns runs that can go on and that no living process has in hand.
    pub fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Due>, JournalError> {
        Err(unfinished())
    }

    /// Returns when the next run can go on.
    pub fn next_due(&self) -> Result<Option<Timestamp>, JournalError> {
        Err(unfinished())
    }

    /// Takes a run in hand, unless a living process has it.
    pub fn claim(&self, run: &str) -> Result<Claim, JournalError> {
        Err(unfinished())
    }

    /// Lets go of a run, when this process has it in hand.
    pub fn release(&self, run: &str) -> Result<(), JournalError> {
        Err(unfinished())
    }

    /// Returns whether a living process has the run in hand.
    pub fn is_owned(&self, run: &RunRow) -> bool {
        false
    }

    /// Delivers a value to a run; the first of a name wins, and is kept though nobody waits yet.
    pub fn deliver(&self, event: NewEvent) -> Result<Delivered, JournalError> {
        Err(unfinished())
    }

    /// Tells a run what a person wants of it; `false` when there is no such run.
    pub fn order(&self, run: &str, order: Order) -> Result<bool, JournalError> {
        Err(unfinished())
    }

    /// Says what became of a step without outcome; `false` when there is no such step.
    pub fn resolve(
        &self,
        run: &str,
        ticket: u32,
        resolution: Resolution,
    ) -> Result<bool, JournalError> {
        Err(unfinished())
    }

    /// Makes a new run with the sources of another and its completed steps below a ticket.
    pub fn copy_until(&self, run: &str, new: NewRun, ticket: u32) -> Result<(), JournalError> {
        Err(unfinished())
    }

    /// Replaces the sources of a run.
    pub fn replace_sources(
        &self,
        run: &str,
        sources: &[StoredSource],
        engine: &str,
    ) -> Result<(), JournalError> {
        Err(unfinished())
    }

    /// Removes ended runs that no living process has in hand, and what only they needed.
    pub fn prune(&self, filter: &PruneFilter) -> Result<u64, JournalError> {
        Err(unfinished())
    }

    /// Returns what ticks when anybody, here or in another process, changes events, orders or
    /// resolutions.
    pub fn changes(&self) -> watch::Receiver<u64> {
        watch::channel(0).1
    }

    /// Writes a run as JSON lines; sealed values are left out.
    pub fn export(&self, run: &str, out: &mut dyn io::Write) -> Result<(), JournalError> {
        Err(unfinished())
    }

    /// Reads a run that was exported, and returns its id.
    pub fn import(&self, input: &mut dyn BufRead) -> Result<String, JournalError> {
        Err(unfinished())
    }

    /// Seals a value with the key of the state directory.
    pub fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, JournalError> {
        Err(unfinished())
    }

    /// Opens a sealed value.
    pub fn unseal(&self, sealed: &[u8]) -> Result<Vec<u8>, JournalError> {
        Err(unfinished())
    }
}

fn unfinished() -> JournalError {
    JournalError::NoRun { run: String::new() }
}
