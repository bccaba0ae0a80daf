//! Snapshots: listed, read, saved by hand, promoted and archived. One of a kind is live.

use serde_json::{Value, json};
use uuid::Uuid;

use super::rows::{Kind, Snapshot, Status, guide_view, row_view, snapshot_view};
use crate::simulator::behaviour::{Outcome, Route};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

pub(super) const ROUTES: &[Route] = &[
    ("processes.list_snapshots", list),
    ("processes.save_snapshot", save),
    ("processes.get_snapshot", get),
    ("processes.revert_snapshot", revert),
    ("processes.promote_snapshot", promote),
    ("processes.get_current", get_old),
    ("processes.revert_current", revert),
    ("processes.promote_current", promote_old),
    ("processes.get_proposal", get_old),
    ("processes.revert_proposal", revert),
    ("processes.promote_proposal", promote_old),
];

/// The kind and the snapshot that a path means, in the words of the guide or of the document.
fn meant(world: &World, request: &Request) -> Result<Snapshot, Refusal> {
    let process = world.process_of(request)?.id;
    let (kind, id) = if !request.param("current_process_id").is_empty() {
        (Kind::CurrentProcess, request.id("current_process_id"))
    } else if !request.param("transformation_proposal_id").is_empty() {
        (
            Kind::TransformationProposal,
            request.id("transformation_proposal_id"),
        )
    } else {
        (Kind::of(request.param("kind")), request.id("snapshot_id"))
    };
    world.snapshot(process, kind, id).cloned()
}

fn list(world: &mut World, request: &Request) -> Outcome {
    let process = world.process_of(request)?.id;
    let kind = Kind::of(request.param("kind"));
    let (part, total) = request
        .page()
        .cut(world.snapshots_of(process, kind).rev().collect());
    let rows: Vec<_> = part.into_iter().map(|one| row_view(world, one)).collect();
    Ok(json!({ "snapshots": rows, "total": total }).into())
}

fn get(world: &mut World, request: &Request) -> Outcome {
    let snapshot = meant(world, request)?;
    Ok(json!({ "snapshot": snapshot_view(world, &snapshot) }).into())
}

fn get_old(world: &mut World, request: &Request) -> Outcome {
    let snapshot = meant(world, request)?;
    Ok(json!({ "snapshot": guide_view(world, &snapshot) }).into())
}

fn save(world: &mut World, request: &Request) -> Outcome {
    let process = world.process_of(request)?;
    let (id, kind) = (process.id, Kind::of(request.param("kind")));
    if process.is_busy() {
        return Err(Refusal::conflict("something is being generated"));
    }
    let base = request.body_id("baselineSnapshotId").unwrap_or_default();
    let base = world.snapshot(id, kind, base)?.clone();
    if base.status != Status::Live {
        return Err(Refusal::conflict(
            "somebody has saved another snapshot since",
        ));
    }
    let (parent, source_id) = (
        base.id,
        request
            .body_id("clarityCurrentProcessId")
            .or(base.source_id),
    );
    let snapshot = Snapshot {
        id: world.dice.id(),
        process_id: id,
        kind,
        source_id,
        parent_id: Some(parent),
        status: Status::Draft,
        by_ai: false,
        data: edited(&base.data, request, kind),
        created_at: world.now,
        updated_at: world.now,
    };
    let new = snapshot.id;
    world.processes.snapshots.add(snapshot);
    world.enliven(new);
    world.did("created", "snapshot", new);
    let saved = world.snapshot(id, kind, new)?;
    Ok(json!({ "snapshot": snapshot_view(world, saved) }).into())
}

fn edited(old: &Value, request: &Request, kind: Kind) -> Value {
    let mut data = old.clone();
    let names: &[&str] = match kind {
        Kind::CurrentProcess => &["steps", "summary", "swot"],
        Kind::TransformationProposal => &["steps", "summary", "projectedImpact"],
    };
    for name in names {
        if let Some(value) = request.body.get(*name) {
            data[*name] = value.clone();
        }
    }
    data
}

fn check_idle(world: &World, snapshot: &Snapshot) -> Result<(), Refusal> {
    if snapshot.status == Status::Generating || world.process(snapshot.process_id)?.is_busy() {
        return Err(Refusal::conflict("something is being generated"));
    }
    Ok(())
}

/// The newest historic one takes the place of a live one that is archived.
fn revert(world: &mut World, request: &Request) -> Outcome {
    let snapshot = meant(world, request)?;
    check_idle(world, &snapshot)?;
    world.processes.snapshots.remove(snapshot.id);
    if snapshot.status == Status::Live {
        let mut others = world.snapshots_of(snapshot.process_id, snapshot.kind).rev();
        let next = others
            .find(|one| one.status == Status::Historic)
            .map(|one| one.id);
        drop(others);
        if let Some(next) = next {
            world.enliven(next);
        }
    }
    world.did("deleted", "snapshot", snapshot.id);
    Ok(json!({ "success": true }).into())
}

fn promoted(world: &mut World, request: &Request) -> Result<Snapshot, Refusal> {
    let snapshot = meant(world, request)?;
    check_idle(world, &snapshot)?;
    if snapshot.status == Status::Live {
        return Err(Refusal::state(format!(
            "snapshot `{}` is live already",
            snapshot.id
        )));
    }
    let id: Uuid = snapshot.id;
    world.enliven(id);
    world.did("promoted", "snapshot", id);
    world
        .snapshot(snapshot.process_id, snapshot.kind, id)
        .cloned()
}

fn promote(world: &mut World, request: &Request) -> Outcome {
    let snapshot = promoted(world, request)?;
    Ok(json!({ "snapshot": snapshot_view(world, &snapshot) }).into())
}

fn promote_old(world: &mut World, request: &Request) -> Outcome {
    let snapshot = promoted(world, request)?;
    Ok(json!({ "snapshot": guide_view(world, &snapshot) }).into())
}
