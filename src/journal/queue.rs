//! Group commit: changes are queued, and one of those who wait commits for all of them.
//!
//! There is no writer thread. Who must wait and finds nobody at work does the work itself, for
//! everybody queued, so a lone run never changes threads; whoever comes meanwhile forms the next
//! group. Committing and forcing to the disk overlap: the next group is written while one is forced.

use std::fs::File;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

use super::file::Files;
use super::table::time::Time;
use super::writer::{Queued, Writer};
use super::{JournalError, Statistics, Write, crash};

/// How long a change may lie in the queue before the flusher commits it.
const NAP: Duration = Duration::from_millis(1);

/// More changes, or more bytes, do not wait: who puts them commits.
const MOST_CHANGES: usize = 8192;
const MOST_BYTES: usize = 16 << 20;

/// So many changes in the log are moved into the file.
const CHECKPOINT: u64 = 4000;

/// The largest value that is accepted; SQLite takes rows of up to a billion bytes.
const LARGEST: usize = 256 << 20;

type Guard<'a> = MutexGuard<'a, State>;

/// The queue in front of the journal.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// Something was committed or forced, or failed.
    progress: Condvar,
    /// The flusher has something to do.
    work: Condvar,
    /// Used by whoever has set `is_committing`.
    writer: Mutex<Writer>,
    /// The log of the database; forced by whoever has set `is_forcing`.
    log: File,
    files: Files,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<Queued>,
    bytes: usize,
    /// How many changes were ever put, committed and forced.
    accepted: u64,
    committed: u64,
    forced: u64,
    is_committing: bool,
    is_forcing: bool,
    /// The first failure of a write that cannot be repeated.
    broken: Option<Arc<JournalError>>,
    /// The last failure that passes, and how many there were.
    failure: Option<JournalError>,
    failures: u64,
    is_flusher_idle: bool,
    is_closing: bool,
    /// How many changes lie in the log only.
    logged: u64,
    statistics: Statistics,
}

impl Queue {
    /// Returns an empty queue in front of a journal.
    pub(super) fn new(files: &Files) -> Result<Self, JournalError> {
        let writer = Writer::open(files)?;
        Ok(Self {
            state: Mutex::default(),
            progress: Condvar::new(),
            work: Condvar::new(),
            writer: Mutex::new(writer),
            log: files.log()?,
            files: files.clone(),
        })
    }

    /// Queues a change.
    pub(super) fn put(&self, write: Write, at: Time) -> Result<(), JournalError> {
        let bytes = write.size();
        if bytes > LARGEST {
            return Err(JournalError::TooBig {
                run: write.run().to_owned(),
                bytes,
                most: LARGEST,
            });
        }
        let queued = Queued::new(write, at);
        let mut state = self.lock();
        state.refuse_broken()?;
        state.waiting.push(queued);
        state.bytes += bytes;
        state.accepted += 1;
        let is_full = state.waiting.len() >= MOST_CHANGES || state.bytes >= MOST_BYTES;
        let wakes = std::mem::take(&mut state.is_flusher_idle);
        drop(state);
        if wakes {
            self.work.notify_one();
        }
        if is_full { self.flush() } else { Ok(()) }
    }

    /// Returns when everything put before is committed.
    pub(super) fn flush(&self) -> Result<(), JournalError> {
        let state = self.lock();
        let upto = state.accepted;
        self.committed(state, upto).map(drop)
    }

    /// Returns when everything put before is on the disk.
    pub(super) fn force(&self) -> Result<(), JournalError> {
        let mut state = self.lock();
        let upto = state.accepted;
        while state.forced < upto {
            state = self.committed(state, upto)?;
            state = match (state.forced < upto, state.is_forcing) {
                (false, _) => break,
                (true, true) => self.wait(state),
                (true, false) => self.force_log(state)?,
            };
        }
        Ok(())
    }

    /// Does something in a transaction of its own, after everything put before.
    pub(super) fn decide<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, JournalError> {
        // It counts as a change, so that it can be forced.
        let mut state = self.alone();
        state.accepted += 1;
        let (mut state, decided) = self.lead(state, |writer| writer.decide(work))?;
        match decided {
            Err(error) if !error.is_passing() => Err(state.break_with(error)),
            decided => decided,
        }
    }

