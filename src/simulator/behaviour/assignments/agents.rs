//! Assignments (agents in the API) listed, made, shown, changed and deleted.
//!
//! Deleting one interrupts its jobs and takes its setups, schedules and triggers along.

use serde_json::{Map, Value, json};

use super::rows::Agent;
use crate::simulator::behaviour::setups::{self, NewSetup, Status};
use crate::simulator::behaviour::{Outcome, jobs, schedules, set};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

fn view(world: &World, agent: &Agent) -> Map<String, Value> {
    let view = json!({
        "id": agent.id,
        "name": agent.name,
        "slack_enabled": agent.slack_enabled,
        "microsoft_teams_enabled": agent.microsoft_teams_enabled,
        "agentic_memory_enabled": agent.agentic_memory_enabled,
        "team_id": agent.team_id,
        "thread_id": agent.thread_id,
        "folder_id": agent.folder_id,
        "automation_id": agent.automation_id,
        "created_at": agent.created_at,
        "updated_at": agent.updated_at,
        "created_by": world.teams.reference(Some(agent.created_by)),
        "updated_by": world.teams.reference(Some(agent.updated_by)),
    });
    match view {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn row(world: &World, agent: &Agent, with_schedules: bool) -> Value {
    let newest = world.setups.newest(agent.id);
    let trigger = world.trigger_of(agent.id);
    let conflicts = trigger.map_or_else(Vec::new, |trigger| {
        world.conflicts(agent.id, trigger.case_queue_id)
    });
    let mut setup = newest.map_or(Value::Null, |setup| setups::view(world, setup));
    if with_schedules && newest.is_some_and(setups::Setup::is_live) {
        setup["schedules"] = schedules::of(world, agent.id);
    }
    let slots = newest
        .into_iter()
        .flat_map(|setup| &setup.slots)
        .map(|slot| {
            let names: Vec<_> = slot
                .queues
                .iter()
                .filter_map(|id| world.queue_name(*id))
                .collect();
            json!({
                "id": slot.id,
                "integration_id": slot.integration_id,
                "integration_type": slot.kind,
                "integration_name": slot.name,
                "created_at": slot.created_at,
                "is_connected": !slot.pins.is_empty() || !slot.queues.is_empty(),
                "linked_queue_names": names,
            })
        });
    let mut row = view(world, agent);
    let more = json!({
        "pinned_at": agent.pinned_at,
        "last_run_at": agent.last_run_at,
        "latest_build": setup,
        "integration_configs": slots.collect::<Vec<_>>(),
        "user_triggers": { "slack_mention": agent.slack_enabled, "slack_channel": false, "teams_mention": agent.microsoft_teams_enabled },
        "case_trigger_enabled": trigger.is_some_and(|trigger| trigger.enabled),
        "case_trigger_has_conflict": !conflicts.is_empty(),
        "case_trigger_conflicting_agents": conflicts,
        "case_queue_name": trigger.and_then(|trigger| world.queue_name(trigger.case_queue_id)),
    });
    if let Value::Object(more) = more {
        row.extend(more);
    }
    Value::Object(row)
}

pub(super) fn list(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let automation = request.asked_id("automation_id");
    let fits = |agent: &&Agent| {
        agent.team_id == team && automation.is_none_or(|wanted| agent.automation_id == Some(wanted))
    };
    let page = request.page();
    let (part, total) = page.cut(world.assignments.rows.iter().rev().filter(fits).collect());
    let with_schedules = request.asked("include_schedules") == Some("true");
    let rows: Vec<_> = part
        .into_iter()
        .map(|agent| row(world, agent, with_schedules))
        .collect();
    Ok(
        json!({ "agents": rows, "total": total, "limit": page.limit, "offset": page.offset })
            .into(),
    )
}

pub(super) fn create(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let source = match request.body_id("source_build_id") {
        Some(id) => Some(world.setup(id)?.id),
        None => None,
    };
    let id = world.add_agent(team, request.text("name").unwrap_or_default());
    world.did("created", "assignment", id);
    if let Some(agent) = world.assignments.rows.get_mut(id) {
        agent.thread_id = request.body_id("thread_id");
        agent.automation_id = request.body_id("automation_id");
    }
    let mut answer = json!({ "agent": view(world, world.agent(id)?) });
    if let Some(build) = request.body.get("build") {
        let name = build
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let config = build.get("config").map(setups::filled);
        // The first setup is live at once: there is no other one that jobs could use.
        let setup = world.add_setup(NewSetup {
            agent_id: id,
            name,
            config,
            source,
            status: Status::Live,
        });
        world.did("created", "setup", setup);
        answer["build"] = setups::view(world, world.setup(setup)?);
    }
    Ok(answer.into())
}

pub(super) fn get(world: &mut World, request: &Request) -> Outcome {
    let agent = world.agent(request.id("agent_id"))?;
    let user_context = json!({ "pinned_at": agent.pinned_at });
    Ok(json!({ "agent": view(world, agent), "user_context": user_context }).into())
}

pub(super) fn update(world: &mut World, request: &Request) -> Outcome {
    let id = world.agent(request.id("agent_id"))?.id;
    let (now, me) = (world.now, world.me);
    if request
        .text("name")
        .is_some_and(|name| name.trim().is_empty())
    {
        return Err(Refusal::invalid("`name` must not be empty"));
    }
    if let Some(agent) = world.assignments.rows.get_mut(id) {
        set(&mut agent.name, request.text("name").map(Into::into));
        set(&mut agent.slack_enabled, request.flag("slack_enabled"));
        set(
            &mut agent.microsoft_teams_enabled,
            request.flag("microsoft_teams_enabled"),
        );
        set(
            &mut agent.agentic_memory_enabled,
            request.flag("agentic_memory_enabled"),
        );
        set(
            &mut agent.thread_id,
            request
                .body
                .get("thread_id")
                .map(|_| request.body_id("thread_id")),
        );
        set(
            &mut agent.pinned_at,
            request.flag("pinned").map(|pinned| pinned.then_some(now)),
        );
        (agent.updated_at, agent.updated_by) = (now, me);
    }
    world.did("changed", "assignment", id);
    get(world, request)
}

pub(super) fn delete(world: &mut World, request: &Request) -> Outcome {
    let id = world.agent(request.id("agent_id"))?.id;
    for job in world
        .jobs
        .rows
        .ids(|job| job.agent_id == id && !job.status.is_final())
    {
        jobs::interrupt(world, job);
    }
    let gone = world.schedules.rows.retain(|row| row.agent_id != id);
    world.lost("schedule", &gone);
    let gone = world.triggers.rows.retain(|row| row.agent_id != id);
    world.lost("trigger", &gone);
    world.event_triggers.rows.retain(|row| row.agent_id != id);
    world.suggestions.rows.retain(|row| row.agent_id != id);
    let gone = world.setups.rows.retain(|row| row.agent_id != id);
    world.lost("setup", &gone);
    world.assignments.rows.remove(id);
    world.did("deleted", "assignment", id);
    Ok(json!({ "success": true }).into())
}
