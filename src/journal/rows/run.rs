//! A run: what it was started with, the state it is in, and how it ended.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a run does at present; the ended states are final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// It has not begun.
    Queued,
    /// A process executes it, or did so when it died (see [`crate::journal::Journal::is_owned`]).
    Running,
    /// It waits for a time, a job, an answer or a signal.
    Waiting,
    /// A person has put it on hold.
    Paused,
    /// A call was cut off, and a person must say what became of it.
    Uncertain,
    /// Its script no longer does what is recorded.
    Diverged,
    /// It has ended well.
    Done,
    /// It has ended with a failure.
    Failed,
    /// It was cancelled.
    Cancelled,
}

impl RunState {
    /// All states, in the order of a run's life.
    pub const ALL: [Self; 9] = [
        Self::Queued,
        Self::Running,
        Self::Waiting,
        Self::Paused,
        Self::Uncertain,
        Self::Diverged,
        Self::Done,
        Self::Failed,
        Self::Cancelled,
    ];

    /// Returns the state as it is shown and stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Paused => "paused",
            Self::Uncertain => "uncertain",
            Self::Diverged => "diverged",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Returns the state of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Returns whether a run in this state is over for good.
    pub fn is_ended(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

impl std::fmt::Display for RunState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a person wants of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// End it.
    Cancel,
    /// Put it on hold.
    Pause,
    /// Go on with it: takes a `Pause` back. It is never stored.
    Resume,
}

impl Order {
    /// All orders.
    pub const ALL: [Self; 3] = [Self::Cancel, Self::Pause, Self::Resume];

    /// Returns the order as it is shown and stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Pause => "pause",
            Self::Resume => "resume",
        }
    }

    /// Returns the order of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.as_str() == name)
    }
}

/// A run that begins: what it is started with.
#[derive(Clone, Debug, PartialEq)]
pub struct NewRun {
    /// Its id, unique in the journal.
    pub id: String,
    /// Name of the script.
    pub script: String,
    /// The project's folder.
    pub root: String,
    /// The arguments as JSON, with secrets masked.
    pub arguments: String,
    /// The whole arguments, sealed, where masking changed them.
    pub sealed_arguments: Option<Vec<u8>>,
    /// Version of the engine that its sources were written for.
    pub engine: String,
    /// Where its effects go, as JSON: profile, team, simulator.
    pub world: String,
    /// Its limits, as JSON.
    pub limits: String,
    /// When it must have ended.
    pub deadline: Option<Timestamp>,
    /// The run it was made from.
    pub parent: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// The state it begins in.
    pub state: RunState,
    /// Whether nobody sits in front of it, so that a daemon takes it up.
    pub unattended: bool,
    /// Name of the schedule it runs for.
    pub schedule: Option<String>,
    /// The slot of the schedule.
    pub slot: Option<Timestamp>,
    /// Which attempt it is, from 1.
    pub attempt: u32,
    /// When it wants to begin, if not at once.
    pub wake_at: Option<Timestamp>,
}

impl NewRun {
    /// Returns a run that is queued for somebody who sits in front of it, without arguments.
    pub fn queued(
        id: impl Into<String>,
        script: impl Into<String>,
        engine: impl Into<String>,
        created_at: Timestamp,
    ) -> Self {
        let nothing = || "{}".to_owned();
        Self {
            id: id.into(),
            script: script.into(),
            root: "/".into(),
            arguments: nothing(),
            sealed_arguments: None,
            engine: engine.into(),
            world: nothing(),
            limits: nothing(),
            deadline: None,
            parent: None,
            created_at,
            state: RunState::Queued,
            unattended: false,
            schedule: None,
            slot: None,
            attempt: 1,
            wake_at: None,
        }
    }
}

/// A run as it is kept: what it was started with ([`NewRun`]), and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunRow {
    /// Its id, unique in the journal.
    pub id: String,
    /// Name of the script.
    pub script: String,
    /// The project's folder.
    pub root: String,
    /// The arguments as JSON, with secrets masked.
    pub arguments: String,
    /// The whole arguments, sealed, where masking changed them. Never exported: only that they were.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "super::text::left_out"
    )]
    pub sealed_arguments: Option<Vec<u8>>,
    /// Version of the engine that its sources were written for.
    pub engine: String,
    /// Where its effects go, as JSON.
    pub world: String,
    /// Its limits, as JSON.
    pub limits: String,
    /// When it must have ended.
    pub deadline: Option<Timestamp>,
    /// The run it was made from.
    pub parent: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// The state it is in.
    pub state: RunState,
    /// Whether nobody sits in front of it, so that a daemon takes it up. An imported run is its
    /// importer's.
    #[serde(default)]
    pub unattended: bool,
    /// Name of the schedule it runs for.
    #[serde(default)]
    pub schedule: Option<String>,
    /// The slot of the schedule.
    #[serde(default)]
    pub slot: Option<Timestamp>,
    /// Which attempt it is, from 1.
    #[serde(default = "first")]
    pub attempt: u32,
    /// When it first ran.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// When it wants to be woken up.
    pub wake_at: Option<Timestamp>,
    /// Why it is in its state, in one line.
    pub reason: Option<String>,
    /// The exit code it ended with.
    pub exit: Option<i32>,
    /// The result it ended with, as JSON.
    pub result: Option<String>,
    /// The problem it ended with, as JSON.
    pub problem: Option<String>,
    /// What a person wants of it: `Cancel` or `Pause`.
    pub ordered: Option<Order>,
    /// How much of the record, up to this `done_seq`, the main line of a cancelled run may see.
    pub cancelled_at: Option<u32>,
    /// Id of the process that has it in hand, or had when it died. Never exported.
    #[serde(skip)]
    pub owner: Option<String>,
    /// How many steps it has.
    pub steps: u32,
}

impl RunRow {
    /// Returns a queued run that does the same again, in as much time, made from this one.
    pub fn again(&self, id: String, now: Timestamp) -> NewRun {
        let timeout = self.timeout();
        NewRun {
            root: self.root.clone(),
            arguments: self.arguments.clone(),
            sealed_arguments: self.sealed_arguments.clone(),
            world: self.world.clone(),
            limits: self.limits.clone(),
            deadline: timeout.and_then(|timeout| now.checked_add(timeout).ok()),
            parent: Some(self.id.clone()),
            ..NewRun::queued(id, &*self.script, &*self.engine, now)
        }
    }

    /// Returns how long it was allowed to take.
    pub fn timeout(&self) -> Option<Duration> {
        Duration::try_from(self.deadline?.duration_since(self.created_at)).ok()
    }
}

fn first() -> u32 {
    1
}
