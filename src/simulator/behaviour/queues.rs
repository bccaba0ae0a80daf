//! Queues: where cases wait. Deleting one interrupts its jobs and removes its cases.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Outcome, Route, cases, set};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{Row, Table, World};

pub(super) const ROUTES: &[Route] = &[
    ("queues.list", list),
    ("queues.create", create),
    ("queues.get", get),
    ("queues.update", update),
    ("queues.delete", delete),
    ("queues.list_assignments", list_assignments),
];

/// The connection type of a slot that fills queues.
pub(crate) const PRODUCER: &str = "case-queue-producer";
/// The connection type of a slot that works queues off.
pub(crate) const CONSUMER: &str = "case-queue-consumer";

/// Queues.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) rows: Table<Queue>,
}

/// A queue.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Queue {
    pub(crate) id: Uuid,
    pub(crate) team_id: Uuid,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) folder_id: Option<Uuid>,
    pub(crate) automation_id: Option<Uuid>,
    pub(crate) created_at: Timestamp,
}

impl Row for Queue {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl World {
    /// Returns a queue that the key sees.
    pub(crate) fn queue(&self, id: Uuid) -> Result<&Queue, Refusal> {
        let queue = self
            .queues
            .rows
            .get(id)
            .filter(|queue| self.sees(queue.team_id));
        queue.ok_or_else(|| Refusal::missing("queue", id))
    }

    /// Returns the live setups whose slots of a type are linked to a queue: agent and setup.
    pub(crate) fn wired_to(&self, queue: Uuid, slot_type: &str) -> Vec<(Uuid, Uuid)> {
        let live = self.setups.rows.iter().filter(|setup| setup.is_live());
        let wired = live.filter(|setup| setup.covers(queue, slot_type));
        wired.map(|setup| (setup.agent_id, setup.id)).collect()
    }

    fn check_queue_name(&self, team: Uuid, name: &str, but: Option<Uuid>) -> Result<(), Refusal> {
        let is_same =
            |queue: &Queue| queue.team_id == team && queue.name == name && Some(queue.id) != but;
        if self.queues.rows.iter().any(is_same) {
            Err(Refusal::conflict(format!(
                "the team already has a queue `{name}`"
            )))
        } else {
            Ok(())
        }
    }

