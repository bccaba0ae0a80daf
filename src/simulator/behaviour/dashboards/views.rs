//! Reading dashboards: the list, and one of them.

use std::cmp::Reverse;

use serde_json::{Value, json};

use super::rows::{Dashboard, Visibility};
use crate::simulator::behaviour::Outcome;
use crate::simulator::request::Request;
use crate::simulator::world::World;

/// Returns a dashboard as the API shows it.
pub(super) fn view(dashboard: &Dashboard) -> Value {
    json!({
        "id": dashboard.id,
        "team_id": dashboard.team_id,
        "created_by_user_id": dashboard.user_id,
        "title": dashboard.title,
        "html_code_present": dashboard.head.is_some(),
        "status": dashboard.status,
        "visibility": dashboard.visibility,
        "publish_permission": if dashboard.is_editable { "edit" } else { "view" },
        "thumbnail_url": null,
        "refresh_frequency": dashboard.refresh_frequency,
        "last_refresh_at": dashboard.last_refresh_at,
        "next_refresh_at": dashboard.next_refresh_at,
        "created_at": dashboard.created_at,
        "updated_at": dashboard.updated_at,
    })
}

pub(super) fn list(world: &mut World, request: &Request) -> Outcome {
    let is_mine = |dashboard: &&Dashboard| dashboard.user_id == world.me;
    let is_of_team = |dashboard: &&Dashboard| {
        !is_mine(dashboard)
            && dashboard.visibility == Visibility::Team
            && world.sees(dashboard.team_id)
    };
    let fits = |dashboard: &&Dashboard| match request.asked("scope") {
        Some("team") => is_of_team(dashboard),
        // Nothing in the API shares a dashboard with one person.
        Some("shared") => false,
        _ => is_mine(dashboard),
    };
    let mut all: Vec<_> = world.dashboards.rows.iter().rev().filter(fits).collect();
    all.sort_by_key(|dashboard| Reverse(dashboard.updated_at));
    let page = request.page();
    let (part, total) = page.cut(all);
    let rows: Vec<_> = part.into_iter().map(view).collect();
    Ok(
        json!({ "artifacts": rows, "total": total, "limit": page.limit, "offset": page.offset })
            .into(),
    )
}

pub(super) fn get(world: &mut World, request: &Request) -> Outcome {
    let dashboard = world.dashboard(request)?;
    Ok(json!({
        "artifact": view(dashboard),
        "is_creator": dashboard.user_id == world.me,
        "can_edit": world.edits(dashboard),
    })
    .into())
}
