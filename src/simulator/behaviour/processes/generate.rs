//! Work in the background: generations, follow-up analyses, and assignments built from proposals.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::chat;
use super::content;
use super::read::STEPS;
use super::rows::{CaptureRequest, Kind, Progress, Snapshot, Status};
use crate::simulator::behaviour::setups::{NewSetup, Status as SetupStatus};
use crate::simulator::behaviour::{Outcome, Route};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{Event, World};

pub(super) const ROUTES: &[Route] = &[
    ("processes.generate_snapshot", generate_snapshot),
    ("processes.stop_snapshot", stop_snapshot),
    ("processes.generate_current", generate_current),
    ("processes.generate_proposal", generate_proposal),
    ("processes.stop_proposal", stop_proposal),
    ("processes.postprocess", postprocess),
    ("processes.build_automation", build_automation),
];

/// How long one step of a generation takes.
const STEP: Duration = Duration::from_secs(4);
/// How long it takes to build an assignment.
const BUILD: Duration = Duration::from_secs(10);

/// Work on a process that is under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Work {
    /// The next step of a generation, unless it was stopped since (`round`).
    Generate { process: Uuid, round: u32 },
    /// The end of a follow-up analysis.
    Postprocess { process: Uuid, round: u32 },
    /// The end of building an assignment.
    Build { process: Uuid },
    /// The answer of a chat.
    Chat { conversation: Uuid },
}

/// Lets work on a process go on.
pub(crate) fn go_on(world: &mut World, work: &Work) {
    match *work {
        Work::Generate { process, round } => advance(world, process, round),
        Work::Postprocess { process, round } => {
            if world
                .processes
                .rows
                .get(process)
                .is_some_and(|one| one.round == round)
            {
                world.turn_process(process, "review");
            }
        }
        Work::Build { process } => build(world, process),
        Work::Chat { conversation } => chat::reply(world, conversation),
    }
}

fn generate_snapshot(world: &mut World, request: &Request) -> Outcome {
    let kind = Kind::of(request.param("kind"));
    if kind == Kind::CurrentProcess {
        let only_for_proposals = ["source_snapshot_id", "regenerate_from", "custom_guidance"];
        if only_for_proposals
            .iter()
            .any(|name| request.body.contains_key(*name))
        {
            return Err(Refusal::invalid(
                "a current process is generated from its captures alone",
            ));
        }
    }
    start(world, request, kind, request.body_id("source_snapshot_id"))
}

fn generate_current(world: &mut World, request: &Request) -> Outcome {
    start(world, request, Kind::CurrentProcess, None)
}

fn generate_proposal(world: &mut World, request: &Request) -> Outcome {
    start(
        world,
        request,
        Kind::TransformationProposal,
        request.body_id("current_process_id"),
    )
}

fn start(world: &mut World, request: &Request, kind: Kind, source: Option<Uuid>) -> Outcome {
    let process = world.process_of(request)?;
    let (id, name) = (process.id, process.name.clone());
    if process.is_busy() {
        return Err(Refusal::conflict("something is being generated already"));
    }
    let parent = request.body_id("regenerate_from");
    if parent.is_some() && source.is_some() {
        return Err(Refusal::invalid(
            "give a source or an earlier proposal, not both",
        ));
    }
    let source_id = check_basis(world, id, kind, source)?;
    if let Some(parent) = parent {
        world.snapshot(id, kind, parent)?;
    }
    let snapshot = world.dice.id();
    world.processes.snapshots.add(Snapshot {
        id: snapshot,
        process_id: id,
        kind,
        source_id,
        parent_id: parent,
        status: Status::Generating,
        by_ai: true,
        data: content::data(&name, kind, request.text("custom_guidance")),
        created_at: world.now,
        updated_at: world.now,
    });
    let round = begin(world, id, kind.busy());
    if let Some(process) = world.processes.rows.get_mut(id) {
        process.progress = Some(Progress { snapshot, done: 0 });
    }
    world.plan(STEP, Event::Process(Work::Generate { process: id, round }));
    world.did("started", "generation", snapshot);
    Ok(json!({ "success": true }).into())
}

/// A current process needs captures, a proposal needs a current process.
fn check_basis(
    world: &World,
    process: Uuid,
    kind: Kind,
    source: Option<Uuid>,
) -> Result<Option<Uuid>, Refusal> {
    if kind == Kind::CurrentProcess {
        let mut captures = world.processes.captures.iter();
        let has_some = captures.any(|one| one.process_id == process && one.status == "complete");
        return has_some
            .then_some(None)
            .ok_or_else(|| Refusal::invalid("the process has no captures yet"));
    }
    if let Some(id) = source {
        return world
            .snapshot(process, Kind::CurrentProcess, id)
            .map(|one| Some(one.id));
    }
    let live = world
        .snapshots_of(process, Kind::CurrentProcess)
        .find(|one| one.status == Status::Live);
    let live = live.ok_or_else(|| Refusal::invalid("the process has no current process yet"))?;
    Ok(Some(live.id))
}

