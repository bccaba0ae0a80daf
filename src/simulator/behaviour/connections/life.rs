//! Connections listed, made, shown, changed and deleted.
//!
//! The values of secret headers go in and never come out.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::rows::Connection;
use crate::simulator::behaviour::{Outcome, set};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

fn view(connection: &Connection) -> Value {
    let mut view = json!({
        "id": connection.id,
        "name": connection.name,
        "type": connection.kind,
        "provider": connection.provider,
        "user_id": connection.user_id,
        "team_id": connection.team_id,
        "transport_type": "http",
        "auth_method": connection.auth_method,
        "custom_integration_id": connection.custom_integration_id,
        "integration_id": connection.integration_id,
        "has_headers": !(connection.plain_headers.is_empty() && connection.secret_headers.is_empty()),
        "has_oauth_tokens": connection.auth_method.as_deref() == Some("oauth"),
        "shared": connection.shared,
        "created_by": connection.user_id,
        "broken_at": connection.broken_at,
        "broken_reason": connection.broken_reason,
        "created_at": connection.created_at,
        "updated_at": connection.updated_at,
    });
    if let Some(url) = &connection.server_url {
        view["server_url"] = url.clone().into();
    }
    view
}

pub(super) fn list(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let wanted = request.asked("type");
    let rows = world.connections.rows.iter().rev().filter(|connection| {
        connection.team_id == team
            && world.sees_connection(connection)
            && wanted.is_none_or(|wanted| connection.kind == wanted)
    });
    paged(request, rows.map(view).collect())
}

pub(super) fn paged(request: &Request, rows: Vec<Value>) -> Outcome {
    let page = request.page();
    let (part, total) = page.cut(rows);
    Ok(
        json!({ "integrations": part, "total": total, "limit": page.limit, "offset": page.offset })
            .into(),
    )
}

pub(super) fn create(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let custom = request.body_id("custom_integration_id");
    let server = match custom {
        Some(id) => {
            let kind = world
                .connections
                .kinds
                .get(id)
                .filter(|kind| kind.team_id == Some(team));
            kind.ok_or_else(|| Refusal::missing("MCP server", id))?
                .server_url
                .clone()
        }
        None => None,
    };
    let server_url = request.text("server_url").map(str::to_owned).or(server);
    let server_url = server_url
        .ok_or_else(|| Refusal::invalid("give `server_url` or `custom_integration_id`"))?;
    let id = world.add_connection(
        team,
        request.text("name").unwrap_or_default(),
        request.text("type").unwrap_or("custom_mcp"),
    );
    if let Some(connection) = world.connections.rows.get_mut(id) {
        connection.provider = "user".into();
        connection.server_url = Some(server_url);
        connection.auth_method = request.text("auth_method").map(Into::into);
        connection.custom_integration_id = custom;
        set(&mut connection.plain_headers, headers(request, "plaintext"));
        set(&mut connection.secret_headers, headers(request, "secret"));
    }
    world.did("created", "connection", id);
    Ok(view(world.connection(id)?).into())
}

pub(super) fn get(world: &mut World, request: &Request) -> Outcome {
    Ok(view(world.connection(request.id("connection_id"))?).into())
}

pub(super) fn get_header_names(world: &mut World, request: &Request) -> Outcome {
    let connection = world.connection(request.id("connection_id"))?;
    let mut headers = connection.plain_headers.clone();
    headers.extend(
        connection
            .secret_headers
            .keys()
            .map(|name| (name.clone(), String::new())),
    );
    Ok(json!({ "id": connection.id, "headers": headers }).into())
}

pub(super) fn update(world: &mut World, request: &Request) -> Outcome {
    let id = own(world, request)?;
    let team = world.connection(id)?.team_id;
    if request.flag("shared") == Some(true) {
        world.check_manager(team)?;
    }
    let now = world.now;
    let Some(connection) = world.connections.rows.get_mut(id) else {
        return Err(Refusal::missing("connection", id));
    };
    set(&mut connection.name, request.text("name").map(Into::into));
    set(
        &mut connection.server_url,
        request.text("server_url").map(|url| Some(url.into())),
    );
    set(
        &mut connection.auth_method,
        request
            .text("auth_method")
            .map(|method| Some(method.into())),
    );
    set(&mut connection.shared, request.flag("shared"));
    if request.body.get("headers").is_some_and(Value::is_null) {
        connection.plain_headers.clear();
        connection.secret_headers.clear();
    }
    set(&mut connection.plain_headers, headers(request, "plaintext"));
    if let Some(mut secret) = headers(request, "secret") {
        // An empty value keeps the old one.
        for (name, value) in &mut secret {
            if let Some(old) = connection
                .secret_headers
                .get(name)
                .filter(|_| value.is_empty())
            {
                value.clone_from(old);
            }
        }
        connection.secret_headers = secret;
    }
    connection.updated_at = now;
    let shown = view(connection);
    world.did("changed", "connection", id);
    Ok(shown.into())
}

pub(super) fn delete(world: &mut World, request: &Request) -> Outcome {
    let id = own(world, request)?;
    remove(world, id);
    Ok(json!({ "success": true, "message": "the connection is gone" }).into())
}

fn own(world: &World, request: &Request) -> Result<Uuid, Refusal> {
    let connection = world.connection(request.id("connection_id"))?;
    if connection.user_id != world.me {
        world.check_manager(connection.team_id)?;
    }
    Ok(connection.id)
}

pub(super) fn remove(world: &mut World, id: Uuid) {
    for setup in world.setups.rows.iter_mut() {
        setup
            .slots
            .iter_mut()
            .for_each(|slot| slot.pins.retain(|pin| pin.connection_id != id));
    }
    world
        .event_triggers
        .rows
        .retain(|trigger| trigger.connection_id != id);
    world.connections.rows.remove(id);
    world.did("deleted", "connection", id);
}

fn headers(request: &Request, part: &str) -> Option<BTreeMap<String, String>> {
    let given = request.body.get("headers")?.get(part)?.as_object()?;
    Some(
        given
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect(),
    )
}
