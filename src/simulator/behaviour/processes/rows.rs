//! What is kept of a process: its captures, its snapshots, and what is asked and said about them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{Row, Table, World};

/// Processes and all that belongs to them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) rows: Table<Process>,
    pub(crate) captures: Table<Capture>,
    pub(crate) snapshots: Table<Snapshot>,
    pub(crate) requests: Table<CaptureRequest>,
    pub(crate) conversations: Table<Conversation>,
    pub(crate) messages: Table<ChatMessage>,
}

/// A process.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Process {
    pub(crate) id: Uuid,
    pub(crate) team_id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) name: String,
    pub(crate) status: Status,
    pub(crate) is_restricted: bool,
    /// 1 for the old kind, which has no snapshots; 2 for today's.
    pub(crate) version: u8,
    pub(crate) generation_error: Option<String>,
    pub(crate) custom_prompt: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    /// What is being generated.
    pub(crate) work: Option<Work>,
    /// Goes up with each start and stop, so that stages planned before come to nothing.
    pub(crate) course: u32,
    /// The token of the one invite link that works.
    pub(crate) invite: Option<String>,
    pub(crate) labels: Vec<Label>,
}

/// The state of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    #[serde(rename = "draft")]
    Draft,
    #[serde(rename = "collecting")]
    Collecting,
    #[serde(rename = "generating")]
    Generating,
    #[serde(rename = "generating-current-process")]
    GeneratingCurrentProcess,
    #[serde(rename = "generating-transformation-proposal")]
    GeneratingProposal,
    #[serde(rename = "review")]
    Review,
    #[serde(rename = "complete")]
    Complete,
    #[serde(rename = "generation_failed")]
    GenerationFailed,
}

/// A generation under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Work {
    pub(super) task: Task,
    /// How many of its stages are done.
    pub(super) done: usize,
}

/// What a generation makes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Task {
    /// A snapshot of the process as it is.
    Current { snapshot: Uuid },
    /// A snapshot of the process as it could be.
    Proposal {
        snapshot: Uuid,
        boldness: Boldness,
        guidance: Option<String>,
    },
    /// The follow-up analysis of a snapshot.
    FollowUp,
}

/// How far a proposal leaves the current process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Boldness {
    None,
    Conservative,
    #[default]
    Aggressive,
}

/// A label that a process bears.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Label {
    pub(crate) label_id: Uuid,
    /// `human` or `agent`.
    pub(crate) source: String,
}

/// A capture: an interview, a video or a document about a process.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Capture {
    pub(crate) id: Uuid,
    pub(crate) process_id: Uuid,
    pub(crate) user_id: Uuid,
    /// `interview`, `video` or `document`.
    pub(crate) kind: String,
    pub(crate) file_name: Option<String>,
    pub(crate) transcript: Vec<Line>,
    pub(crate) video_transcript: Option<String>,
    pub(crate) status: CaptureStatus,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    /// The import it comes from, until that is complete.
    pub(crate) import: Option<Import>,
}

/// How far a capture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CaptureStatus {
    Pending,
    Complete,
}

/// One thing said in an interview.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) source: Source,
    #[serde(rename = "speakerName")]
    pub(crate) speaker: String,
    pub(crate) message: String,
}

/// Who said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Source {
    Ai,
    User,
}

/// An import that is not complete.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Import {
    pub(super) media: String,
    /// The capture request it answers.
    pub(super) request: Option<Uuid>,
    pub(super) upload: Option<Upload>,
}

/// What was uploaded: the bytes themselves are looked at once and not kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Upload {
    pub(super) size: usize,
    /// Whether the bytes are of the announced media type.
    pub(super) is_sound: bool,
}

/// A state of a process, as it is or as it could be.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    pub(crate) id: Uuid,
    pub(crate) process_id: Uuid,
    pub(crate) kind: Kind,
    pub(crate) status: SnapshotStatus,
    pub(crate) is_by_hand: bool,
    /// The current process that a proposal was made from.
    pub(crate) source_id: Option<Uuid>,
    pub(crate) parent_id: Option<Uuid>,
    pub(crate) user_id: Option<Uuid>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    /// Steps and texts, as the API shows them.
    pub(crate) data: Value,
}

