//! A slot: a moment at which a schedule was to run, and its one fate.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{NewRun, Pause, ScheduleRow, StoredSource};

/// Where a slot comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlotKind {
    /// From the plan, in its time.
    Planned,
    /// From a person, at that very moment.
    Triggered,
    /// From the plan, made up for by a person.
    Backfilled,
}

impl SlotKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Planned, Self::Triggered, Self::Backfilled];

    /// Returns the kind as it is shown and stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Triggered => "triggered",
            Self::Backfilled => "backfilled",
        }
    }

    /// Returns the kind of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// What became of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It waits until the runs before it have ended: the only one that still changes by itself.
    Queued,
    /// It ran.
    Ran,
    /// It ran, more than a minute behind its time.
    Late,
    /// It did not run, because that was wanted so.
    Skipped,
    /// It did not run, though that was wanted.
    Missed,
}

impl Fate {
    /// All fates.
    pub const ALL: [Self; 5] = [
        Self::Queued,
        Self::Ran,
        Self::Late,
        Self::Skipped,
        Self::Missed,
    ];

    /// Returns the fate as it is shown and stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Ran => "ran",
            Self::Late => "late",
            Self::Skipped => "skipped",
            Self::Missed => "missed",
        }
    }

    /// Returns the fate of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fate| fate.as_str() == name)
    }

    /// Returns whether a run was made for the slot.
    pub fn has_run(self) -> bool {
        matches!(self, Self::Ran | Self::Late)
    }
}

impl std::fmt::Display for Fate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A slot whose fate is decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSlot {
    /// Its instant, which is its name too: no two slots of a schedule share it.
    pub at: Timestamp,
    /// Where it comes from.
    pub kind: SlotKind,
    /// When its run was to start: the instant and the jitter.
    pub due: Timestamp,
    /// What becomes of it.
    pub fate: Fate,
    /// Why, in one line.
    pub reason: Option<String>,
}

/// A slot as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotRow {
    /// Name of its schedule.
    pub schedule: String,
    /// Its instant.
    pub at: Timestamp,
    /// Where it comes from.
    pub kind: SlotKind,
    /// When its run was to start.
    pub due: Timestamp,
    /// What became of it.
    pub fate: Fate,
    /// Why, in one line.
    pub reason: Option<String>,
    /// When that was decided.
    pub decided_at: Timestamp,
    /// Its newest run, unless that was pruned.
    pub run: Option<String>,
    /// Whether nothing more will happen to it.
    pub settled: bool,
}

/// Which slots a list shows; the default is all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SlotFilter {
    /// Slots of this schedule.
    pub schedule: Option<String>,
    /// Slots at or after this instant.
    pub from: Option<Timestamp>,
    /// Slots before this instant.
    pub to: Option<Timestamp>,
    /// Slots of one of these fates; none means of any.
    pub fates: Vec<Fate>,
    /// Only those to which something may still happen.
    pub is_open: bool,
    /// At most so many.
    pub limit: Option<usize>,
}

/// The run that is made for a slot, and what it is made of.
pub type FirstRun = (NewRun, Vec<StoredSource>);

/// What is decided about a slot.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The slot and its fate.
    pub slot: NewSlot,
    /// Its run, where the fate is to run.
    pub run: Option<FirstRun>,
    /// Whether it may also be a slot that was skipped or missed before.
    pub is_again: bool,
}

/// What is decided about the slots of one schedule.
#[derive(Clone, Debug, PartialEq)]
pub struct Deciding {
    /// Name of the schedule.
    pub schedule: String,
    /// The version that was looked at; where it is another one, nothing is decided.
    pub version: u64,
    /// The slots.
    pub decided: Vec<Decision>,
    /// From now on every slot at or before this instant has its fate; it never goes back.
    pub until: Option<Timestamp>,
}

/// What the end of a run means for its schedule.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settlement {
    /// The run that has ended.
    pub run: String,
    /// What becomes of the number of failures in a row.
    pub count: Count,
    /// Puts the schedule on hold, unless it is.
    pub pause: Option<Pause>,
    /// The next attempt for the same slot; without one the slot is settled.
    pub next: Option<FirstRun>,
}

/// What becomes of the number of failures in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Count {
    /// It stays.
    #[default]
    Keep,
    /// One more.
    Failure,
    /// None.
    Success,
}

/// What is known of a schedule when its slots are decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The schedule.
    pub row: ScheduleRow,
    /// The slots to which something may still happen, oldest first: those that run, and those that
    /// are queued.
    pub open: Vec<SlotRow>,
    /// Slots behind [`ScheduleRow::decided_until`] that have their fate nevertheless.
    pub ahead: Vec<Timestamp>,
}
