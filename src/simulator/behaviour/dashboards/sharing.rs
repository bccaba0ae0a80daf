//! Whose a dashboard is: its settings, who sees it, copies of it, and its move to another team.

use serde_json::{Value, json};
use uuid::Uuid;

use super::rows::{Attached, Visibility};
use super::views::view;
use super::{chat, connections, life};
use crate::simulator::behaviour::connections::Connection;
use crate::simulator::behaviour::{Outcome, set};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

pub(super) fn update(world: &mut World, request: &Request) -> Outcome {
    let id = world.own_dashboard(request)?.id;
    let frequency = request
        .body
        .get("refresh_frequency")
        .map(|word| word.as_str().map(Into::into));
    let replans = frequency.is_some();
    if let Some(dashboard) = world.dashboards.rows.get_mut(id) {
        set(
            &mut dashboard.title,
            request.text("title").map(|title| Some(title.into())),
        );
        set(&mut dashboard.refresh_frequency, frequency);
    }
    if replans {
        life::plan_refresh(world, id);
    }
    world.touch_dashboard(id);
    world.did("changed", "dashboard", id);
    Ok(view(world.dashboard(request)?).into())
}

pub(super) fn delete(world: &mut World, request: &Request) -> Outcome {
    let id = world.own_dashboard(request)?.id;
    world
        .dashboards
        .messages
        .retain(|message| message.dashboard_id != id);
    world
        .dashboards
        .versions
        .retain(|version| version.dashboard_id != id);
    world.dashboards.rows.remove(id);
    world.did("deleted", "dashboard", id);
    Ok(json!({ "success": true }).into())
}

pub(super) fn publish(world: &mut World, request: &Request) -> Outcome {
    let dashboard = world.own_dashboard(request)?;
    let (id, team) = (dashboard.id, dashboard.team_id);
    let visibility = request.body.get("visibility").cloned();
    let visibility: Visibility = visibility
        .and_then(|word| serde_json::from_value(word).ok())
        .unwrap_or_default();
    let organization = world
        .teams
        .teams
        .get(team)
        .and_then(|team| team.organization_id);
    if visibility == Visibility::Organization && organization.is_none() {
        return Err(Refusal::invalid("the team belongs to no organization"));
    }
    if let Some(dashboard) = world.dashboards.rows.get_mut(id) {
        dashboard.visibility = visibility;
        dashboard.is_editable =
            visibility != Visibility::Private && request.text("permission") == Some("edit");
    }
    world.touch_dashboard(id);
    world.did("published", "dashboard", id);
    Ok(view(world.dashboard(request)?).into())
}

pub(super) fn duplicate(world: &mut World, request: &Request) -> Outcome {
    let original = world.dashboard(request)?;
    original.check_idle()?;
    let Some(head) = world.dashboards.head(original).cloned() else {
        return Err(Refusal::state("the dashboard has no page yet"));
    };
    let (team, title) = (original.team_id, format!("{} (copy)", head.page.title()));
    let id = chat::add(world, team, world.me);
    let (version, created_at) = (world.dice.id(), world.now);
    let copy = super::rows::Version {
        id: version,
        dashboard_id: id,
        number: 1,
        parent_id: None,
        created_at,
        page: head.page,
    };
    world.dashboards.versions.add(copy);
    if let Some(dashboard) = world.dashboards.rows.get_mut(id) {
        (dashboard.head, dashboard.title) = (Some(version), Some(title));
    }
    world.did("created", "dashboard", id);
    let copy = world
        .dashboards
        .rows
        .get(id)
        .ok_or_else(|| Refusal::missing("dashboard", id))?;
    Ok(view(copy).into())
}

