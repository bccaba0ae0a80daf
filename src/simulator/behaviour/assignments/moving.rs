//! Moving an assignment to another team, with what hangs on it.
//!
//! One that is wired to queues, triggers or partners stays unless the gate is bypassed; then its
//! queues come along. Connections stay behind, so slots lose their pins.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::simulator::behaviour::Outcome;
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

/// What moves with an assignment.
struct Load {
    agent: Uuid,
    queues: Vec<Uuid>,
    target: Uuid,
}

pub(super) fn move_agent(world: &mut World, request: &Request) -> Outcome {
    let agent = world.agent(request.id("agent_id"))?;
    let (id, source) = (agent.id, agent.team_id);
    let target = world.check_team(request.body_id("target_team_id").unwrap_or_default())?;
    if target == source {
        return Err(Refusal::invalid("the assignment is in this team already"));
    }
    if world.jobs.active().any(|job| job.agent_id == id) {
        return Err(Refusal::conflict("the assignment has jobs under way"));
    }
    if !request.flag("bypass_standalone_gate").unwrap_or(false) {
        check_standalone(world, id)?;
    }
    let load = Load {
        agent: id,
        queues: queues_of(world, id),
        target,
    };
    let takes_learnings = request.flag("move_learnings").unwrap_or(true);
    let is_dry = request
        .query
        .get("dry_run")
        .and_then(Value::as_bool)
        .unwrap_or(false);
    let mut report = report(world, &load, source);
    report["options"] = json!({ "move_learnings": takes_learnings });
    report["applied"] = json!(!is_dry);
    if !takes_learnings {
        report["warnings"]["dropped_memory_count"] = memories(world, id).into();
    }
    if !is_dry {
        apply(world, &load, takes_learnings);
        world.did("moved", "assignment", id);
    }
    Ok(report.into())
}

fn queues_of(world: &World, agent: Uuid) -> Vec<Uuid> {
    let setups = world
        .setups
        .rows
        .iter()
        .filter(|setup| setup.agent_id == agent && setup.is_live());
    let mut queues: Vec<_> = setups
        .flat_map(|setup| &setup.slots)
        .flat_map(|slot| slot.queues.clone())
        .collect();
    queues.sort_unstable();
    queues.dedup();
    queues
}

fn named<'w>(world: &'w World, ids: &'w [Uuid]) -> impl Iterator<Item = Value> + use<'w> {
    ids.iter().map(|id| {
        let name = world
            .queue_name(*id)
            .unwrap_or_else(|| world.agent_name(*id));
        json!({ "id": id, "name": name })
    })
}

fn check_standalone(world: &World, agent: Uuid) -> Result<(), Refusal> {
    let queues = queues_of(world, agent);
    let triggers: Vec<_> = world
        .trigger_of(agent)
        .map(|trigger| trigger.case_queue_id)
        .into_iter()
        .collect();
    let live = world.setups.rows.iter().filter(|setup| setup.is_live());
    let (own, others): (Vec<_>, Vec<_>) = live.partition(|setup| setup.agent_id == agent);
    let outgoing: Vec<_> = own
        .iter()
        .flat_map(|setup| setup.handover_targets.clone())
        .collect();
    let incoming = others
        .iter()
        .filter(|setup| setup.handover_targets.contains(&agent));
    let incoming: Vec<_> = incoming.map(|setup| setup.agent_id).collect();
    if [&queues, &triggers, &outgoing, &incoming]
        .iter()
        .all(|list| list.is_empty())
    {
        return Ok(());
    }
    let list = |ids: &[Uuid]| named(world, ids).collect::<Vec<_>>();
    Err(
        Refusal::invalid("the assignment is wired to others; move them too, or take it off first")
            .bare()
            .with("code", "ASSIGNMENT_NOT_STANDALONE".into())
            .with(
                "blockers",
                json!({
                    "queues": list(&queues),
                    "triggers": list(&triggers),
                    "handovers_outgoing": list(&outgoing),
                    "handovers_incoming": list(&incoming),
                }),
            ),
    )
}

fn memories(world: &World, agent: Uuid) -> usize {
    world
        .memory
        .rows
        .iter()
        .filter(|file| file.agent_id == agent)
        .count()
}

fn report(world: &World, load: &Load, source: Uuid) -> Value {
    let cases = |queue: Uuid| {
        world
            .cases
            .rows
            .iter()
            .filter(|case| case.queue_id == queue)
            .count()
    };
    let queues = load
        .queues
        .iter()
        .map(|id| json!({ "id": id, "name": world.queue_name(*id), "item_count": cases(*id) }));
    let folder = world
        .assignments
        .rows
        .get(load.agent)
        .and_then(|agent| agent.folder_id);
    let folder = folder.and_then(|id| world.assignments.folders.get(id));
    json!({
        "source_team_id": source,
        "target_team_id": load.target,
        "root_agent_id": load.agent,
        "agents": [{ "id": load.agent, "name": world.agent_name(load.agent) }],
        "queues": queues.collect::<Vec<_>>(),
        "total_case_items": load.queues.iter().map(|id| cases(*id)).sum::<usize>(),
        "total_runs": world.jobs.rows.iter().filter(|job| job.agent_id == load.agent).count(),
        "skills_to_clone": [],
        "files_to_copy": [],
        "warnings": {
            "outcome": {
                "instances_reconnected": [],
                "instances_disconnected": disconnected(world, load.agent),
                "custom_integrations_to_rebuild": [],
                "catalog_rows_created_on_target": 0,
            },
            "dropped_folders": folder.map(|folder| json!({ "id": folder.id, "name": folder.name })).into_iter().collect::<Vec<_>>(),
            "dropped_memory_count": 0,
            "files_copied_count": 0,
            "files_skipped_conflict": [],
        },
    })
}

fn disconnected(world: &World, agent: Uuid) -> Vec<Value> {
    let live = world
        .setups
        .live(agent)
        .into_iter()
        .flat_map(|setup| &setup.slots);
    let pins = live.flat_map(|slot| slot.pins.iter().map(move |pin| (slot, pin)));
    pins.filter_map(|(slot, pin)| {
        let connection = world.connections.rows.get(pin.connection_id)?;
        Some(json!({
            "agent_id": agent,
            "agent_name": world.agent_name(agent),
            "integration_type": slot.kind,
            "integration_name": slot.name,
            "instance_name": connection.name,
            "decision": "needs_reconnect",
        }))
    })
    .collect()
}

fn apply(world: &mut World, load: &Load, takes_learnings: bool) {
    let agent = load.agent;
    if let Some(row) = world.assignments.rows.get_mut(agent) {
        (row.team_id, row.folder_id) = (load.target, None);
    }
    for queue in &load.queues {
        if let Some(queue) = world.queues.rows.get_mut(*queue) {
            (queue.team_id, queue.folder_id) = (load.target, None);
        }
    }
    for job in world
        .jobs
        .rows
        .iter_mut()
        .filter(|job| job.agent_id == agent)
    {
        job.team_id = load.target;
    }
    for setup in world
        .setups
        .rows
        .iter_mut()
        .filter(|setup| setup.agent_id == agent)
    {
        setup.slots.iter_mut().for_each(|slot| slot.pins.clear());
    }
    if !takes_learnings {
        world.memory.rows.retain(|file| file.agent_id != agent);
    }
}
