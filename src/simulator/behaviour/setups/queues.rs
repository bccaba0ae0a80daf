//! The queues that the case queue slots of a setup are linked to.

use serde_json::{Value, json};
use uuid::Uuid;

use super::rows::Slot;
use super::slots::{slot_of, with_slot};
use crate::simulator::behaviour::Outcome;
use crate::simulator::behaviour::queues::{CONSUMER, PRODUCER};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

pub(super) fn list(world: &mut World, request: &Request) -> Outcome {
    let id = slot_of(world, request)?;
    let slot = world
        .setup_of(request)?
        .slots
        .iter()
        .find(|slot| slot.id == id && is_queue_slot(slot));
    let slot = slot.ok_or_else(|| Refusal::invalid("only case queue slots have queues"))?;
    Ok(queue_names(world, &slot.queues).into())
}

pub(super) fn replace(world: &mut World, request: &Request) -> Outcome {
    let mut queues = request.body_ids("queue_ids").unwrap_or_default();
    queues
        .iter()
        .try_for_each(|id| world.queue(*id).map(drop))?;
    queues.sort_unstable();
    queues.dedup();
    let replaced = queues.clone();
    with_slot(world, request, |slot| {
        let fits = is_queue_slot(slot);
        if fits {
            slot.queues = replaced;
        }
        fits
    })?
    .then_some(())
    .ok_or_else(|| Refusal::invalid("only case queue slots have queues"))?;
    world.wake_dispatcher();
    Ok(queue_names(world, &queues).into())
}

pub(super) fn check(world: &mut World, request: &Request) -> Outcome {
    let setup = world.setup_of(request)?;
    let team = world.agent(setup.agent_id)?.team_id;
    let slots = setup.slots.iter().filter(|slot| is_queue_slot(slot));
    let rows: Vec<_> = slots
        .map(|slot| {
            json!({
                "config_id": slot.id,
                "integration_type": slot.kind,
                "linked_queue_count": slot.queues.len(),
            })
        })
        .collect();
    let has_queues = world.queues.rows.iter().any(|queue| queue.team_id == team);
    Ok(json!({ "configs": rows, "has_available_queues": has_queues }).into())
}

fn queue_names(world: &World, ids: &[Uuid]) -> Value {
    let rows = ids
        .iter()
        .filter_map(|id| Some(json!({ "id": id, "name": world.queue_name(*id)? })));
    json!({ "queues": rows.collect::<Vec<_>>() })
}

fn is_queue_slot(slot: &Slot) -> bool {
    slot.kind == PRODUCER || slot.kind == CONSUMER
}