/// Starts a round of work; returns its number.
fn begin(world: &mut World, id: Uuid, status: &str) -> u32 {
    world.turn_process(id, status);
    let process = world.processes.rows.get_mut(id);
    process.map_or(0, |process| {
        process.round += 1;
        process.round
    })
}

fn advance(world: &mut World, id: Uuid, round: u32) {
    let Some(process) = world
        .processes
        .rows
        .get_mut(id)
        .filter(|one| one.round == round)
    else {
        return;
    };
    let Some(progress) = process.progress.as_mut() else {
        return;
    };
    progress.done += 1;
    if progress.done < STEPS.len() {
        world.plan(STEP, Event::Process(Work::Generate { process: id, round }));
        return;
    }
    let snapshot = progress.snapshot;
    process.progress = None;
    world.enliven(snapshot);
    world.turn_process(id, "review");
    ask_for_more(world, snapshot);
}

/// A proposal asks for what nobody has told yet.
fn ask_for_more(world: &mut World, snapshot: Uuid) {
    let kind = world.processes.snapshots.get(snapshot).map(|one| one.kind);
    if kind != Some(Kind::TransformationProposal) {
        return;
    }
    let id = world.dice.id();
    world.processes.requests.add(CaptureRequest {
        id,
        proposal_id: snapshot,
        step_id: "ask".into(),
        capture_id: None,
        user_id: None,
        status: "requested".into(),
        gap: "Nobody has told how the buyer is reached.".into(),
        created_at: world.now,
        updated_at: world.now,
    });
}

fn stop_snapshot(world: &mut World, request: &Request) -> Outcome {
    stop(world, request, Kind::of(request.param("kind")))
}

fn stop_proposal(world: &mut World, request: &Request) -> Outcome {
    stop(world, request, Kind::TransformationProposal)
}

fn stop(world: &mut World, request: &Request, kind: Kind) -> Outcome {
    let process = world.process_of(request)?;
    let id = process.id;
    if process.status != kind.busy() {
        return Err(Refusal::state("nothing of this kind is being generated"));
    }
    begin(world, id, "review");
    let under_way = world
        .processes
        .rows
        .get_mut(id)
        .and_then(|process| process.progress.take());
    if let Some(progress) = under_way {
        world.processes.snapshots.remove(progress.snapshot);
        world.did("stopped", "generation", progress.snapshot);
    }
    Ok(json!({ "success": true }).into())
}

fn postprocess(world: &mut World, request: &Request) -> Outcome {
    let id = world.process_of(request)?.id;
    let kind = Kind::of(request.text("type").unwrap_or_default());
    let (named, field) = match kind {
        Kind::CurrentProcess => (request.body_id("current_process_id"), "current_process_id"),
        Kind::TransformationProposal => (
            request.body_id("transformation_proposal_id"),
            "transformation_proposal_id",
        ),
    };
    let snapshot = named.ok_or_else(|| Refusal::invalid(format!("`{field}` is missing")))?;
    world.snapshot(id, kind, snapshot)?;
    if world.process(id)?.is_busy() {
        return Err(Refusal::conflict("something is being generated already"));
    }
    let round = begin(world, id, "generating");
    world.plan(
        STEP,
        Event::Process(Work::Postprocess { process: id, round }),
    );
    world.did("started", "analysis", snapshot);
    Ok(json!({ "success": true }).into())
}

fn build_automation(world: &mut World, request: &Request) -> Outcome {
    let id = world.process_of(request)?.id;
    let mut proposals = world.snapshots_of(id, Kind::TransformationProposal);
    if !proposals.any(|one| one.status == Status::Live) {
        return Err(Refusal::invalid("the process has no proposal yet"));
    }
    drop(proposals);
    let run = world.dice.id();
    world.plan(BUILD, Event::Process(Work::Build { process: id }));
    world.did("started", "automation", run);
    Ok(json!({ "automation_run": { "id": run, "status": "generating" } }).into())
}

fn build(world: &mut World, id: Uuid) {
    let Some(process) = world.processes.rows.get(id) else {
        return;
    };
    let (team, name) = (process.team_id, format!("{} (built)", process.name));
    let agent_id = world.add_agent(team, &name);
    let (config, source, status) = (None, None, SetupStatus::Draft);
    let setup = world.add_setup(NewSetup {
        agent_id,
        name,
        config,
        source,
        status,
    });
    let proposal = world
        .snapshots_of(id, Kind::TransformationProposal)
        .find(|one| one.status == Status::Live);
    let summary = proposal.map_or(Value::Null, |one| one.data["summary"].clone());
    if let Some(setup) = world.setups.rows.get_mut(setup) {
        setup.config["data"]["input"] = summary;
    }
    world.turn_process(id, "complete");
}
