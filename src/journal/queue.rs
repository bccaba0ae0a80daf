//! Group commit: changes are queued, and one of those who wait commits for all of them.
//!
//! There is no writer thread. Who must wait and finds nobody at work leads: it does the work for
//! everybody queued, so a lone run never changes threads. Whoever comes meanwhile forms the next
//! group, of which one is woken up to lead it.

mod flusher;

use std::fs::File;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use rusqlite::Connection;

use super::file::Files;
use super::table::time::Time;
use super::writer::{Queued, Writer};
use super::{JournalError, Statistics, Write, crash};
use crate::report::guarded;

/// More changes, or more bytes, do not wait: who puts them commits.
const MOST_CHANGES: usize = 8192;
const MOST_BYTES: usize = 16 << 20;

/// The largest value that is accepted; SQLite takes rows of up to a billion bytes.
const LARGEST: usize = 256 << 20;

/// How far a change has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Depth {
    /// It survives the death of the process.
    Committed,
    /// It is on the disk.
    Forced,
}

type Guard<'a> = MutexGuard<'a, State>;

/// The queue in front of the journal.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// Those who wait for the present group, and for the next: groups take turns.
    groups: [Condvar; 2],
    /// The flusher has something to do.
    work: Condvar,
    /// Used by whoever leads.
    writer: Mutex<Writer>,
    /// The log of the database, to force it to the disk.
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
    /// Whether somebody leads a group, its number, and the last change that it takes along.
    is_led: bool,
    group: usize,
    upto: u64,
    /// How many wait for the disk, and how many did in the last group that was forced.
    forcing: u32,
    together: u32,
    /// The first failure of a write that cannot be repeated.
    broken: Option<Arc<JournalError>>,
    /// The last failure that passes, and how many there were.
    failure: Option<JournalError>,
    failures: u64,
    is_flusher_idle: bool,
    is_closing: bool,
    /// How many changes lie in the log only, and how many bytes.
    logged: u64,
    logged_bytes: usize,
    statistics: Statistics,
}

impl Queue {
    /// Returns an empty queue in front of a journal.
    pub(super) fn new(files: &Files) -> Result<Self, JournalError> {
        let writer = Writer::open(files)?;
        Ok(Self {
            state: Mutex::default(),
            groups: [Condvar::new(), Condvar::new()],
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
        self.reach(state, upto, Depth::Committed).map(drop)
    }

    /// Returns when everything put before is on the disk.
    pub(super) fn force(&self) -> Result<(), JournalError> {
        let mut state = self.lock();
        let upto = state.accepted;
        state.forcing += u32::from(state.forced < upto);
        self.reach(state, upto, Depth::Forced).map(drop)
    }

    /// Does something in a transaction of its own, after everything put before.
    pub(super) fn decide<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, JournalError> {
        // It counts as a change, so that it can be forced.
        let mut state = self.alone();
        state.accepted += 1;
        state.logged += 1;
        let (mut state, decided) =
            self.lead(state, Depth::Committed, |writer| writer.decide(work))?;
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

    /// Loses what is not committed, and refuses all that comes after.
    pub(super) fn lose(&self) {
        let mut state = self.alone();
        let killed = self.files.io(
            &self.files.journal,
            std::io::Error::other("the process was killed"),
        );
        state.break_with(killed);
    }

    /// Returns when so many changes are as deep, through this thread or another.
    fn reach<'a>(
        &'a self,
        mut state: Guard<'a>,
        upto: u64,
        depth: Depth,
    ) -> Result<Guard<'a>, JournalError> {
        let failures = state.failures;
        while state.reached(depth) < upto {
            if let (true, Some(failure)) = (state.failures > failures, &state.failure) {
                return Err(failure.clone());
            }
            state = if state.is_led {
                self.wait(state, upto)
            } else {
                self.lead(state, depth, |_| ())?.0
            };
        }
        Ok(state)
    }

    /// Leads a group: commits everything queued, then does something more, alone with the writer,
    /// then forces it when that is wanted.
    fn lead<'a, T>(
        &'a self,
        mut state: Guard<'a>,
        depth: Depth,
        then: impl FnOnce(&Writer) -> T,
    ) -> Result<(Guard<'a>, T), JournalError> {
        if let Some(cause) = state.broken.clone() {
            self.wake_all();
            return Err(JournalError::Broken { cause });
        }
        state.is_led = true;
        state.group = state.group.wrapping_add(1);
        if depth == Depth::Forced {
            state = self.gather(state);
        }
        let batch = std::mem::take(&mut state.waiting);
        let bytes = std::mem::take(&mut state.bytes);
        state.upto = state.accepted;
        drop(state);
        let done = self.unbroken(|| self.commit(&batch, depth, then));
        let mut state = self.lock();
        state.is_led = false;
        match done {
            Ok(done) => {
                state.advance(batch.len(), bytes, depth);
                self.wake_group(state.group);
                Ok((state, done))
            }
            Err(error) => {
                self.wake_all();
                Err(state.fail(batch, bytes, error))
            }
        }
    }

