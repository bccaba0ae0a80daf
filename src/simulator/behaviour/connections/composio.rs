//! Flows by way of Composio: opening the address is not enough, a second call makes the connection.

use serde_json::json;

use super::flows::{begin, flow};
use crate::simulator::behaviour::Outcome;
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

pub(super) fn start(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let mut flow = flow(
        world,
        team,
        request.text("auth_config_id").unwrap_or_default(),
        request,
    )?;
    flow.return_url = request.text("callback_url").map(Into::into);
    let (url, token) = begin(world, flow);
    Ok(json!({ "redirect_url": url, "status": "INITIATED", "connected_account_id": token }).into())
}

pub(super) fn finalize(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let token = request
        .text("connected_account_id")
        .unwrap_or_default()
        .to_owned();
    let flow = world
        .connections
        .flows
        .get(&token)
        .filter(|flow| flow.team_id == team);
    let flow = flow.ok_or_else(|| Refusal::missing("connected account", &token))?;
    if !flow.is_done {
        return Err(Refusal::state(
            "nobody has opened the address of the flow yet",
        ));
    }
    let id = world.add_connection(
        team,
        request.text("integration_name").unwrap_or_default(),
        request.text("app").unwrap_or_default(),
    );
    world.connections.flows.remove(&token);
    world.did("created", "connection", id);
    Ok(json!({ "integration_id": id, "mcp_url": format!("{}/_sim/mcp/{id}", world.base) }).into())
}
