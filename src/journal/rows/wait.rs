//! A wait: what a run wants before it goes on, and when it wants to be woken up at the latest.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a step of a run waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaitRow {
    /// Id of the run.
    pub run: String,
    /// Ticket of the step.
    pub ticket: u32,
    /// The kind of wait: `sleep`, `job`, `question` or `signal`.
    pub kind: String,
    /// What exactly, as JSON: the job's id and states, the question's text, the signal's name.
    pub about: String,
    /// Since when.
    pub since: Timestamp,
    /// When it ends by itself.
    pub wake_at: Option<Timestamp>,
}

/// An unattended run that can go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Id of the run.
    pub run: String,
    /// The time it wanted to be woken up at; `None` when something happened to it instead.
    pub wake_at: Option<Timestamp>,
    /// Name of the schedule it runs for.
    pub schedule: Option<String>,
    /// Where its effects go, as JSON.
    pub world: String,
}
