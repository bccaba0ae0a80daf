//! Generations: what takes time, one stage after the other, on the simulator's clock.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::rows::{
    Boldness, CaptureRequest, Kind, Process, RequestStatus, Snapshot, SnapshotStatus, Status, Task,
    Work,
};
use super::views::is_usable;
use super::{chat, flow};
use crate::simulator::behaviour::setups::{self, NewSetup};
use crate::simulator::world::{self, World};

/// How long a stage takes.
const STAGE: Duration = Duration::from_secs(5);
/// How long an assignment takes to be built.
const BUILD: Duration = Duration::from_secs(20);

/// Something that happens to a process by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Event {
    /// A stage of a generation is done, unless it was stopped since (`course`).
    Stage { process: Uuid, course: u32 },
    /// An assignment has been built from a proposal.
    Built { process: Uuid, proposal: Uuid },
    /// The chat has thought about a message.
    Reply { conversation: Uuid, message: Uuid },
}

/// The stages of a task: key and label.
pub(super) fn stages(task: &Task) -> &'static [(&'static str, &'static str)] {
    match task {
        Task::Current { .. } => &[
            ("read_captures", "Reading the captures"),
            ("find_steps", "Finding the steps"),
            ("draw_flow", "Drawing the flow"),
            ("summarize", "Writing the summary"),
        ],
        Task::Proposal { .. } => &[
            ("read_process", "Reading the current process"),
            ("rate_steps", "Rating the steps"),
            ("redesign", "Redesigning the flow"),
            ("find_gaps", "Looking for gaps"),
            ("summarize", "Writing the summary"),
        ],
        Task::FollowUp => &[
            ("analyse", "Analysing the snapshot"),
            ("summarize", "Writing the summary"),
        ],
    }
}

/// Lets something happen that is due.
pub(crate) fn happen(world: &mut World, event: &Event) {
    match *event {
        Event::Stage { process, course } => stage(world, process, course),
        Event::Built { process, proposal } => built(world, process, proposal),
        Event::Reply {
            conversation,
            message,
        } => chat::reply(world, conversation, message),
    }
}

/// Starts a task on a process that is idle.
pub(super) fn begin(world: &mut World, process: Uuid, task: Task) {
    let now = world.now;
    let Some(row) = world.processes.rows.get_mut(process) else {
        return;
    };
    row.status = match task {
        Task::Current { .. } => Status::GeneratingCurrentProcess,
        Task::Proposal { .. } => Status::GeneratingProposal,
        Task::FollowUp => Status::Generating,
    };
    row.work = Some(Work { task, done: 0 });
    row.generation_error = None;
    row.course += 1;
    row.updated_at = now;
    let course = row.course;
    world.plan(
        STAGE,
        world::Event::Process(Event::Stage { process, course }),
    );
}

/// Plans the building of an assignment.
pub(super) fn begin_build(world: &mut World, process: Uuid, proposal: Uuid) {
    world.plan(
        BUILD,
        world::Event::Process(Event::Built { process, proposal }),
    );
}

/// Adds the snapshot that a generation will fill.
pub(super) fn add_blank(
    world: &mut World,
    process: Uuid,
    kind: Kind,
    origin: [Option<Uuid>; 2],
) -> Uuid {
    let [source_id, parent_id] = origin;
    let id = world.dice.id();
    let version = world.processes.of_kind(process, kind).count() + 1;
    world.processes.snapshots.add(Snapshot {
        id,
        process_id: process,
        kind,
        status: SnapshotStatus::Generating,
        is_by_hand: false,
        source_id,
        parent_id,
        user_id: Some(world.me),
        created_at: world.now,
        updated_at: world.now,
        data: json!({ "version": version, "steps": [] }),
    });
    world.did("created", "process_snapshot", id);
    id
}

/// Ends a generation before its time, with nothing to show for it.
pub(super) fn break_off(world: &mut World, process: Uuid, status: Status, error: Option<&str>) {
    let now = world.now;
    let Some(row) = world.processes.rows.get_mut(process) else {
        return;
    };
    (row.status, row.updated_at, row.course) = (status, now, row.course + 1);
    row.generation_error = error.map(Into::into);
    if let Some((_, snapshot)) = row.work.take().and_then(|work| work.snapshot()) {
        world.processes.snapshots.remove(snapshot);
    }
}

