//! Setups listed, drafted, shown and changed.
//!
//! A live setup is changed by the same calls as a draft.

use serde_json::{Value, json};

use super::config::{check_config, filled};
use super::rows::{NewSetup, Setup, Status};
use crate::simulator::behaviour::{Outcome, set};
use crate::simulator::request::Request;
use crate::simulator::world::World;

/// Returns a setup as the API shows it.
pub(crate) fn view(world: &World, setup: &Setup) -> Value {
    json!({
        "id": setup.id,
        "copilot_id": setup.agent_id,
        "agent_id": setup.agent_id,
        "name": setup.name,
        "revision_name": setup.revision_name,
        "revision_description": setup.revision_description,
        "config": setup.config,
        "status": setup.status,
        "revision_number": setup.number,
        "parent_build_id": setup.parent_id,
        "created_by": setup.created_by,
        "created_by_name": world.teams.name_of(setup.created_by),
        "created_at": setup.created_at,
        "updated_at": setup.updated_at,
    })
}

pub(super) fn list(world: &mut World, request: &Request) -> Outcome {
    let agent = world.agent(request.id("agent_id"))?.id;
    let page = request.page();
    let all = world
        .setups
        .rows
        .iter()
        .rev()
        .filter(|setup| setup.agent_id == agent);
    let (part, total) = page.cut(all.collect());
    let rows: Vec<_> = part.into_iter().map(|setup| view(world, setup)).collect();
    Ok(
        json!({ "builds": rows, "total": total, "limit": page.limit, "offset": page.offset })
            .into(),
    )
}

pub(super) fn create(world: &mut World, request: &Request) -> Outcome {
    let agent_id = world.agent(request.id("agent_id"))?.id;
    let source = match request.body_id("source_build_id") {
        Some(id) => Some(world.setup(id)?.id),
        None => world.setups.live(agent_id).map(|live| live.id),
    };
    let targets = request.body_ids("handover_target_ids").unwrap_or_default();
    targets
        .iter()
        .try_for_each(|target| world.agent(*target).map(drop))?;
    let id = world.add_setup(NewSetup {
        agent_id,
        name: request.text("name").unwrap_or_default().into(),
        config: request.body.get("config").map(filled),
        source,
        status: Status::Draft,
    });
    world.did("created", "setup", id);
    if let Some(setup) = world.setups.rows.get_mut(id) {
        setup.handover_targets = targets;
    }
    let setup = world.setup(id)?;
    Ok(json!({ "build": view(world, setup), "agent": { "id": agent_id } }).into())
}

pub(super) fn get(world: &mut World, request: &Request) -> Outcome {
    let setup = world.setup_of(request)?;
    Ok(json!({ "build": view(world, setup) }).into())
}

pub(super) fn update(world: &mut World, request: &Request) -> Outcome {
    let id = world.setup(request.id("build_id"))?.id;
    let targets = request.body_ids("handoverTargetIds");
    targets
        .iter()
        .flatten()
        .try_for_each(|target| world.agent(*target).map(drop))?;
    let config = request.body.get("config").map(filled);
    if let Some(config) = &config {
        check_config(config)?;
    }
    let now = world.now;
    if let Some(setup) = world.setups.rows.get_mut(id) {
        set(&mut setup.config, config);
        set(&mut setup.handover_targets, targets);
        rename(setup, request);
        setup.updated_at = now;
    }
    world.did("changed", "setup", id);
    let setup = world.setup(id)?;
    Ok(json!({ "build": view(world, setup) }).into())
}

pub(super) fn rename(setup: &mut Setup, request: &Request) {
    let given = |name: &str| {
        request
            .body
            .get(name)
            .map(|text| text.as_str().map(str::to_owned))
    };
    set(&mut setup.revision_name, given("revision_name"));
    set(
        &mut setup.revision_description,
        given("revision_description"),
    );
}
