//! When a run began and how long it took: a simulator's time is no measure for ours.

use std::time::Duration;

use jiff::Timestamp;

use crate::clock::{between, distance, moment};
use crate::journal::RunRow;

/// Returns when a run began: how long ago, or exactly where its time is simulated.
pub(super) fn since(run: &RunRow, now: Timestamp) -> String {
    if is_simulated(run) {
        moment(run.created_at)
    } else {
        distance(run.created_at, now)
    }
}

/// Returns how long a run has taken so far; `None` while nobody can tell.
pub(super) fn taken(run: &RunRow, now: Timestamp) -> Option<Duration> {
    let until = match run.ended_at {
        Some(ended) => ended,
        None if is_simulated(run) => return None,
        None => now,
    };
    between(run.started_at?, until)
}

/// Returns whether the time of a run is that of a simulator, and no measure for ours.
fn is_simulated(run: &RunRow) -> bool {
    let world: serde_json::Value = serde_json::from_str(&run.world).unwrap_or_default();
    world.get("simulator").is_some()
}
