//! A schedule, and the fates of its slots.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::time::Time;

/// A schedule: as it is declared, and how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ScheduleView {
    /// Its name.
    pub name: String,
    /// Name of the script that it runs.
    pub script: Option<String>,
    /// When it fires, as it is declared; none when it is declared no more.
    pub timing: Option<String>,
    /// IANA name of its time zone.
    pub timezone: Option<String>,
    /// Where it is declared, as `file:line`.
    pub declared_at: Option<String>,
    /// What happens to a slot while a run is on.
    pub overlap: Option<String>,
    /// Why it fires no more, while it is paused.
    pub paused: Option<PauseView>,
    /// How many of its slots have failed in a row.
    pub failures: u32,
    /// When its next slots are due.
    #[schemars(with = "Vec<Time>")]
    pub next: Vec<Timestamp>,
    /// Its last slots, the newest first.
    pub last: Vec<SlotView>,
    /// What is odd about its declaration.
    pub warnings: Vec<String>,
}

/// A pause of a schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PauseView {
    /// Since when.
    #[schemars(with = "Time")]
    pub at: Timestamp,
    /// Who paused it; none: itself, after failures.
    pub by: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// A slot of a schedule, and its fate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SlotView {
    /// Name of its schedule.
    pub schedule: String,
    /// Its instant: its name.
    #[schemars(with = "Time")]
    pub at: Timestamp,
    /// Where it comes from: `planned`, `triggered` or `backfilled`.
    pub kind: String,
    /// When its run was to start.
    #[schemars(with = "Time")]
    pub due: Timestamp,
    /// Its fate: `queued`, `ran`, `late`, `skipped` or `missed`.
    pub fate: String,
    /// Why it was late, skipped or missed.
    pub reason: Option<String>,
    /// When its fate was decided.
    #[schemars(with = "Time")]
    pub decided_at: Timestamp,
    /// Its newest run.
    pub run: Option<String>,
    /// How that run stands.
    pub run_state: Option<String>,
}
