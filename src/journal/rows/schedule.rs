//! A schedule as the journal knows it: how far its slots are decided, and whether it is paused.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What is known of a schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleRow {
    /// Its name.
    pub name: String,
    /// Tells its plan from another one; empty while no daemon serves it.
    pub fingerprint: String,
    /// Every slot of the plan at or before this instant has its fate.
    pub decided_until: Timestamp,
    /// Who has put it on hold, since when and why.
    pub paused: Option<Pause>,
    /// Its last pause that is over, and when that was.
    pub rested: Option<(Pause, Timestamp)>,
    /// How many of its runs have failed in a row.
    pub failures: u32,
    /// When a daemon last read its declaration.
    pub seen_at: Timestamp,
    /// The first and the last instant of the slots that were pruned.
    pub forgotten: Option<(Timestamp, Timestamp)>,
    /// Grows with every change of the schedule and its slots.
    pub version: u64,
}

impl ScheduleRow {
    /// Returns whether a slot of this instant may have been pruned.
    pub fn has_forgotten(&self, at: Timestamp) -> bool {
        self.forgotten
            .is_some_and(|(from, until)| (from..=until).contains(&at))
    }
}

/// That a schedule is on hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Since when.
    pub at: Timestamp,
    /// Who wanted it; nobody when its failures did.
    pub by: Option<String>,
    /// Why.
    pub reason: String,
}

/// A schedule that a daemon serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// Its name.
    pub name: String,
    /// Tells its plan from another one.
    pub fingerprint: String,
}
