//! Dashboards as things: listed, changed, shared, copied, moved, deleted, and what they read from.

use serde_json::{Value, json};
use uuid::Uuid;

use super::rows::{Dashboard, view};
use crate::simulator::behaviour::{Outcome, Route, set};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

pub(super) const ROUTES: &[Route] = &[
    ("dashboards.list", list),
    ("dashboards.get", get),
    ("dashboards.update", update),
    ("dashboards.delete", delete),
    ("dashboards.publish", publish),
    ("dashboards.duplicate", duplicate),
    ("dashboards.move", move_to_team),
    ("dashboards.list_connections", list_connections),
    ("dashboards.attach_connection", attach_connection),
    ("dashboards.detach_connection", detach_connection),
];

fn list(world: &mut World, request: &Request) -> Outcome {
    let scope = request.asked("scope").unwrap_or("created");
    let me = world.me;
    let fits = |one: &&Dashboard| {
        world.sees(one.team_id)
            && match scope {
                "created" => one.user_id == me,
                "team" => one.visibility != "private",
                _ => one.user_id != me && one.visibility != "private",
            }
    };
    let mut found: Vec<_> = world.dashboards.rows.iter().rev().filter(fits).collect();
    found.sort_by_key(|one| std::cmp::Reverse(one.updated_at));
    let page = request.page();
    let (part, total) = page.cut(found);
    let rows: Vec<_> = part.into_iter().map(view).collect();
    Ok(
        json!({ "artifacts": rows, "total": total, "limit": page.limit, "offset": page.offset })
            .into(),
    )
}

fn get(world: &mut World, request: &Request) -> Outcome {
    let one = world.dashboard(request)?;
    let is_creator = one.user_id == world.me;
    let can_edit = is_creator || one.permission == "edit";
    Ok(json!({ "artifact": view(one), "is_creator": is_creator, "can_edit": can_edit }).into())
}

fn update(world: &mut World, request: &Request) -> Outcome {
    let refresh = request
        .body
        .get("refresh_frequency")
        .map(|text| text.as_str().map(str::to_owned));
    let one = world.dashboard_mut(request)?;
    set(
        &mut one.title,
        request.text("title").map(|title| Some(title.into())),
    );
    set(&mut one.refresh, refresh);
    Ok(view(one).into())
}

fn delete(world: &mut World, request: &Request) -> Outcome {
    let id = world.dashboard(request)?.id;
    world.dashboards.rows.remove(id);
    world.did("deleted", "dashboard", id);
    Ok(json!({ "success": true }).into())
}

fn publish(world: &mut World, request: &Request) -> Outcome {
    let visibility = request.text("visibility").unwrap_or("private");
    let permission = request.text("permission").unwrap_or("view");
    if visibility != "team" && permission == "edit" {
        return Err(Refusal::invalid("only the team can be allowed to edit"));
    }
    if world.dashboard(request)?.current.is_none() {
        return Err(Refusal::invalid("there is no page to share yet"));
    }
    let one = world.dashboard_mut(request)?;
    (one.visibility, one.permission) = (visibility.into(), permission.into());
    Ok(view(one).into())
}

/// Copies what is shown: no chat, no shares, no connections.
fn duplicate(world: &mut World, request: &Request) -> Outcome {
    let one = world.dashboard(request)?;
    if one.is_busy() {
        return Err(Refusal::conflict("the dashboard is being made"));
    }
    let (old, html) = (one.clone(), one.shown().map(|version| version.html.clone()));
    let (id, version, now) = (world.dice.id(), world.dice.id(), world.now);
    let mut copy = Dashboard {
        id,
        user_id: world.me,
        title: old.title.as_ref().map(|title| format!("{title} (copy)")),
        visibility: "private".into(),
        permission: "view".into(),
        refresh: None,
        messages: Vec::new(),
        versions: Vec::new(),
        current: None,
        connections: Vec::new(),
        created_at: now,
        updated_at: now,
        ..old
    };
    if let Some(html) = html {
        copy.add_version(version, html, None, now);
    }
    let shown = view(&copy);
    world.dashboards.rows.add(copy);
    world.did("created", "dashboard", id);
    Ok(shown.into())
}

fn move_to_team(world: &mut World, request: &Request) -> Outcome {
    let source = world.check_team(request.team())?;
    let target = world.check_team(request.body_id("targetTeamId").unwrap_or_default())?;
    let one = world.dashboard(request)?;
    if one.team_id != source {
        return Err(Refusal::missing("dashboard", one.id));
    }
    if target == source {
        return Err(Refusal::invalid("the dashboard is in this team already"));
    }
    if one.is_busy() {
        return Err(Refusal::conflict("the dashboard is being made"));
    }
    let (id, title) = (one.id, one.title.clone());
    let lost: Vec<_> = one
        .connections
        .iter()
        .filter_map(|(id, _)| moved(world, *id))
        .collect();
    let is_dry = request
        .query
        .get("dryRun")
        .and_then(Value::as_bool)
        .unwrap_or(false);
    let was_shared = one.visibility != "private";
    if let Some(one) = world.dashboards.rows.get_mut(id).filter(|_| !is_dry) {
        let latest = one.versions.pop();
        one.versions = latest.into_iter().collect();
        one.messages.clear();
        one.connections.clear();
        (one.team_id, one.visibility) = (target, "private".into());
    }
    if !is_dry {
        world.did("moved", "dashboard", id);
    }
    Ok(json!({
        "artifactId": id,
        "artifactTitle": title,
        "sourceTeamId": source,
        "targetTeamId": target,
        "ownershipReassigned": false,
        "visibilityReset": was_shared,
        "connections": { "reused": [], "disconnected": lost, "customToRebuild": [] },
        "applied": !is_dry,
    })
    .into())
}

fn moved(world: &World, connection: Uuid) -> Option<Value> {
    let one = world.connections.rows.get(connection)?;
    Some(json!({
        "integrationType": one.kind,
        "integrationName": one.kind,
        "instanceName": one.name,
        "decision": "needs_reconnect",
    }))
}

fn list_connections(world: &mut World, request: &Request) -> Outcome {
    let one = world.dashboard(request)?;
    let rows = one.connections.iter().filter_map(|(id, at)| {
        let connection = world.connections.rows.get(*id)?;
        Some(json!({
            "connection_id": id,
            "integration_id": connection.integration_id,
            "custom_integration_id": connection.custom_integration_id,
            "type": connection.kind,
            "created_at": at,
        }))
    });
    Ok(json!({ "connections": rows.collect::<Vec<_>>() }).into())
}

fn attach_connection(world: &mut World, request: &Request) -> Outcome {
    let connection = world
        .connection(request.body_id("connection_id").unwrap_or_default())?
        .id;
    let now = world.now;
    let one = world.dashboard_mut(request)?;
    if !one
        .connections
        .iter()
        .any(|(known, _)| *known == connection)
    {
        one.connections.push((connection, now));
    }
    Ok(json!({ "success": true }).into())
}

fn detach_connection(world: &mut World, request: &Request) -> Outcome {
    let connection = request.id("connectionId");
    let one = world.dashboard_mut(request)?;
    let place = one
        .connections
        .iter()
        .position(|(known, _)| *known == connection);
    one.connections
        .remove(place.ok_or_else(|| Refusal::missing("attached connection", connection))?);
    Ok(json!({ "success": true }).into())
}
