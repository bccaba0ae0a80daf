//! A run: in short, for lists, and as a whole.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::step::{EventView, PlaceView, WaitView, parsed};
use super::time::Time;
use crate::journal::{Journal, Order, RunRow, RunState};

/// A run in short.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct RunBrief {
    /// Its id.
    pub id: String,
    /// Name of its script.
    pub script: String,
    /// How it stands: its state, or `interrupted` when no living process executes it though it runs.
    pub state: String,
    /// Whether it has ended for good.
    pub is_ended: bool,
    /// The schedule that started it.
    pub schedule: Option<String>,
    /// The slot that it belongs to.
    #[schemars(with = "Option<Time>")]
    pub slot: Option<Timestamp>,
    /// Which attempt at its slot it is, from 1.
    pub attempt: u32,
    /// Whether it runs without a person in front of it.
    pub unattended: bool,
    /// When it was made.
    #[schemars(with = "Time")]
    pub created_at: Timestamp,
    /// When it first ran.
    #[schemars(with = "Option<Time>")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[schemars(with = "Option<Time>")]
    pub ended_at: Option<Timestamp>,
    /// When it goes on by itself at the latest.
    #[schemars(with = "Option<Time>")]
    pub wake_at: Option<Timestamp>,
    /// When it must have ended.
    #[schemars(with = "Option<Time>")]
    pub deadline: Option<Timestamp>,
    /// Why it is in its state, in one line.
    pub reason: Option<String>,
    /// What a person has ordered: `cancel` or `pause`.
    pub ordered: Option<String>,
    /// The run it was made from.
    pub parent: Option<String>,
    /// How many steps it has.
    pub steps: u32,
}

impl RunBrief {
    /// Makes it from a row; the journal tells whether somebody executes the run.
    pub(in crate::serve) fn of(row: &RunRow, journal: &Journal) -> Self {
        let is_lost = matches!(row.state, RunState::Running | RunState::Queued)
            && row.started_at.is_some()
            && !journal.is_owned(row);
        let state = if is_lost {
            "interrupted"
        } else {
            row.state.as_str()
        };
        Self {
            id: row.id.clone(),
            script: row.script.clone(),
            state: state.to_owned(),
            is_ended: row.state.is_ended(),
            schedule: row.schedule.clone(),
            slot: row.slot,
            attempt: row.attempt,
            unattended: row.unattended,
            created_at: row.created_at,
            started_at: row.started_at,
            ended_at: row.ended_at,
            wake_at: row.wake_at,
            deadline: row.deadline,
            reason: row.reason.clone(),
            ordered: row.ordered.map(Order::as_str).map(str::to_owned),
            parent: row.parent.clone(),
            steps: row.steps,
        }
    }
}

/// A run as a whole, but for its steps, lines and sources.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct RunView {
    /// The run in short.
    #[serde(flatten)]
    pub brief: RunBrief,
    /// Its arguments, with secrets masked.
    pub arguments: Value,
    /// Where its effects go.
    pub world: Value,
    /// What it may use up.
    pub limits: Value,
    /// Version of the engine that its sources were written for.
    pub engine: String,
    /// The exit code it ended with.
    pub exit: Option<i32>,
    /// The result it ended with.
    pub result: Option<Value>,
    /// The problem it ended with.
    pub problem: Option<ProblemView>,
    /// What it waits for.
    pub waits: Vec<WaitView>,
    /// What was delivered to it: answers and signals.
    pub events: Vec<EventView>,
    /// The line of its script that it stands at, or ended at.
    pub place: Option<PlaceView>,
}

/// The problem that a run ended with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProblemView {
    /// What went wrong, in one line.
    pub what: String,
    /// The same as the terminal shows it, with the source line.
    pub shown: String,
}

impl ProblemView {
    /// Reads the problem that a row holds.
    pub(in crate::serve) fn of(row: &RunRow) -> Option<Self> {
        let problem = parsed(row.problem.as_deref()?);
        let text = |field: &str| problem[field].as_str().unwrap_or_default().to_owned();
        Some(Self {
            what: text("what"),
            shown: text("shown"),
        })
    }
}