    fn commit<T>(
        &self,
        batch: &[Queued],
        depth: Depth,
        then: impl FnOnce(&Writer) -> T,
    ) -> Result<T, JournalError> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.commit(batch)?;
        let done = then(&writer);
        if depth == Depth::Forced {
            crash::point("journal::force::before");
            let forced = self.log.sync_data();
            forced.map_err(|source| self.files.io(&self.files.journal, source))?;
            crash::point("journal::force::after");
        }
        Ok(done)
    }

    /// Does what a leader does; a panic in it breaks the journal, or else all others would wait for ever.
    fn unbroken<T>(
        &self,
        work: impl FnOnce() -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        guarded("the journal", work).unwrap_or_else(|problem| {
            let fault = std::io::Error::other(problem.to_string());
            Err(self.files.io(&self.files.journal, fault))
        })
    }

    /// Lets those come along who waited for the disk together the last time: each of them has just
    /// been woken up, and would else wait for a forced write of its own.
    fn gather<'a>(&'a self, mut state: Guard<'a>) -> Guard<'a> {
        state.upto = u64::MAX;
        for _ in 0..state.together {
            if state.forcing >= state.together {
                break;
            }
            drop(state);
            thread::yield_now();
            state = self.lock();
        }
        state.together = std::mem::take(&mut state.forcing);
        state
    }

    /// Waits until nobody leads.
    fn alone(&self) -> Guard<'_> {
        let mut state = self.lock();
        while state.is_led {
            state = self.wait(state, u64::MAX);
        }
        state
    }

    /// Waits for the group that takes a change along.
    fn wait<'a>(&'a self, state: Guard<'a>, change: u64) -> Guard<'a> {
        let is_next = change > state.upto;
        self.groups[(state.group + usize::from(is_next)) % 2]
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes up everybody whose group is done, and one who leads the next.
    fn wake_group(&self, group: usize) {
        self.groups[group % 2].notify_all();
        self.groups[(group + 1) % 2].notify_one();
    }

    /// Wakes up everybody: whoever was to lead may have given up.
    fn wake_all(&self) {
        self.groups.iter().for_each(Condvar::notify_all);
    }

    fn lock(&self) -> Guard<'_> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn refuse_broken(&self) -> Result<(), JournalError> {
        match self.broken.clone() {
            None => Ok(()),
            Some(cause) => Err(JournalError::Broken { cause }),
        }
    }

    fn reached(&self, depth: Depth) -> u64 {
        match depth {
            Depth::Committed => self.committed,
            Depth::Forced => self.forced,
        }
    }

    /// Notes that the group of the leader is done.
    fn advance(&mut self, changes: usize, bytes: usize, depth: Depth) {
        self.committed = self.upto;
        self.logged += changes as u64;
        self.logged_bytes += bytes;
        self.statistics.commits += u64::from(changes > 0);
        if depth == Depth::Forced {
            self.forced = self.upto;
            self.statistics.forces += 1;
        }
    }

    /// Puts changes that could not be made yet back in front of the queue, or accepts nothing any
    /// more; returns why.
    fn fail(&mut self, mut batch: Vec<Queued>, bytes: usize, error: JournalError) -> JournalError {
        if !error.is_passing() {
            return self.break_with(error);
        }
        batch.append(&mut self.waiting);
        self.waiting = batch;
        self.bytes += bytes;
        self.failures += 1;
        self.failure = Some(error.clone());
        error
    }

    /// Accepts nothing any more, and returns why.
    fn break_with(&mut self, error: JournalError) -> JournalError {
        self.waiting = Vec::new();
        self.bytes = 0;
        self.broken.get_or_insert_with(|| Arc::new(error.clone()));
        error
    }
}
