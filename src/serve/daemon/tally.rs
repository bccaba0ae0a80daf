//! What the daemon has counted since it began.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counts of what happened.
#[derive(Debug, Default)]
pub(in crate::serve) struct Tally {
    /// Runs taken up: begun, or gone on with.
    pub(in crate::serve) taken_up: Count,
    /// Runs put away until what they wait for has come.
    pub(in crate::serve) suspended: Count,
    /// Runs that ended well.
    pub(in crate::serve) done: Count,
    /// Runs that failed.
    pub(in crate::serve) failed: Count,
    /// Runs that were cancelled.
    pub(in crate::serve) cancelled: Count,
    /// Further attempts at slots whose run has failed.
    pub(in crate::serve) retries: Count,
    /// Webhooks that were taken as a hint.
    pub(in crate::serve) hints: Count,
}

/// A count that only grows.
#[derive(Debug, Default)]
pub(in crate::serve) struct Count(AtomicU64);

impl Count {
    /// Adds one.
    pub(in crate::serve) fn add(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    /// Returns the count.
    pub(in crate::serve) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}
