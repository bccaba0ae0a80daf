//! Today at a glance, and how the daemon itself is.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::run::RunBrief;
use super::time::Time;

/// Everything at a glance.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Overview {
    /// The time of the daemon.
    #[schemars(with = "Time")]
    pub now: Timestamp,
    /// The daemon itself.
    pub daemon: DaemonView,
    /// Runs that are executed.
    pub running: Vec<RunBrief>,
    /// Runs that are due and wait for a free thread.
    pub due: Vec<RunBrief>,
    /// Runs that wait for a time, a job or a person.
    pub waiting: Vec<RunBrief>,
    /// Runs that go on only when a person has done something: paused, uncertain, diverged.
    pub stuck: Vec<RunBrief>,
    /// Runs that failed within the last day, the newest first.
    pub failed: Vec<RunBrief>,
    /// Runs that ended well within the last day, the newest first.
    pub done: Vec<RunBrief>,
    /// When the next slot or wake-up is due.
    #[schemars(with = "Option<Time>")]
    pub next: Option<Timestamp>,
}

/// The daemon itself.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct DaemonView {
    /// Version of the program.
    pub version: String,
    /// Id of its process.
    pub pid: u32,
    /// Since when it serves.
    #[schemars(with = "Time")]
    pub since: Timestamp,
    /// The project's folder.
    pub project: String,
    /// Where effects go.
    pub world: serde_json::Value,
    /// How many runs it executes at once at most.
    pub workers: usize,
    /// Whether it takes no further runs, because it is about to end.
    pub is_draining: bool,
    /// What is wrong with declarations of schedules.
    pub faults: Vec<FaultView>,
    /// Runs that are due and that it does not touch.
    pub left_alone: Vec<LeftAlone>,
}

/// Something that is wrong with a declaration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FaultView {
    /// What is wrong, in one line.
    pub what: String,
    /// Where, as `file:line:column`.
    pub at: Option<String>,
    /// The same as the terminal shows it, with the source line.
    pub shown: String,
}

/// A run that is due and that the daemon does not touch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LeftAlone {
    /// Id of the run.
    pub run: String,
    /// Why.
    pub why: String,
}

/// Whether the daemon does its work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Health {
    /// Whether all is well.
    pub ok: bool,
    /// What is not, one fault a line.
    pub faults: Vec<String>,
    /// Whether it takes no further runs, because it is about to end.
    pub is_draining: bool,
}