/// What a snapshot is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    CurrentProcess,
    TransformationProposal,
}

/// Whether a snapshot is the one that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SnapshotStatus {
    Live,
    Historic,
    Draft,
    Generating,
}

/// A capture that a proposal asks for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CaptureRequest {
    pub(crate) id: Uuid,
    pub(crate) proposal_id: Uuid,
    pub(crate) step_id: String,
    pub(crate) capture_id: Option<Uuid>,
    pub(crate) requested_user_id: Option<Uuid>,
    pub(crate) status: RequestStatus,
    pub(crate) gap: String,
    pub(crate) suggested_prompt: Option<String>,
    pub(crate) priority: String,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// What became of a capture request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RequestStatus {
    Requested,
    Captured,
    Resolved,
}

/// A chat about the snapshots of one kind.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Conversation {
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) process_id: Uuid,
    pub(crate) kind: Kind,
    pub(crate) title: String,
    pub(crate) status: Turn,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// Whose turn it is in a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Turn {
    Open,
    Running,
    WaitingForPatch,
    WaitingForHitl,
}

/// A message of a chat.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ChatMessage {
    pub(crate) id: Uuid,
    pub(crate) conversation_id: Uuid,
    /// `user` or `assistant`.
    pub(crate) role: String,
    /// As the API shows it, its `kind` included.
    pub(crate) body: Value,
    pub(crate) baseline_snapshot_id: Uuid,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
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

impl Row for ChatMessage {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl Kind {
    /// Returns the kind of a word of the API.
    pub(super) fn of(word: &str) -> Self {
        if word == "transformation_proposal" {
            Self::TransformationProposal
        } else {
            Self::CurrentProcess
        }
    }

    /// Returns the kind in words for people.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::CurrentProcess => "current process",
            Self::TransformationProposal => "transformation proposal",
        }
    }
}

impl ChatMessage {
    /// Returns whether it proposes a patch of a snapshot, or has made a draft of it, undecided.
    pub(super) fn is_open_about(&self, snapshot: Uuid) -> bool {
        let is_it = || {
            let draft = self.body["draft_snapshot_id"]
                .as_str()
                .and_then(|id| Uuid::try_parse(id).ok());
            self.baseline_snapshot_id == snapshot || draft == Some(snapshot)
        };
        self.body["status"] == "pending" && is_it()
    }
}

impl Work {
    /// Returns the snapshot that it makes, with its kind.
    pub(super) fn snapshot(&self) -> Option<(Kind, Uuid)> {
        match self.task {
            Task::Current { snapshot } => Some((Kind::CurrentProcess, snapshot)),
            Task::Proposal { snapshot, .. } => Some((Kind::TransformationProposal, snapshot)),
            Task::FollowUp => None,
        }
    }
}

impl State {
    /// Returns the captures of a process, oldest first.
    pub(crate) fn captures_of(&self, process: Uuid) -> impl DoubleEndedIterator<Item = &Capture> {
        self.captures
            .iter()
            .filter(move |capture| capture.process_id == process)
    }

    /// Returns the snapshots of one kind, newest first.
    pub(super) fn of_kind(&self, process: Uuid, kind: Kind) -> impl Iterator<Item = &Snapshot> {
        let fits =
            move |snapshot: &&Snapshot| snapshot.process_id == process && snapshot.kind == kind;
        self.snapshots.iter().rev().filter(fits)
    }

    /// Returns the live snapshot of one kind.
    pub(crate) fn live(&self, process: Uuid, kind: Kind) -> Option<&Snapshot> {
        self.of_kind(process, kind)
            .find(|snapshot| snapshot.status == SnapshotStatus::Live)
    }

    /// Makes a snapshot the live one of its kind.
    pub(super) fn make_live(&mut self, id: Uuid, now: Timestamp) {
        let Some((process, kind)) = self.snapshots.get(id).map(|one| (one.process_id, one.kind))
        else {
            return;
        };
        let same = self
            .snapshots
            .iter_mut()
            .filter(|one| one.process_id == process && one.kind == kind);
        for snapshot in same {
            if snapshot.id == id {
                (snapshot.status, snapshot.updated_at) = (SnapshotStatus::Live, now);
            } else if snapshot.status == SnapshotStatus::Live {
                (snapshot.status, snapshot.updated_at) = (SnapshotStatus::Historic, now);
            }
        }
    }
}

