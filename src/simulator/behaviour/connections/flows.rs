//! OAuth flows: begun by a call, completed by the person who opens the address.
//!
//! The address is a page of the simulator; it works once, and makes the connection or repairs the
//! broken one.

use std::time::Duration;

use uuid::Uuid;

use super::rows::Flow;
use super::types::titled;
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

/// How long a person has to finish an OAuth flow.
const FLOW_LIFE: Duration = Duration::from_secs(60 * 60);

pub(super) fn flow(
    world: &World,
    team_id: Uuid,
    kind: &str,
    request: &Request,
) -> Result<Flow, Refusal> {
    let reconnect = request.body_id("reconnect_instance_id");
    if let Some(id) = reconnect {
        world.connection(id)?;
    }
    Ok(Flow {
        team_id,
        kind: kind.into(),
        name: request
            .text("name")
            .map_or_else(|| titled(kind), Into::into),
        server_url: request.text("mcp_server_url").map(Into::into),
        custom_integration_id: request.body_id("custom_integration_id"),
        reconnect,
        return_url: request.text("return_url").map(Into::into),
        expires_at: world.after(FLOW_LIFE),
        is_done: false,
    })
}

pub(super) fn begin(world: &mut World, flow: Flow) -> (String, String) {
    let token = world.dice.token();
    let now = world.now;
    world
        .connections
        .flows
        .retain(|_, flow| flow.expires_at > now);
    world.connections.flows.insert(token.clone(), flow);
    world.did("started", "oauth_flow", &token);
    (format!("{}/_sim/oauth/{token}", world.base), token)
}

/// Completes a flow, as the person does who opens its address; returns where the browser goes next.
pub(crate) fn authorize(world: &mut World, token: &str) -> Result<Option<String>, Refusal> {
    let now = world.now;
    let flow = world
        .connections
        .flows
        .get_mut(token)
        .filter(|flow| flow.expires_at > now && !flow.is_done);
    let flow =
        flow.ok_or_else(|| Refusal::new(&[404], "not_found", "no such flow, or it is over"))?;
    flow.is_done = true;
    let flow = flow.clone();
    // A Composio flow is finished by a call of its own; its kind is no type of ours.
    let is_composio = world.connections.kind_of(&flow.kind).is_none() && flow.server_url.is_none();
    if let Some(id) = flow.reconnect {
        if let Some(connection) = world.connections.rows.get_mut(id) {
            (
                connection.broken_at,
                connection.broken_reason,
                connection.updated_at,
            ) = (None, None, now);
        }
        world.did("repaired", "connection", id);
    } else if !is_composio {
        let id = world.add_connection(flow.team_id, &flow.name, &flow.kind);
        if let Some(connection) = world.connections.rows.get_mut(id) {
            connection.server_url = flow.server_url;
            connection.custom_integration_id = flow.custom_integration_id;
        }
        world.did("created", "connection", id);
    }
    Ok(flow.return_url)
}
