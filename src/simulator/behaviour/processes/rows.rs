//! What is kept of processes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{Content, Row, Table, World};

/// Processes and what belongs to them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) rows: Table<Process>,
    pub(crate) captures: Table<Capture>,
    pub(crate) snapshots: Table<Snapshot>,
    pub(crate) requests: Table<CaptureRequest>,
    pub(crate) conversations: Table<Conversation>,
}

/// A process.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Process {
    pub(crate) id: Uuid,
    pub(crate) team_id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) name: String,
    pub(crate) status: String,
    /// What is being generated, and how far it is.
    pub(crate) progress: Option<Progress>,
    /// Goes up with each generation, so that a stopped one comes to nothing.
    pub(crate) round: u32,
    pub(crate) invite: Option<Uuid>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// How far a generation is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Progress {
    pub(crate) snapshot: Uuid,
    pub(crate) done: usize,
}

/// What people have shown or told.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Capture {
    pub(crate) id: Uuid,
    pub(crate) process_id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) kind: CaptureKind,
    pub(crate) status: String,
    /// What was said, by interviewer and user in turns.
    pub(crate) talk: Vec<String>,
    pub(crate) file_name: Option<String>,
    pub(crate) content: Option<Content>,
    pub(crate) request_id: Option<Uuid>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// How something was captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CaptureKind {
    Video,
    Interview,
    Document,
}

/// A version of what is known, or of what is proposed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    pub(crate) id: Uuid,
    pub(crate) process_id: Uuid,
    pub(crate) kind: Kind,
    pub(crate) source_id: Option<Uuid>,
    pub(crate) parent_id: Option<Uuid>,
    pub(crate) status: Status,
    pub(crate) by_ai: bool,
    pub(crate) data: Value,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// The kind of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    CurrentProcess,
    TransformationProposal,
}

/// The state of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Live,
    Historic,
    Draft,
    Generating,
}

/// A capture that a proposal still asks for.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CaptureRequest {
    pub(crate) id: Uuid,
    pub(crate) proposal_id: Uuid,
    pub(crate) step_id: String,
    pub(crate) capture_id: Option<Uuid>,
    pub(crate) user_id: Option<Uuid>,
    pub(crate) status: String,
    pub(crate) gap: String,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// A chat about a snapshot.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Conversation {
    pub(crate) id: Uuid,
    pub(crate) process_id: Uuid,
    pub(crate) kind: Kind,
    pub(crate) title: String,
    pub(crate) status: String,
    pub(crate) messages: Vec<ChatMessage>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// A message of a chat.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ChatMessage {
    pub(crate) id: Uuid,
    pub(crate) role: String,
    pub(crate) baseline: Uuid,
    /// With its `kind` inside.
    pub(crate) body: Value,
    pub(crate) at: Timestamp,
}

impl Row for Process {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl Row for Capture {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl Row for Snapshot {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl Row for CaptureRequest {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl Row for Conversation {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl Kind {
    /// Returns the kind of the API's word.
    pub(super) fn of(word: &str) -> Self {
        if word == "transformation_proposal" {
            Self::TransformationProposal
        } else {
            Self::CurrentProcess
        }
    }

    /// Returns the state of a process in which one of this kind is generated.
    pub(super) fn busy(self) -> &'static str {
        match self {
            Self::CurrentProcess => "generating-current-process",
            Self::TransformationProposal => "generating-transformation-proposal",
        }
    }
}

impl Process {
    /// Returns whether something is being generated.
    pub(super) fn is_busy(&self) -> bool {
        self.status.starts_with("generating")
    }
}

impl World {
    /// Returns a process that the key sees.
    pub(crate) fn process(&self, id: Uuid) -> Result<&Process, Refusal> {
        let process = self.processes.rows.get(id);
        let seen = process.filter(|process| self.sees(process.team_id));
        seen.ok_or_else(|| Refusal::missing("process", id))
    }

    /// Returns the process of the path.
    pub(super) fn process_of(&self, request: &Request) -> Result<&Process, Refusal> {
        self.process(request.id("process_id"))
    }

    /// Returns the snapshots of a process and a kind, oldest first.
    pub(super) fn snapshots_of(
        &self,
        process: Uuid,
        kind: Kind,
    ) -> impl DoubleEndedIterator<Item = &Snapshot> {
        let all = self.processes.snapshots.iter();
        all.filter(move |one| one.process_id == process && one.kind == kind)
    }

    /// Returns a snapshot of a process.
    pub(super) fn snapshot(
        &self,
        process: Uuid,
        kind: Kind,
        id: Uuid,
    ) -> Result<&Snapshot, Refusal> {
        let snapshot = self.processes.snapshots.get(id);
        let own = snapshot.filter(|one| one.process_id == process && one.kind == kind);
        own.ok_or_else(|| Refusal::missing("snapshot", id))
    }

    /// Makes a snapshot the live one of its kind.
    pub(super) fn enliven(&mut self, id: Uuid) {
        let Some(snapshot) = self.processes.snapshots.get(id) else {
            return;
        };
        let (process, kind, now) = (snapshot.process_id, snapshot.kind, self.now);
        for one in self.processes.snapshots.iter_mut() {
            if one.id == id {
                (one.status, one.updated_at) = (Status::Live, now);
            } else if one.process_id == process && one.kind == kind && one.status == Status::Live {
                one.status = Status::Historic;
            }
        }
    }

    /// Gives a process another state.
    pub(super) fn turn_process(&mut self, id: Uuid, status: &str) {
        let now = self.now;
        if let Some(process) = self.processes.rows.get_mut(id) {
            (process.status, process.updated_at) = (status.into(), now);
        }
    }
}

/// Removes a process and what belongs to it.
pub(crate) fn remove(world: &mut World, id: Uuid) {
    let state = &mut world.processes;
    state.captures.retain(|one| one.process_id != id);
    state.snapshots.retain(|one| one.process_id != id);
    state.conversations.retain(|one| one.process_id != id);
    state.rows.remove(id);
    world.did("deleted", "process", id);
}

/// Returns a snapshot as the API shows it, without its steps.
pub(super) fn row_view(world: &World, one: &Snapshot) -> Value {
    json!({
        "id": one.id,
        "process_id": one.process_id,
        "source_snapshot_id": one.source_id,
        "parent_id": one.parent_id,
        "created_at": one.created_at,
        "status": one.status,
        "creator_type": if one.by_ai { "ai" } else { "human" },
        "user_id": (!one.by_ai).then_some(world.me),
        "sandbox_id": null,
        "last_session_id": null,
        "kind": one.kind,
    })
}

/// Returns a snapshot as the API shows it.
pub(super) fn snapshot_view(world: &World, one: &Snapshot) -> Value {
    let mut view = row_view(world, one);
    view["updated_at"] = json!(one.updated_at);
    view["data"] = one.data.clone();
    view
}

/// Returns a snapshot as the calls of the guide show it.
pub(super) fn guide_view(world: &World, one: &Snapshot) -> Value {
    let mut view = json!({
        "id": one.id,
        "data": one.data,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
        "user_id": (!one.by_ai).then_some(world.me),
        "sandbox_id": null,
        "last_session_id": null,
    });
    match one.kind {
        Kind::CurrentProcess => view["parent_current_process_id"] = json!(one.parent_id),
        Kind::TransformationProposal => {
            view["clarity_current_process_id"] = json!(one.source_id);
            view["parent_transformation_proposal_id"] = json!(one.parent_id);
        }
    }
    view
}
