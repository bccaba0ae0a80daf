//! The calls that start an OAuth flow, with a known provider or with an MCP server.

use serde_json::json;

use super::flows::{begin, flow};
use super::servers::is_unreachable;
use super::types::BUILT_IN;
use crate::simulator::behaviour::Outcome;
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

pub(super) fn start(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let provider = request.param("provider");
    if world.connections.kind_of(provider).is_none() || BUILT_IN.contains(&provider) {
        return Err(Refusal::missing("provider", provider));
    }
    let flow = flow(world, team, provider, request)?;
    Ok(json!({ "authorization_url": begin(world, flow).0 }).into())
}

pub(super) fn start_mcp(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let flow = flow(
        world,
        team,
        request.text("integration_type").unwrap_or("custom_mcp"),
        request,
    )?;
    Ok(json!({ "authorization_url": begin(world, flow).0 }).into())
}

pub(super) fn check_mcp(_: &mut World, request: &Request) -> Outcome {
    let url = request.text("mcp_server_url").unwrap_or_default();
    if is_unreachable(url) {
        return Ok(json!({ "supports_dcr": false }).into());
    }
    let endpoint = format!("{}/authorize", url.trim_end_matches('/'));
    Ok(json!({ "supports_dcr": true, "authorization_endpoint": endpoint, "scopes": ["read", "write"] }).into())
}
