//! What is kept of a job.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::simulator::scenario::{self, Question, Step};
use crate::simulator::world::{Row, Table};

/// Jobs.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) rows: Table<Job>,
    /// Those that have not ended.
    unfinished: BTreeSet<Uuid>,
}

impl State {
    /// Returns the jobs that have not ended.
    pub(crate) fn active(&self) -> impl Iterator<Item = &Job> {
        self.unfinished.iter().filter_map(|id| self.rows.get(*id))
    }

    /// Adds a job.
    pub(super) fn add(&mut self, job: Job) {
        self.unfinished.insert(job.id);
        self.rows.add(job);
    }

    /// Gives a job its next state.
    pub(super) fn turn(&mut self, id: Uuid, status: Status, now: Timestamp) {
        let Some(job) = self.rows.get_mut(id) else {
            return;
        };
        (job.status, job.updated_at) = (status, now);
        if status.is_final() {
            self.unfinished.remove(&id);
        } else {
            self.unfinished.insert(id);
        }
    }
}

/// A job.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) id: Uuid,
    pub(crate) team_id: Uuid,
    pub(crate) number: usize,
    pub(crate) agent_id: Uuid,
    pub(crate) setup_id: Uuid,
    pub(crate) user_id: Option<Uuid>,
    pub(crate) title: String,
    pub(crate) status: Status,
    pub(crate) source: String,
    pub(crate) sandbox_id: Option<String>,
    pub(crate) webhook_url: Option<String>,
    /// What it was started with.
    pub(crate) message: Option<String>,
    /// The queue it shall take a case from.
    pub(crate) queue_id: Option<Uuid>,
    pub(crate) case_id: Option<Uuid>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) completed_at: Option<Timestamp>,
    pub(crate) messages: Vec<Message>,
    /// Everything it ever asked; only the last one can be open.
    pub(crate) requests: Vec<Request>,
    /// What it is still going to do.
    pub(crate) plan: VecDeque<Arc<Step>>,
    /// Goes up with each turn, so that steps planned before the turn come to nothing.
    pub(crate) course: u32,
    pub(crate) prompts: u32,
    /// What the evaluation will find.
    pub(crate) finding: Option<scenario::Evaluation>,
    pub(crate) evaluation: Option<Evaluation>,
}

/// The state of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Pending,
    Starting,
    Running,
    Waiting,
    Completed,
    Failed,
    Interrupted,
}

impl Status {
    /// Returns whether it has ended.
    pub(crate) fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Interrupted)
    }

    /// Returns the API's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }
}

/// A message or an event of a job.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) id: Uuid,
    pub(crate) at: Timestamp,
    pub(crate) kind: MessageKind,
}

/// What a message says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MessageKind {
    Created,
    Started,
    User(String),
    Text(String),
    Thinking(String),
    ToolCall {
        call: Uuid,
        name: String,
        arguments: Value,
    },
    ToolResult {
        call: Uuid,
        result: Option<Value>,
        error: Option<String>,
    },
    Completed,
    Interrupted,
    Error(String),
}

/// What a job asks a person.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) id: Uuid,
    pub(crate) title: String,
    pub(crate) description: Option<String>,
    pub(crate) created_at: Timestamp,
    /// Empty for an approval.
    pub(crate) questions: Vec<Question>,
    /// The step that asked, which knows what an answer leads to.
    pub(crate) step: Arc<Step>,
    pub(crate) response: Option<String>,
    pub(crate) responded_at: Option<Timestamp>,
}

/// What the evaluation of a job found.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Evaluation {
    pub(crate) id: Uuid,
    pub(crate) created_at: Timestamp,
    pub(crate) passed: u32,
    pub(crate) total: u32,
    pub(crate) comment: Option<String>,
    pub(crate) critical: u32,
    pub(crate) medium: u32,
    pub(crate) low: u32,
}

impl Row for Job {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl Job {
    /// Returns what the job waits on.
    pub(crate) fn open_request(&self) -> Option<&Request> {
        self.requests
            .last()
            .filter(|request| request.response.is_none())
    }
}

impl Request {
    /// Returns the API's word for what is asked.
    pub(crate) fn kind(&self) -> &'static str {
        if self.questions.is_empty() {
            "approval"
        } else {
            "question"
        }
    }
}