impl State {
    /// Makes the newest historic snapshot of one kind the live one, if there is any.
    pub(super) fn revive(&mut self, process: Uuid, kind: Kind, now: Timestamp) {
        let is_historic = |one: &&Snapshot| one.status == SnapshotStatus::Historic;
        let heir = self
            .of_kind(process, kind)
            .find(is_historic)
            .map(|one| one.id);
        if let Some(heir) = heir {
            self.make_live(heir, now);
        }
    }
}

impl World {
    /// Returns a process of today's kind that the key sees.
    pub(super) fn process(&self, id: Uuid) -> Result<&Process, Refusal> {
        let process = self.any_process(id)?;
        (process.version == 2)
            .then_some(process)
            .ok_or_else(|| Refusal::missing("process", id))
    }

    /// Returns a process of either kind that the key sees.
    pub(crate) fn any_process(&self, id: Uuid) -> Result<&Process, Refusal> {
        let process = self
            .processes
            .rows
            .get(id)
            .filter(|process| self.opens(process));
        process.ok_or_else(|| Refusal::missing("process", id))
    }

    /// Returns whether the key sees a process.
    pub(crate) fn opens(&self, process: &Process) -> bool {
        let is_let_in =
            || process.user_id == self.me || self.check_manager(process.team_id).is_ok();
        self.sees(process.team_id) && (!process.is_restricted || is_let_in())
    }

    /// Returns the process of the path.
    pub(super) fn process_of(&self, request: &Request) -> Result<&Process, Refusal> {
        self.process(request.id("process_id"))
    }

    /// Returns the process of the path, unless something is being generated for it.
    pub(super) fn idle_process(&self, request: &Request) -> Result<&Process, Refusal> {
        let process = self.process_of(request)?;
        match process.work {
            None => Ok(process),
            Some(_) => Err(Refusal::state(format!(
                "process `{}` is busy with a generation",
                process.name
            ))),
        }
    }

    /// Returns a snapshot of a process, of one kind.
    pub(super) fn snapshot(
        &self,
        process: Uuid,
        kind: Kind,
        id: Uuid,
    ) -> Result<&Snapshot, Refusal> {
        let snapshot = self.processes.snapshots.get(id);
        let fits = |one: &&Snapshot| one.process_id == process && one.kind == kind;
        snapshot
            .filter(fits)
            .ok_or_else(|| Refusal::missing(kind.words(), id))
    }

    /// Notes that something about a process has changed.
    pub(super) fn touch_process(&mut self, id: Uuid) {
        let now = self.now;
        if let Some(process) = self.processes.rows.get_mut(id) {
            process.updated_at = now;
        }
    }
}

/// Adds an empty process of today's kind.
pub(crate) fn add_process(world: &mut World, team_id: Uuid, name: &str) -> Uuid {
    let id = world.dice.id();
    world.processes.rows.add(Process {
        id,
        team_id,
        user_id: world.me,
        name: name.into(),
        status: Status::Draft,
        is_restricted: false,
        version: 2,
        generation_error: None,
        custom_prompt: None,
        created_at: world.now,
        updated_at: world.now,
        work: None,
        course: 0,
        invite: None,
        labels: Vec::new(),
    });
    id
}

/// Removes a process with all that belongs to it.
pub(crate) fn remove(world: &mut World, id: Uuid) {
    let state = &mut world.processes;
    let proposals = state.snapshots.ids(|snapshot| snapshot.process_id == id);
    let chats = state.conversations.ids(|chat| chat.process_id == id);
    state
        .requests
        .retain(|request| !proposals.contains(&request.proposal_id));
    state
        .messages
        .retain(|message| !chats.contains(&message.conversation_id));
    state.conversations.retain(|chat| chat.process_id != id);
    state.snapshots.retain(|snapshot| snapshot.process_id != id);
    state.captures.retain(|capture| capture.process_id != id);
    state.rows.remove(id);
    world.did("deleted", "process", id);
}
