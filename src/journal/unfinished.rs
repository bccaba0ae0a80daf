//! The part of the interface that is being built.
#![expect(
    unused_variables,
    clippy::unused_self,
    reason = "only the interface stands yet"
)]
use super::{Inspection, Journal, JournalError, PruneFilter};
use std::io::{self, BufRead};
use tokio::sync::watch;

impl Journal {
    /// Looks at every page and row of the journal.
    pub fn inspect(&self) -> Result<Inspection, JournalError> {
        Err(unfinished())
    }
    /// Removes ended runs that no living process has in hand, and what only they needed.
    pub fn prune(&self, filter: &PruneFilter) -> Result<u64, JournalError> {
        Err(unfinished())
    }
    /// Returns what ticks when anybody changes events, orders or resolutions.
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
