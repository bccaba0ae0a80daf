//! The connections that a dashboard reads from.

use serde_json::{Value, json};
use uuid::Uuid;

use super::rows::{Attached, Dashboard};
use crate::simulator::behaviour::Outcome;
use crate::simulator::behaviour::connections::Connection;
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

/// Connections of a dashboard at most.
const MOST: usize = 10;

/// Refuses a connection that the key does not see.
pub(super) fn check(world: &World, id: Uuid) -> Result<(), Refusal> {
    world.connection(id).map(drop)
}

/// Lets a dashboard read from a connection.
pub(super) fn add(world: &mut World, dashboard: Uuid, connection_id: Uuid) {
    let created_at = world.now;
    let Some(dashboard) = world.dashboards.rows.get_mut(dashboard) else {
        return;
    };
    if !dashboard
        .connections
        .iter()
        .any(|one| one.connection_id == connection_id)
    {
        dashboard.connections.push(Attached {
            connection_id,
            created_at,
        });
    }
}

/// Returns the connections of a dashboard that still exist.
pub(super) fn attached<'a>(
    world: &'a World,
    dashboard: &'a Dashboard,
) -> impl Iterator<Item = (&'a Connection, &'a Attached)> {
    let rows = &world.connections.rows;
    dashboard
        .connections
        .iter()
        .filter_map(|one| Some((rows.get(one.connection_id)?, one)))
}

/// Returns why a dashboard cannot be generated, if a connection of it is broken.
pub(super) fn broken(world: &World, dashboard: Uuid) -> Option<String> {
    let dashboard = world.dashboards.rows.get(dashboard)?;
    let (broken, _) =
        attached(world, dashboard).find(|(connection, _)| connection.broken_at.is_some())?;
    Some(format!("The connection `{}` is broken.", broken.name))
}

/// The creator's dashboard of the path; for others there are no connections to see.
fn own(world: &World, request: &Request) -> Result<Uuid, Refusal> {
    let own = world.own_dashboard(request).map(|dashboard| dashboard.id);
    own.map_err(|_| Refusal::missing("dashboard of yours", request.param("artifactId")))
}

pub(super) fn list(world: &mut World, request: &Request) -> Outcome {
    own(world, request)?;
    let rows: Vec<_> = attached(world, world.dashboard(request)?)
        .map(|(connection, one)| view(connection, one))
        .collect();
    Ok(json!({ "connections": rows }).into())
}

fn view(connection: &Connection, attached: &Attached) -> Value {
    json!({
        "connection_id": connection.id,
        "integration_id": connection.integration_id,
        "custom_integration_id": connection.custom_integration_id,
        "type": connection.kind,
        "created_at": attached.created_at,
    })
}

pub(super) fn attach(world: &mut World, request: &Request) -> Outcome {
    let dashboard = world.own_dashboard(request)?;
    let connection = request.body_id("connection_id").unwrap_or_default();
    check(world, connection)?;
    if dashboard
        .connections
        .iter()
        .any(|one| one.connection_id == connection)
    {
        return Err(Refusal::conflict(
            "the dashboard reads from this connection already",
        ));
    }
    if dashboard.connections.len() >= MOST {
        return Err(Refusal::invalid(format!(
            "a dashboard reads from {MOST} connections at most"
        )));
    }
    let id = dashboard.id;
    add(world, id, connection);
    world.touch_dashboard(id);
    world.did("attached", "dashboard_connection", connection);
    Ok(json!({ "success": true }).into())
}

pub(super) fn detach(world: &mut World, request: &Request) -> Outcome {
    let id = own(world, request)?;
    let connection = request.id("connectionId");
    let missing = || Refusal::missing("connection of the dashboard", connection);
    let dashboard = world.dashboards.rows.get_mut(id).ok_or_else(missing)?;
    let place = dashboard
        .connections
        .iter()
        .position(|one| one.connection_id == connection);
    dashboard.connections.remove(place.ok_or_else(missing)?);
    world.touch_dashboard(id);
    world.did("detached", "dashboard_connection", connection);
    Ok(json!({ "success": true }).into())
}
