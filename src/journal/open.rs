//! The journal itself: opens the files and takes changes.

use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::watch;

use super::changes::Changes;
use super::file::Files;
use super::owners::Owners;
use super::queue::Queue;
use super::readers::Readers;
use super::seal::Seal;
use super::table::time::Time;
use super::{JournalError, Statistics, Write};
use crate::clock::Clock;

/// The record of all runs of a state directory; cheap to clone, safe from any thread.
#[derive(Clone, Debug)]
pub struct Journal {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    files: Files,
    clock: Arc<dyn Clock>,
    queue: Arc<Queue>,
    readers: Readers,
    owners: Owners,
    changes: Changes,
    seal: Seal,
    flusher: Option<JoinHandle<()>>,
}

impl Journal {
    /// Opens the journal of a state directory, and makes both when they are missing.
    pub fn open(state: &Path, clock: Arc<dyn Clock>) -> Result<Self, JournalError> {
        let files = Files::new(state);
        files.create()?;
        Self::start(files, clock, true)
    }

    /// Opens a journal that commits only when somebody waits for it: what lies in between is what a
    /// kill loses, see [`Journal::lose`].
    pub fn open_unhurried(state: &Path, clock: Arc<dyn Clock>) -> Result<Self, JournalError> {
        let files = Files::new(state);
        files.create()?;
        Self::start(files, clock, false)
    }

    /// Loses what is not committed and takes nothing more, as if the process had been killed.
    pub fn lose(&self) {
        self.shared.queue.lose();
    }

    /// Opens the journal of a state directory; `None` when there is none.
    pub fn open_existing(
        state: &Path,
        clock: Arc<dyn Clock>,
    ) -> Result<Option<Self>, JournalError> {
        let files = Files::new(state);
        if !files.journal.exists() {
            return Ok(None);
        }
        Self::start(files, clock, true).map(Some)
    }

    fn start(files: Files, clock: Arc<dyn Clock>, is_tended: bool) -> Result<Self, JournalError> {
        files.protect()?;
        let queue = Arc::new(Queue::new(&files)?);
        let flusher = match is_tended {
            true => Some(tend(&files, &queue)?),
            false => None,
        };
        let shared = Shared {
            readers: Readers::new(&files),
            owners: Owners::new(&files),
            changes: Changes::new(),
            seal: Seal::new(&files),
            files,
            clock,
            queue,
            flusher,
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Returns the folder that the journal lies in.
    pub fn state_directory(&self) -> &Path {
        &self.shared.files.state
    }

    /// Queues a change, without waiting for the disk; errs only when the journal has broken, or the
    /// change holds a value that is too big.
    ///
    /// It is committed a millisecond later at the latest. When many are queued, this commits them.
    pub fn put(&self, write: Write) -> Result<(), JournalError> {
        let at = Time(self.shared.clock.now());
        self.shared.queue.put(write, at)
    }

    /// Commits everything put before: it survives the death of this process.
    pub fn flush(&self) -> Result<(), JournalError> {
        self.shared.queue.flush()
    }

    /// Puts everything put before on the disk: it survives a power loss.
    pub fn force(&self) -> Result<(), JournalError> {
        self.shared.queue.force()
    }

    /// Returns what ticks when anybody changes events, orders or resolutions: at once when this
    /// process does, within a quarter of a second when another one does anything at all.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.shared.changes.listen(&self.shared.queue)
    }

    /// Returns how much work was done since this journal was opened.
    pub fn statistics(&self) -> Statistics {
        self.shared.queue.statistics()
    }

    /// Seals a value with the key of the state directory, which is made when it is missing.
    pub fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, JournalError> {
        self.shared.seal.seal(plain)
    }

    /// Opens a sealed value; errs when the key is missing or another one.
    pub fn unseal(&self, sealed: &[u8]) -> Result<Vec<u8>, JournalError> {
        self.shared.seal.unseal(sealed)
    }

    pub(super) fn tick(&self) {
        self.shared.changes.tick();
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        &*self.shared.clock
    }

    pub(super) fn owners(&self) -> &Owners {
        &self.shared.owners
    }

    pub(super) fn queue(&self) -> &Queue {
        &self.shared.queue
    }

    pub(super) fn files(&self) -> &Files {
        &self.shared.files
    }

    /// Reads something, after everything put before; of a broken journal, what was committed.
    pub(super) fn read<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, JournalError> {
        match self.flush() {
            Ok(()) | Err(JournalError::Broken { .. }) => self.shared.readers.read(query),
            Err(error) => Err(error),
        }
    }
}

/// Starts the thread that commits what nobody waits for.
fn tend(files: &Files, queue: &Arc<Queue>) -> Result<JoinHandle<()>, JournalError> {
    let checkpointer = files.checkpointer()?;
    let tended = Arc::clone(queue);
    thread::Builder::new()
        .name("journal".to_owned())
        .spawn(move || tended.tend(&checkpointer))
        .map_err(|source| files.io(&files.state, source))
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Nobody is left to be told of a failure.
        _ = self.queue.flush();
        self.queue.close();
        self.changes.close();
        if let Some(flusher) = self.flusher.take() {
            _ = flusher.join();
        }
    }
}
