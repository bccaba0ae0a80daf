//! A run that is put away while it only waits: how soon, and what came for it meanwhile.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::report::Failure;

/// How long a run that only waits stays, before it is put away: long enough for what has come already
/// to be noticed.
pub(super) const MOMENT: Duration = Duration::from_millis(10);

/// What came for a step.
type Brought = Result<Vec<u8>, Failure>;

/// How a run is put away, and what was brought to it when it is taken up again.
///
/// Whoever puts runs away watches their Jobs for all of them, and brings what it has seen, so that the
/// run need not look for itself.
#[derive(Clone, Debug, Default)]
pub struct Away {
    brought: Arc<Mutex<HashMap<u32, Brought>>>,
}

impl Away {
    /// Brings what a step waited for, by the ticket of the step.
    pub fn bring(&self, ticket: u32, outcome: Result<Vec<u8>, Failure>) {
        let mut brought = self.brought.lock().unwrap_or_else(PoisonError::into_inner);
        brought.insert(ticket, outcome);
    }

    /// Takes what was brought for a step.
    pub(super) fn take(&self, ticket: u32) -> Option<Result<Vec<u8>, Failure>> {
        let mut brought = self.brought.lock().unwrap_or_else(PoisonError::into_inner);
        brought.remove(&ticket)
    }
}

/// What becomes of a run that only waits.
#[derive(Clone, Debug)]
pub enum Patience {
    /// It blocks where it stands, for somebody sits in front of it.
    InPlace,
    /// It is put away, and taken up again when what it waits for has come.
    Suspend(Away),
}