fn stage(world: &mut World, id: Uuid, course: u32) {
    let Some(process) = world
        .processes
        .rows
        .get_mut(id)
        .filter(|process| process.course == course)
    else {
        return;
    };
    let Some(work) = &mut process.work else {
        return;
    };
    work.done += 1;
    let (task, is_done) = (work.task.clone(), work.done == stages(&work.task).len());
    let needs_captures = matches!(task, Task::Current { .. });
    if needs_captures && !world.processes.captures_of(id).any(is_usable) {
        let why = "there is no finished capture to generate from";
        return break_off(world, id, Status::GenerationFailed, Some(why));
    }
    if !is_done {
        world.plan(
            STAGE,
            world::Event::Process(Event::Stage {
                process: id,
                course,
            }),
        );
        return;
    }
    finish(world, id, task);
}

/// Fills and promotes what was generated, and puts the process to review.
pub(super) fn finish(world: &mut World, id: Uuid, task: Task) {
    let Some(process) = world.processes.rows.get(id).cloned() else {
        return;
    };
    match task {
        Task::Current { snapshot } => {
            let version = version_of(world, snapshot);
            let data = flow::current(world, &process, version);
            fill(world, snapshot, data);
        }
        Task::Proposal {
            snapshot,
            boldness,
            guidance,
        } => {
            propose(world, &process, snapshot, (boldness, guidance.as_deref()));
        }
        Task::FollowUp => {}
    }
    let now = world.now;
    if let Some(process) = world.processes.rows.get_mut(id) {
        (process.status, process.work, process.updated_at) = (Status::Review, None, now);
    }
}

/// What a proposal asked for is resolved by the next one, which asks only for what nobody captured.
fn propose(world: &mut World, process: &Process, snapshot: Uuid, wishes: (Boldness, Option<&str>)) {
    let (now, id) = (world.now, process.id);
    let earlier = world.processes.snapshots.ids(|one| one.process_id == id);
    let mut known = Vec::new();
    for request in world
        .processes
        .requests
        .iter_mut()
        .filter(|one| earlier.contains(&one.proposal_id))
    {
        if request.status == RequestStatus::Captured {
            (request.status, request.updated_at) = (RequestStatus::Resolved, now);
        }
        if request.status == RequestStatus::Resolved {
            known.push(request.gap.clone());
        }
    }
    let mut open = Vec::new();
    for (step, gap) in flow::gaps().filter(|(_, gap)| !known.iter().any(|one| one == gap)) {
        let request = world.dice.id();
        open.push((gap.to_owned(), request));
        world.processes.requests.add(CaptureRequest {
            id: request,
            proposal_id: snapshot,
            step_id: step.into(),
            capture_id: None,
            requested_user_id: None,
            status: RequestStatus::Requested,
            gap: gap.into(),
            suggested_prompt: Some(format!("Show {gap}.")),
            priority: "medium".into(),
            created_at: now,
            updated_at: now,
        });
    }
    let data = flow::proposal(world, process, version_of(world, snapshot), wishes, &open);
    fill(world, snapshot, data);
}

fn version_of(world: &World, snapshot: Uuid) -> u64 {
    let snapshot = world.processes.snapshots.get(snapshot);
    snapshot
        .and_then(|one| one.data["version"].as_u64())
        .unwrap_or(1)
}

fn fill(world: &mut World, snapshot: Uuid, data: Value) {
    if let Some(row) = world.processes.snapshots.get_mut(snapshot) {
        row.data = data;
    }
    world.processes.make_live(snapshot, world.now);
}

/// Adds an assignment whose live setup follows a proposal.
fn built(world: &mut World, id: Uuid, proposal: Uuid) {
    let Some(process) = world.processes.rows.get(id) else {
        return;
    };
    let (team, name) = (process.team_id, process.name.clone());
    let proposal = world.processes.snapshots.get(proposal);
    let summary = proposal.map_or(Value::Null, |one| one.data["summary"].clone());
    let agent_id = world.add_agent(team, &name);
    let setup = world.add_setup(NewSetup {
        agent_id,
        name,
        config: None,
        source: None,
        status: setups::Status::Live,
    });
    if let Some(setup) = world.setups.rows.get_mut(setup) {
        setup.config["data"]["input"] = summary.as_str().unwrap_or_default().into();
    }
    let now = world.now;
    let idle = world.processes.rows.get_mut(id);
    if let Some(process) = idle.filter(|process| process.work.is_none()) {
        (process.status, process.updated_at) = (Status::Complete, now);
    }
}
