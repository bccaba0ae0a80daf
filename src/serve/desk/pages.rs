//! Which part of a long list is wanted.

use jiff::Timestamp;

use crate::journal::{Fate, RunFilter, RunState};

/// The most rows that a list gives at once.
pub(super) const MOST: usize = 1000;

/// Which runs are wanted, the newest first; the default is the first hundred.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunPage {
    /// Runs in one of these states; none means in any.
    pub states: Vec<RunState>,
    /// Runs whose script's name holds this text.
    pub script: Option<String>,
    /// Runs of this schedule.
    pub schedule: Option<String>,
    /// Runs made at or after this time.
    pub since: Option<Timestamp>,
    /// Runs made before this time.
    pub until: Option<Timestamp>,
    /// At most so many, and never more than a thousand.
    pub limit: Option<usize>,
    /// Runs that follow the run with this id.
    pub before: Option<String>,
}

impl RunPage {
    /// Returns the journal's form of it.
    pub(super) fn filter(self) -> RunFilter {
        RunFilter {
            states: self.states,
            script: self.script,
            schedule: self.schedule,
            since: self.since,
            until: self.until,
            limit: Some(self.limit.unwrap_or(100).min(MOST)),
            before: self.before,
        }
    }
}

/// Which slots are wanted, the newest first; the default is the first hundred of all schedules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SlotPage {
    /// Slots of this schedule.
    pub schedule: Option<String>,
    /// Slots at or after this time.
    pub from: Option<Timestamp>,
    /// Slots before this time.
    pub to: Option<Timestamp>,
    /// Slots with one of these fates; none means with any.
    pub fates: Vec<Fate>,
    /// At most so many, and never more than a thousand.
    pub limit: Option<usize>,
}
