//! The calls that `…/snapshots/{kind}` has replaced, in their own shapes; gone where the simulator is
//! set to behave as after their removal.

use serde_json::json;
use uuid::Uuid;

use super::rows::{Kind, Snapshot};
use super::snapshots::{self, Wish};
use super::views;
use crate::simulator::behaviour::Outcome;
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::settings::Deprecated;
use crate::simulator::world::World;

/// The kind that the catalog fixes for the successor.
fn kind_of(request: &Request) -> Kind {
    let fixed = request
        .endpoint
        .successor
        .as_ref()
        .and_then(|next| next.set.iter().find(|(name, _)| *name == "kind"));
    Kind::of(fixed.map_or("", |(_, kind)| kind))
}

fn check_alive(world: &World) -> Result<(), Refusal> {
    if world.deprecated == Deprecated::Gone {
        return Err(Refusal::new(
            &[404],
            "not_found",
            "this endpoint was removed; use snapshots",
        ));
    }
    Ok(())
}

/// The snapshot of the path, whose parameter bears the name of its kind.
fn asked<'a>(world: &'a World, request: &Request) -> Result<&'a Snapshot, Refusal> {
    check_alive(world)?;
    let process = world.process_of(request)?.id;
    let (kind, id) = match kind_of(request) {
        kind @ Kind::CurrentProcess => (kind, request.id("current_process_id")),
        kind @ Kind::TransformationProposal => (kind, request.id("transformation_proposal_id")),
    };
    world.snapshot(process, kind, id)
}

pub(super) fn generate(world: &mut World, request: &Request) -> Outcome {
    check_alive(world)?;
    let process = world.idle_process(request)?.id;
    if kind_of(request) == Kind::CurrentProcess {
        return snapshots::begin_current(world, process);
    }
    let (source, parent) = (
        request.body_id("current_process_id"),
        request.body_id("regenerate_from"),
    );
    if source.is_some() && parent.is_some() {
        return Err(Refusal::invalid(
            "give `current_process_id` or `regenerate_from`, not both",
        ));
    }
    snapshots::begin_proposal(
        world,
        process,
        &Wish {
            source,
            parent,
            ..Wish::default()
        },
    )
}

pub(super) fn stop(world: &mut World, request: &Request) -> Outcome {
    check_alive(world)?;
    let process = world.process_of(request)?.id;
    snapshots::break_off(world, process, kind_of(request))
}

pub(super) fn get(world: &mut World, request: &Request) -> Outcome {
    Ok(json!({ "snapshot": views::old_snapshot(asked(world, request)?) }).into())
}

pub(super) fn revert(world: &mut World, request: &Request) -> Outcome {
    let id = idle(world, request)?;
    snapshots::archive(world, id)
}

pub(super) fn promote(world: &mut World, request: &Request) -> Outcome {
    let id = idle(world, request)?;
    snapshots::make_live(world, id)?;
    get(world, request)
}

fn idle(world: &World, request: &Request) -> Result<Uuid, Refusal> {
    let id = asked(world, request)?.id;
    world.idle_process(request)?;
    Ok(id)
}
