//! Snapshots of both kinds: generating, saving, promoting and archiving them; one of each is live.

use serde_json::{Value, json};
use uuid::Uuid;

use super::rows::{Boldness, Kind, Snapshot, SnapshotStatus, Status, Task, Work};
use super::{flow, generation, views};
use crate::simulator::behaviour::Outcome;
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

fn kind_of(request: &Request) -> Kind {
    Kind::of(request.param("kind"))
}

/// The snapshot of the path.
fn asked<'a>(world: &'a World, request: &Request) -> Result<&'a Snapshot, Refusal> {
    let process = world.process_of(request)?.id;
    world.snapshot(process, kind_of(request), request.id("snapshot_id"))
}

pub(super) fn list(world: &mut World, request: &Request) -> Outcome {
    let process = world.process_of(request)?.id;
    let all = world.processes.of_kind(process, kind_of(request)).collect();
    let (part, total) = request.page().cut(all);
    let rows: Vec<_> = part.into_iter().map(views::snapshot_row).collect();
    Ok(json!({ "snapshots": rows, "total": total }).into())
}

pub(super) fn get(world: &mut World, request: &Request) -> Outcome {
    Ok(json!({ "snapshot": views::snapshot(asked(world, request)?) }).into())
}

pub(super) fn generate(world: &mut World, request: &Request) -> Outcome {
    let process = world.idle_process(request)?.id;
    if kind_of(request) == Kind::CurrentProcess {
        if !request.body.is_empty() {
            return Err(Refusal::invalid(
                "a current process is generated without a body",
            ));
        }
        return begin_current(world, process);
    }
    let boldness = request.body.get("transformation_aggressiveness").cloned();
    begin_proposal(
        world,
        process,
        &Wish {
            source: request.body_id("source_snapshot_id"),
            parent: request.body_id("regenerate_from"),
            guidance: request.text("custom_guidance").map(Into::into),
            boldness: boldness
                .and_then(|word| serde_json::from_value(word).ok())
                .unwrap_or_default(),
        },
    )
}

/// What a proposal shall be made from, and how.
#[derive(Default)]
pub(super) struct Wish {
    pub(super) source: Option<Uuid>,
    pub(super) parent: Option<Uuid>,
    pub(super) guidance: Option<String>,
    pub(super) boldness: Boldness,
}

/// Starts the generation of a current process.
pub(super) fn begin_current(world: &mut World, process: Uuid) -> Outcome {
    let snapshot = generation::add_blank(world, process, Kind::CurrentProcess, [None, None]);
    generation::begin(world, process, Task::Current { snapshot });
    Ok(json!({ "success": true }).into())
}

/// Starts the generation of a proposal.
pub(super) fn begin_proposal(world: &mut World, process: Uuid, wish: &Wish) -> Outcome {
    if let Some(parent) = wish.parent {
        world.snapshot(process, Kind::TransformationProposal, parent)?;
    }
    let source = match wish.source {
        Some(id) => Some(world.snapshot(process, Kind::CurrentProcess, id)?),
        None => world.processes.live(process, Kind::CurrentProcess),
    };
    let source = source
        .ok_or_else(|| Refusal::invalid("the process has no current process to start from"))?
        .id;
    let origin = [Some(source), wish.parent];
    let snapshot = generation::add_blank(world, process, Kind::TransformationProposal, origin);
    let (boldness, guidance) = (wish.boldness, wish.guidance.clone());
    generation::begin(
        world,
        process,
        Task::Proposal {
            snapshot,
            boldness,
            guidance,
        },
    );
    Ok(json!({ "success": true }).into())
}

pub(super) fn stop(world: &mut World, request: &Request) -> Outcome {
    let process = world.process_of(request)?.id;
    break_off(world, process, kind_of(request))
}

/// Stops the generation of a snapshot of one kind.
pub(super) fn break_off(world: &mut World, id: Uuid, kind: Kind) -> Outcome {
    let process = world.process(id)?;
    let running = process.work.as_ref().and_then(Work::snapshot);
    if running.is_none_or(|(running, _)| running != kind) {
        return Err(Refusal::state(format!(
            "no {} is being generated",
            kind.words()
        )));
    }
    generation::break_off(world, id, Status::Review, None);
    world.did("stopped", "process_generation", id);
    Ok(json!({ "success": true }).into())
}

pub(super) fn promote(world: &mut World, request: &Request) -> Outcome {
    world.idle_process(request)?;
    let id = asked(world, request)?.id;
    make_live(world, id)?;
    get(world, request)
}

/// Promotes a draft or a historic snapshot.
pub(super) fn make_live(world: &mut World, id: Uuid) -> Result<(), Refusal> {
    let Some(snapshot) = world.processes.snapshots.get(id) else {
        return Err(Refusal::missing("snapshot", id));
    };
    let process = snapshot.process_id;
    if snapshot.status == SnapshotStatus::Live {
        return Err(Refusal::state("the snapshot is live already"));
    }
    world.processes.make_live(id, world.now);
    world.touch_process(process);
    world.did("promoted", "process_snapshot", id);
    Ok(())
}

