//! Custom MCP servers: registered, removed with their connections and slots, and probed.
//!
//! No server is ever asked: what an address holds decides whether it answers.

use serde_json::json;

use super::life::remove;
use super::rows::Kind;
use super::types::kind_view;
use crate::simulator::behaviour::Outcome;
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

pub(super) fn create(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    world.check_manager(team)?;
    let name = request.text("name").unwrap_or_default();
    let is_same = |kind: &Kind| kind.team_id == Some(team) && kind.name == name;
    if world.connections.kinds.iter().any(is_same) {
        return Err(Refusal::conflict(format!(
            "the team already has an MCP server `{name}`"
        )));
    }
    let kind = Kind {
        id: world.dice.id(),
        slug: "custom_mcp".into(),
        name: name.into(),
        is_custom: true,
        team_id: Some(team),
        server_url: request.text("server_url").map(Into::into),
        auth_method: request.text("auth_method").map(Into::into),
        created_at: world.now,
    };
    world.did("created", "mcp_server", kind.id);
    let shown = kind_view(&kind, team);
    world.connections.kinds.add(kind);
    Ok(shown.into())
}

pub(super) fn delete(world: &mut World, request: &Request) -> Outcome {
    let id = request.id("custom_integration_id");
    let kind = world
        .connections
        .kinds
        .get(id)
        .filter(|kind| kind.team_id.is_some_and(|team| world.sees(team)));
    let team = kind
        .and_then(|kind| kind.team_id)
        .ok_or_else(|| Refusal::missing("MCP server", id))?;
    world.check_manager(team)?;
    for connection in world
        .connections
        .rows
        .ids(|connection| connection.custom_integration_id == Some(id))
    {
        remove(world, connection);
    }
    world.connections.kinds.remove(id);
    for setup in world.setups.rows.iter_mut() {
        setup.slots.retain(|slot| slot.integration_id != id);
    }
    world.did("deleted", "mcp_server", id);
    Ok(json!({ "success": true, "message": "the MCP server and its connections are gone" }).into())
}

/// No server is really asked: one whose address holds `broken` or `unreachable` fails.
pub(super) fn probe(world: &mut World, request: &Request) -> Outcome {
    world.check_team(request.team())?;
    let target = request
        .text("server_url")
        .or_else(|| request.text("integration_slug"));
    let target =
        target.ok_or_else(|| Refusal::invalid("give `server_url` or `integration_slug`"))?;
    if request.body.contains_key("headers") && !request.body.contains_key("server_url") {
        return Err(Refusal::invalid("`headers` go with `server_url` only"));
    }
    if is_unreachable(target) {
        return Ok(json!({ "success": false, "error": "the server did not answer" }).into());
    }
    let tool = json!({ "name": "search", "description": "Finds records", "input_schema": { "type": "object" } });
    Ok(json!({ "success": true, "tools": [tool] }).into())
}

pub(super) fn is_unreachable(target: &str) -> bool {
    target.contains("broken") || target.contains("unreachable")
}
