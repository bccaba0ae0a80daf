//! The one sticky flag of a run, and what it may use up.
//!
//! A terminating error alone can be swallowed by callbacks of builtins and by `eval`; the flag
//! cannot: it is looked at on every operation, before every effect, and after the script.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, AtomicU64, Ordering::Relaxed};

/// Why a run stopped before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Stop {
    /// The Host stopped it, and knows why.
    ByHost = 1,
    /// The user interrupted it.
    Interrupted = 2,
    /// It used up its operations.
    Operations = 3,
    /// It used up its memory.
    Memory = 4,
    /// It ended itself, with `exit` or because its output could not be written.
    Ended = 5,
}

/// Stops a run, and counts what it uses up; shared by all its threads.
#[derive(Debug, Default)]
pub struct Control {
    stopped: AtomicU8,
    operations: AtomicU64,
    held_bytes: AtomicI64,
    watcher: Option<Watcher>,
}

/// Told of each line that is reached: source and line.
pub type LineWatcher = Arc<dyn Fn(&str, usize) + Send + Sync>;

#[derive(Clone)]
struct Watcher(LineWatcher);

impl std::fmt::Debug for Watcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watcher")
    }
}

impl Control {
    /// Returns one that tells of each line that the run reaches, which slows it down.
    pub fn watching(watcher: LineWatcher) -> Self {
        Self {
            watcher: Some(Watcher(watcher)),
            ..Self::default()
        }
    }

    /// Returns whom to tell of the lines that the run reaches.
    pub(crate) fn watcher(&self) -> Option<LineWatcher> {
        self.watcher.as_ref().map(|watcher| Arc::clone(&watcher.0))
    }

    /// Stops the run at its next operation or effect. The first reason stays.
    pub fn stop(&self, why: Stop) {
        // An error means that it has stopped already, for an earlier reason.
        let _ = self
            .stopped
            .compare_exchange(0, why as u8, Relaxed, Relaxed);
    }

    /// Returns why the run was stopped, if it was.
    pub fn stopped(&self) -> Option<Stop> {
        match self.stopped.load(Relaxed) {
            0 => None,
            2 => Some(Stop::Interrupted),
            3 => Some(Stop::Operations),
            4 => Some(Stop::Memory),
            5 => Some(Stop::Ended),
            _ => Some(Stop::ByHost),
        }
    }

    /// Returns whether the run shall stop.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Relaxed) != 0
    }

    /// Lets a stopped run go on, for its clean-up.
    pub(crate) fn start_again(&self) {
        self.stopped.store(0, Relaxed);
    }

    /// Notes that the Host stopped the run.
    pub(crate) fn stop_silently(&self) {
        self.stop(Stop::ByHost);
    }

    /// Adds to the operations used up, and returns all of them.
    pub(crate) fn spend(&self, operations: u64) -> u64 {
        self.operations.fetch_add(operations, Relaxed) + operations
    }

    /// Adds to the memory held, and returns all of it; negative when more was freed than taken.
    pub(crate) fn hold(&self, bytes: i64) -> i64 {
        self.held_bytes.fetch_add(bytes, Relaxed) + bytes
    }
}