/// Moves a dashboard to another team, or tells what that would do.
pub(super) fn move_to_team(world: &mut World, request: &Request) -> Outcome {
    let source = world.check_team(request.team())?;
    let dashboard = world.dashboard(request)?;
    if dashboard.team_id != source {
        return Err(Refusal::missing("dashboard of the team", dashboard.id));
    }
    let target = request.body_id("targetTeamId").unwrap_or_default();
    if !world.sees(target) {
        return Err(Refusal::missing("team", target));
    }
    if target == source {
        return Err(Refusal::invalid("the dashboard is in that team already"));
    }
    [source, target]
        .into_iter()
        .try_for_each(|team| world.check_manager(team))?;
    dashboard.check_idle()?;
    let (id, was_open) = (dashboard.id, dashboard.visibility != Visibility::Private);
    let is_stranger = !world.teams.is_member(dashboard.user_id, target);
    let fates: Vec<_> = connections::attached(world, dashboard)
        .map(|(one, _)| fate(world, one, target))
        .collect();
    let pick = |decision: &str| {
        fates
            .iter()
            .filter(|one| one.decision == decision)
            .map(|one| &one.shown)
            .collect::<Vec<_>>()
    };
    let answer = json!({
        "artifactId": id,
        "artifactTitle": dashboard.title,
        "sourceTeamId": source,
        "targetTeamId": target,
        "ownershipReassigned": is_stranger,
        "visibilityReset": was_open,
        "connections": {
            "reused": pick(REUSE),
            "disconnected": pick(RECONNECT),
            "customToRebuild": pick(REBUILD),
        },
        "applied": request.query.get("dryRun") != Some(&json!(true)),
    });
    if answer["applied"] == true {
        let reused = fates.into_iter().filter_map(|one| one.heir).collect();
        apply(world, id, target, reused);
    }
    Ok(answer.into())
}

const REUSE: &str = "reuse";
const RECONNECT: &str = "needs_reconnect";
const REBUILD: &str = "custom_to_rebuild";

/// What becomes of a connection when its dashboard moves.
struct Fate {
    decision: &'static str,
    shown: Value,
    /// The connection of the other team that takes its place.
    heir: Option<Uuid>,
}

fn fate(world: &World, connection: &Connection, target: Uuid) -> Fate {
    let is_heir = |other: &&Connection| {
        other.team_id == target
            && other.kind == connection.kind
            && world.connection(other.id).is_ok()
    };
    let is_custom = connection.custom_integration_id.is_some();
    let heir = world
        .connections
        .rows
        .iter()
        .find(is_heir)
        .filter(|_| !is_custom)
        .map(|other| other.id);
    let decision = match heir {
        Some(_) => REUSE,
        None if is_custom => REBUILD,
        None => RECONNECT,
    };
    let kind = world.connections.kind_of(&connection.kind);
    let shown = json!({
        "integrationType": connection.kind,
        "integrationName": kind.map_or(&connection.kind, |kind| &kind.name),
        "instanceName": connection.name,
        "decision": decision,
    });
    Fate {
        decision,
        shown,
        heir,
    }
}

fn apply(world: &mut World, id: Uuid, target: Uuid, reused: Vec<Uuid>) {
    let (me, created_at) = (world.me, world.now);
    let Some(owner) = world
        .dashboards
        .rows
        .get(id)
        .map(|dashboard| dashboard.user_id)
    else {
        return;
    };
    let keeps_owner = world.teams.is_member(owner, target);
    let Some(dashboard) = world.dashboards.rows.get_mut(id) else {
        return;
    };
    let head = dashboard.head;
    (
        dashboard.team_id,
        dashboard.visibility,
        dashboard.is_editable,
    ) = (target, Visibility::Private, false);
    dashboard.user_id = if keeps_owner { owner } else { me };
    dashboard.connections = reused
        .into_iter()
        .map(|connection_id| Attached {
            connection_id,
            created_at,
        })
        .collect();
    world
        .dashboards
        .messages
        .retain(|message| message.dashboard_id != id);
    world
        .dashboards
        .versions
        .retain(|version| version.dashboard_id != id || Some(version.id) == head);
    if let Some(version) = head.and_then(|head| world.dashboards.versions.get_mut(head)) {
        version.parent_id = None;
    }
    world.touch_dashboard(id);
    world.did("moved", "dashboard", id);
}