pub(super) fn revert(world: &mut World, request: &Request) -> Outcome {
    world.idle_process(request)?;
    let id = asked(world, request)?.id;
    archive(world, id)
}

/// Archives a snapshot; after the live one the newest historic one takes over.
pub(super) fn archive(world: &mut World, id: Uuid) -> Outcome {
    if world
        .processes
        .snapshots
        .iter()
        .any(|other| other.source_id == Some(id))
    {
        return Err(Refusal::conflict(
            "a proposal was made from this snapshot; archive the proposal first",
        ));
    }
    if world
        .processes
        .messages
        .iter()
        .any(|message| message.is_open_about(id))
    {
        return Err(Refusal::conflict(
            "a chat waits for a decision about this snapshot",
        ));
    }
    let Some(gone) = world.processes.snapshots.remove(id) else {
        return Err(Refusal::missing("snapshot", id));
    };
    for child in world
        .processes
        .snapshots
        .iter_mut()
        .filter(|one| one.parent_id == Some(id))
    {
        child.parent_id = gone.parent_id;
    }
    world
        .processes
        .requests
        .retain(|request| request.proposal_id != id);
    if gone.status == SnapshotStatus::Live {
        world
            .processes
            .revive(gone.process_id, gone.kind, world.now);
    }
    world.touch_process(gone.process_id);
    world.did("archived", "process_snapshot", id);
    Ok(json!({ "success": true }).into())
}

pub(super) fn save(world: &mut World, request: &Request) -> Outcome {
    let process = world.idle_process(request)?.id;
    let kind = kind_of(request);
    let baseline = world.snapshot(
        process,
        kind,
        request.body_id("baselineSnapshotId").unwrap_or_default(),
    )?;
    if baseline.status == SnapshotStatus::Historic {
        return Err(Refusal::conflict(
            "a newer snapshot went live since the edit began; start from that one",
        ));
    }
    let (parent, mut source) = (baseline.id, baseline.source_id);
    if let Some(id) = request.body_id("clarityCurrentProcessId") {
        if kind == Kind::CurrentProcess {
            return Err(Refusal::invalid(
                "`clarityCurrentProcessId` is for proposals only",
            ));
        }
        source = Some(world.snapshot(process, Kind::CurrentProcess, id)?.id);
    }
    let data = edited(request, kind)?;
    let id = generation::add_blank(world, process, kind, [source, Some(parent)]);
    if let Some(snapshot) = world.processes.snapshots.get_mut(id) {
        snapshot.is_by_hand = true;
        snapshot.status = SnapshotStatus::Draft;
        merge(&mut snapshot.data, data);
    }
    make_live(world, id)?;
    Ok(json!({ "snapshot": views::snapshot(world.snapshot(process, kind, id)?) }).into())
}

/// The content of a snapshot that a person has edited.
fn edited(request: &Request, kind: Kind) -> Result<Value, Refusal> {
    let foreign = match kind {
        Kind::CurrentProcess => "projectedImpact",
        Kind::TransformationProposal => "swot",
    };
    if request
        .body
        .get(foreign)
        .is_some_and(|value| !value.is_null())
    {
        return Err(Refusal::invalid(format!(
            "a {} has no `{foreign}`",
            kind.words()
        )));
    }
    let steps = request
        .body
        .get("steps")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    flow::check_steps(&steps).map_err(Refusal::invalid)?;
    let mut data = json!({ "steps": steps });
    for name in ["swot", "summary", "projectedImpact"]
        .into_iter()
        .filter(|name| *name != foreign)
    {
        if let Some(value) = request.body.get(name) {
            data[name] = value.clone();
        }
    }
    Ok(data)
}

fn merge(data: &mut Value, more: Value) {
    if let (Value::Object(data), Value::Object(more)) = (data, more) {
        data.extend(more);
    }
}

pub(super) fn postprocess(world: &mut World, request: &Request) -> Outcome {
    let process = world.idle_process(request)?.id;
    let kind = Kind::of(request.text("type").unwrap_or_default());
    let field = match kind {
        Kind::CurrentProcess => "current_process_id",
        Kind::TransformationProposal => "transformation_proposal_id",
    };
    let id = request.body_id(field);
    let id = id.ok_or_else(|| Refusal::invalid(format!("a {} needs `{field}`", kind.words())))?;
    world.snapshot(process, kind, id)?;
    generation::begin(world, process, Task::FollowUp);
    world.did("started", "process_follow_up", id);
    Ok(json!({ "success": true }).into())
}

pub(super) fn build_automation(world: &mut World, request: &Request) -> Outcome {
    let process = world.process_of(request)?.id;
    let proposal = world.processes.live(process, Kind::TransformationProposal);
    let proposal = proposal
        .ok_or_else(|| Refusal::invalid("the process has no proposal to build from"))?
        .id;
    let run = world.dice.id();
    generation::begin_build(world, process, proposal);
    world.did("started", "automation_run", run);
    Ok(json!({ "automation_run": { "id": run, "status": "generating" } }).into())
}
