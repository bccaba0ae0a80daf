//! Where a test has a run die: at every border of an effect, as a killed process would.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::journal::crash_point;

/// Counts the borders of effects that a run passes, and has it die at one of them.
#[derive(Debug, Default)]
pub struct Crash {
    passed: AtomicU64,
    /// The border to die at, from 1; 0 for none.
    at: u64,
}

impl Crash {
    /// Returns one that has a run die at a border, counted from 1; at 0 it only counts.
    pub fn at(border: u64) -> Self {
        Self {
            passed: AtomicU64::new(0),
            at: border,
        }
    }

    /// Returns how many borders the run has passed.
    pub fn passed(&self) -> u64 {
        self.passed.load(Relaxed)
    }

    /// Returns whether the run has died.
    pub fn has_struck(&self) -> bool {
        self.at > 0 && self.passed() >= self.at
    }

    /// Passes a border; returns whether the run dies there.
    pub(super) fn pass(crash: Option<&Self>, point: &str) -> bool {
        crash_point(point);
        crash.is_some_and(|crash| crash.passed.fetch_add(1, Relaxed) + 1 == crash.at)
    }
}