    /// Looks at something on the connection that writes.
    pub(super) fn with_writer<T>(&self, look: impl FnOnce(&Writer) -> T) -> T {
        look(&self.writer.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns how much work was done so far.
    pub(super) fn statistics(&self) -> Statistics {
        self.lock().statistics
    }

    /// Commits what others have put and left, until the queue is closed.
    pub(super) fn tend(&self, checkpointer: &Connection) {
        let mut state = self.lock();
        while !state.is_closing {
            if state.waiting.is_empty() {
                state.is_flusher_idle = true;
                state = self
                    .work
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let napped = self.work.wait_timeout(state, NAP);
            state = napped.unwrap_or_else(PoisonError::into_inner).0;
            let upto = state.accepted;
            // Who waits for these changes is told of a failure; here is nobody to tell.
            state = self.committed(state, upto).unwrap_or_else(|_| self.lock());
            if state.logged >= CHECKPOINT {
                state.logged = 0;
                drop(state);
                self.checkpoint(checkpointer);
                state = self.lock();
            }
        }
    }

    /// Ends [`Queue::tend`].
    pub(super) fn close(&self) {
        self.lock().is_closing = true;
        self.work.notify_one();
    }

    /// Loses what is not committed, and refuses all that comes after.
    pub(super) fn lose(&self) {
        let mut state = self.alone();
        let killed = self.files.io(
            &self.files.journal,
            std::io::Error::other("the process was killed"),
        );
        state.break_with(killed);
    }

    /// Moves the log into the file, so that it begins anew: most of it while others write, and what
    /// they wrote meanwhile while nobody does.
    fn checkpoint(&self, db: &Connection) {
        crash::point("journal::checkpoint::before");
        let moved = copy_log(db).and_then(|()| {
            let led = self.lead(self.alone(), |_| copy_log(db));
            led.map_or(Ok(()), |(_, moved)| moved)
        });
        let moved = moved.map_err(|error| self.files.database(error));
        if let Err(error) = moved
            && !matches!(
                error,
                JournalError::Locked { .. } | JournalError::Full { .. }
            )
        {
            self.lock().break_with(error);
        }
        crash::point("journal::checkpoint::after");
    }

    /// Returns when so many changes are committed, by this thread or another.
    fn committed<'a>(&'a self, mut state: Guard<'a>, upto: u64) -> Result<Guard<'a>, JournalError> {
        let failures = state.failures;
        while state.committed < upto {
            state.refuse_broken()?;
            if let (true, Some(failure)) = (state.failures > failures, &state.failure) {
                return Err(failure.clone());
            }
            state = if state.is_committing {
                self.wait(state)
            } else {
                self.lead(state, |_| ())?.0
            };
        }
        Ok(state)
    }

    /// Commits everything queued, then does something more, alone with the writer.
    fn lead<'a, T>(
        &'a self,
        mut state: Guard<'a>,
        then: impl FnOnce(&mut Writer) -> T,
    ) -> Result<(Guard<'a>, T), JournalError> {
        state.refuse_broken()?;
        state.is_committing = true;
        let batch = std::mem::take(&mut state.waiting);
        let bytes = std::mem::take(&mut state.bytes);
        let upto = state.accepted;
        drop(state);
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let done = writer.commit(&batch).map(|()| then(&mut writer));
        drop(writer);
        let mut state = self.lock();
        state.is_committing = false;
        self.progress.notify_all();
        match done {
            Ok(done) => {
                state.committed = upto;
                state.logged += batch.len() as u64;
                state.statistics.commits += u64::from(!batch.is_empty());
                Ok((state, done))
            }
            Err(error) if error.is_passing() => Err(state.take_back(batch, bytes, error)),
            Err(error) => Err(state.break_with(error)),
        }
    }

    /// Puts on the disk what is committed by now.
    fn force_log<'a>(&'a self, mut state: Guard<'a>) -> Result<Guard<'a>, JournalError> {
        state.refuse_broken()?;
        state.is_forcing = true;
        let upto = state.committed;
        drop(state);
        crash::point("journal::force::before");
        let forced = self.log.sync_data();
        crash::point("journal::force::after");
        let mut state = self.lock();
        state.is_forcing = false;
        self.progress.notify_all();
        match forced {
            Ok(()) => {
                state.forced = upto;
                state.statistics.forces += 1;
                Ok(state)
            }
            Err(source) => Err(state.break_with(self.files.io(&self.files.journal, source))),
        }
    }

    /// Waits until nobody commits.
    fn alone(&self) -> Guard<'_> {
        let mut state = self.lock();
        while state.is_committing {
            state = self.wait(state);
        }
        state
    }

    fn wait<'a>(&'a self, state: Guard<'a>) -> Guard<'a> {
        self.progress
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> Guard<'_> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn refuse_broken(&self) -> Result<(), JournalError> {
        match &self.broken {
            None => Ok(()),
            Some(cause) => Err(JournalError::Broken {
                cause: Arc::clone(cause),
            }),
        }
    }

    /// Accepts nothing any more, and returns why.
    fn break_with(&mut self, error: JournalError) -> JournalError {
        self.waiting = Vec::new();
        self.bytes = 0;
        self.broken.get_or_insert_with(|| Arc::new(error.clone()));
        error
    }

    /// Puts changes that could not be made yet back in front of the queue.
    fn take_back(
        &mut self,
        mut batch: Vec<Queued>,
        bytes: usize,
        error: JournalError,
    ) -> JournalError {
        batch.append(&mut self.waiting);
        self.waiting = batch;
        self.bytes += bytes;
        self.failures += 1;
        self.failure = Some(error.clone());
        error
    }
}

/// Copies what nobody needs in the log any more into the file.
fn copy_log(db: &Connection) -> rusqlite::Result<()> {
    db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
}
