//! The slots of a setup: attached by connection type, and the connections pinned to them.
//!
//! A user sees and removes the pins of their own only.

use serde_json::{Value, json};
use uuid::Uuid;

use super::rows::{Pin, Slot};
use crate::simulator::behaviour::Outcome;
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

fn slot_view(slot: &Slot) -> Value {
    let id = |is_it: bool| is_it.then_some(slot.integration_id);
    json!({
        "id": slot.id,
        "integration_id": id(!slot.is_custom),
        "custom_integration_id": id(slot.is_custom),
        "integration_type": slot.kind,
        "integration_name": slot.name,
        "created_at": slot.created_at,
    })
}

pub(super) fn list(world: &mut World, request: &Request) -> Outcome {
    let slots = &world.setup_of(request)?.slots;
    Ok(json!({ "integrations": slots.iter().map(slot_view).collect::<Vec<_>>() }).into())
}

pub(super) fn attach(world: &mut World, request: &Request) -> Outcome {
    let setup = world.setup_of(request)?;
    let known: Vec<_> = setup.slots.iter().map(|slot| slot.integration_id).collect();
    let mut wanted = request.body_ids("integration_ids").unwrap_or_default();
    wanted.dedup();
    let mut slots = Vec::new();
    for id in wanted.into_iter().filter(|id| !known.contains(id)) {
        slots.push(
            world
                .new_slot(id)
                .ok_or_else(|| Refusal::invalid(format!("no connection type `{id}`")))?,
        );
    }
    let count = slots.len();
    world.setup_of_mut(request)?.slots.extend(slots);
    Ok(json!({ "success": true, "count": count }).into())
}

impl World {
    /// Returns a new slot for a connection type.
    pub(crate) fn new_slot(&mut self, integration: Uuid) -> Option<Slot> {
        let kind = self.connections.kind(integration)?;
        let (name, is_custom) = (kind.name.clone(), kind.is_custom);
        let kind = kind.slug.clone();
        Some(Slot {
            id: self.dice.id(),
            integration_id: integration,
            is_custom,
            kind,
            name,
            created_at: self.now,
            pins: Vec::new(),
            queues: Vec::new(),
        })
    }
}

pub(super) fn remove(world: &mut World, request: &Request) -> Outcome {
    let id = slot_of(world, request)?;
    world
        .setup_of_mut(request)?
        .slots
        .retain(|slot| slot.id != id);
    Ok(json!({ "success": true }).into())
}

pub(super) fn slot_of(world: &mut World, request: &Request) -> Result<Uuid, Refusal> {
    let id = request.id("integration_id");
    let slot = world
        .setup_of(request)?
        .slots
        .iter()
        .find(|slot| is_slot(slot, id));
    slot.map(|slot| slot.id)
        .ok_or_else(|| Refusal::missing("slot", id))
}

pub(super) fn with_slot<T>(
    world: &mut World,
    request: &Request,
    change: impl FnOnce(&mut Slot) -> T,
) -> Result<T, Refusal> {
    let id = slot_of(world, request)?;
    let slots = &mut world.setup_of_mut(request)?.slots;
    let slot = slots.iter_mut().find(|slot| slot.id == id);
    slot.map(change).ok_or_else(|| Refusal::missing("slot", id))
}

/// The parameter takes the slot's own id as well as the id of its connection type.
fn is_slot(slot: &Slot, id: Uuid) -> bool {
    slot.id == id || slot.integration_id == id
}

pub(super) fn list_pinned(world: &mut World, request: &Request) -> Outcome {
    let id = slot_of(world, request)?;
    let slots = &world.setup_of(request)?.slots;
    let pins = slots
        .iter()
        .filter(|slot| slot.id == id)
        .flat_map(|slot| &slot.pins);
    let mine = pins.filter(|pin| pin.user_id == world.me);
    let rows =
        mine.map(|pin| json!({ "connection_id": pin.connection_id, "created_at": pin.created_at }));
    Ok(json!({ "connections": rows.collect::<Vec<_>>() }).into())
}

pub(super) fn pin(world: &mut World, request: &Request) -> Outcome {
    let connection_id = world
        .connection(request.body_id("connection_id").unwrap_or_default())?
        .id;
    let pin = Pin {
        connection_id,
        user_id: world.me,
        created_at: world.now,
    };
    with_slot(world, request, |slot| {
        if !slot
            .pins
            .iter()
            .any(|known| known.connection_id == pin.connection_id && known.user_id == pin.user_id)
        {
            slot.pins.push(pin);
        }
    })?;
    Ok(json!({ "success": true }).into())
}

pub(super) fn unpin(world: &mut World, request: &Request) -> Outcome {
    let (me, connection) = (world.me, request.id("connection_id"));
    let is_it = |pin: &Pin| pin.connection_id == connection && pin.user_id == me;
    with_slot(world, request, |slot| {
        let count = slot.pins.len();
        slot.pins.retain(|pin| !is_it(pin));
        slot.pins.len() < count
    })?
    .then(|| json!({ "success": true }).into())
    .ok_or_else(|| Refusal::missing("pinned connection", connection))
}