    fn check_folder(&self, team: Uuid, folder: Option<Uuid>) -> Result<(), Refusal> {
        let Some(id) = folder else { return Ok(()) };
        let known = self
            .assignments
            .folders
            .get(id)
            .filter(|folder| folder.team_id == team);
        known
            .map(|_| ())
            .ok_or_else(|| Refusal::missing("folder", id))
    }
}

fn view(world: &World, queue: &Queue) -> Value {
    json!({
        "id": queue.id,
        "name": queue.name,
        "description": queue.description,
        "folder_id": queue.folder_id,
        "automation_id": queue.automation_id,
        "team_id": queue.team_id,
        "created_at": queue.created_at,
        "has_approvals": world.cases.rows.iter().any(|case| case.queue_id == queue.id && !case.approvals.is_empty()),
    })
}

fn list(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let automation = request.asked_id("automation_id");
    let fits = |queue: &&Queue| {
        queue.team_id == team && automation.is_none_or(|wanted| queue.automation_id == Some(wanted))
    };
    let page = request.page();
    let (part, total) = page.cut(world.queues.rows.iter().rev().filter(fits).collect());
    let rows: Vec<_> = part.into_iter().map(|queue| view(world, queue)).collect();
    Ok(
        json!({ "queues": rows, "total": total, "limit": page.limit, "offset": page.offset })
            .into(),
    )
}

fn create(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let name = request.text("name").unwrap_or_default();
    world.check_queue_name(team, name, None)?;
    world.check_folder(team, request.body_id("folder_id"))?;
    let queue = Queue {
        id: world.dice.id(),
        team_id: team,
        name: name.into(),
        description: request.text("description").map(Into::into),
        folder_id: request.body_id("folder_id"),
        automation_id: request.body_id("automation_id"),
        created_at: world.now,
    };
    world.did("created", "queue", queue.id);
    let shown = view(world, &queue);
    world.queues.rows.add(queue);
    Ok(json!({ "queue": shown }).into())
}

fn get(world: &mut World, request: &Request) -> Outcome {
    let queue = world.queue(request.id("queue_id"))?;
    Ok(json!({ "queue": view(world, queue) }).into())
}

fn update(world: &mut World, request: &Request) -> Outcome {
    let queue = world.queue(request.id("queue_id"))?;
    let (id, team) = (queue.id, queue.team_id);
    if let Some(name) = request.text("name") {
        world.check_queue_name(team, name, Some(id))?;
    }
    world.check_folder(team, request.body_id("folder_id"))?;
    if let Some(queue) = world.queues.rows.get_mut(id) {
        set(&mut queue.name, request.text("name").map(Into::into));
        set(
            &mut queue.description,
            request
                .body
                .get("description")
                .map(|text| text.as_str().map(Into::into)),
        );
        set(
            &mut queue.folder_id,
            request
                .body
                .get("folder_id")
                .map(|_| request.body_id("folder_id")),
        );
    }
    world.did("changed", "queue", id);
    get(world, request)
}

fn delete(world: &mut World, request: &Request) -> Outcome {
    let id = world.queue(request.id("queue_id"))?.id;
    let doomed = world.cases.rows.ids(|case| case.queue_id == id);
    let interrupted = cases::remove(world, &doomed);
    let gone = world.labels.rows.retain(|label| label.queue_id != id);
    world.lost("label", &gone);
    let gone = world.triggers.rows.retain(|row| row.case_queue_id != id);
    world.lost("trigger", &gone);
    for setup in world.setups.rows.iter_mut() {
        setup
            .slots
            .iter_mut()
            .for_each(|slot| slot.queues.retain(|queue| *queue != id));
    }
    world.queues.rows.remove(id);
    world.did("deleted", "queue", id);
    Ok(json!({
        "success": true,
        "deleted_case_count": doomed.len(),
        "interrupted_run_ids": interrupted,
    })
    .into())
}

fn list_assignments(world: &mut World, request: &Request) -> Outcome {
    let queue = world.queue(request.id("queue_id"))?;
    let producers: Vec<_> = world.wired_to(queue.id, PRODUCER);
    let consumers: Vec<_> = world.wired_to(queue.id, CONSUMER);
    let triggered = |(agent, _): &&(Uuid, Uuid)| world.enabled_trigger(*agent, queue.id).is_some();
    let is_contested = consumers.iter().filter(triggered).count() > 1;
    let problems = |agent: Uuid| {
        let both = [&producers, &consumers]
            .iter()
            .all(|side| side.iter().any(|(other, _)| *other == agent));
        let contested = is_contested && world.enabled_trigger(agent, queue.id).is_some();
        [
            (contested, "multiple_triggers"),
            (both, "producer_consumer_mix"),
        ]
        .into_iter()
        .filter_map(|(is_one, name)| is_one.then_some(name))
        .collect::<Vec<_>>()
    };
    let made: Vec<_> = producers
        .iter()
        .map(|(agent, _)| {
            json!({
                "agent_id": agent,
                "agent_name": world.agent_name(*agent),
                "case_trigger_enabled": world.trigger_of(*agent).is_some_and(|trigger| trigger.enabled),
                "case_trigger_queue_name": world.trigger_of(*agent).and_then(|trigger| world.queue_name(trigger.case_queue_id)),
                "problems": problems(*agent),
            })
        })
        .collect();
    let worked: Vec<_> = consumers
        .iter()
        .map(|(agent, _)| {
            let limit = world
                .trigger_of(*agent)
                .map_or(cases::CONCURRENCY, cases::limit);
            json!({
                "agent_id": agent,
                "agent_name": world.agent_name(*agent),
                "case_trigger_enabled": world.enabled_trigger(*agent, queue.id).is_some(),
                "is_handover_target": world.is_handover_target(*agent),
                "problems": problems(*agent),
                "concurrency_limit": limit,
                "at_concurrency_limit": cases::active_jobs(world, *agent) >= limit,
            })
        })
        .collect();
    Ok(json!({ "queue_name": queue.name, "producers": made, "consumers": worked }).into())
}

impl World {
    /// Returns the name of a queue.
    pub(crate) fn queue_name(&self, id: Uuid) -> Option<&str> {
        Some(&self.queues.rows.get(id)?.name)
    }
}
