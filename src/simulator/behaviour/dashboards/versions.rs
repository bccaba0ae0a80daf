//! The versions of a dashboard, and the pages they show.

use serde_json::{Value, json};
use uuid::Uuid;

use super::page::Theme;
use super::rows::Version;
use crate::simulator::behaviour::Outcome;
use crate::simulator::reply::{Refusal, Reply};
use crate::simulator::request::Request;
use crate::simulator::world::World;

/// Returns a version of a dashboard.
pub(super) fn of(world: &World, dashboard: Uuid, id: Uuid) -> Result<&Version, Refusal> {
    let version = world
        .dashboards
        .versions
        .get(id)
        .filter(|version| version.dashboard_id == dashboard);
    version.ok_or_else(|| Refusal::missing("version", id))
}

/// The present version of the dashboard of the path.
fn present<'a>(world: &'a World, request: &Request) -> Result<&'a Version, Refusal> {
    let dashboard = world.dashboard(request)?;
    let head = world.dashboards.head(dashboard);
    head.ok_or_else(|| Refusal::missing("page of the dashboard", dashboard.id))
}

fn theme(request: &Request) -> Theme {
    if request.asked("theme") == Some("dark") {
        Theme::Dark
    } else {
        Theme::Light
    }
}

pub(super) fn get_html(world: &mut World, request: &Request) -> Outcome {
    Ok(Reply::bytes(
        "text/html",
        present(world, request)?.page.html(Theme::Light),
    ))
}

pub(super) fn export_html(world: &mut World, request: &Request) -> Outcome {
    Ok(Reply::bytes(
        "text/html",
        present(world, request)?.page.html(theme(request)),
    ))
}

pub(super) fn export_pdf(world: &mut World, request: &Request) -> Outcome {
    Ok(Reply::bytes(
        "application/pdf",
        present(world, request)?.page.pdf(theme(request)),
    ))
}

/// The version of the path, of a dashboard that the key may change.
fn asked<'a>(world: &'a World, request: &Request) -> Result<&'a Version, Refusal> {
    let dashboard = world.editable(request)?.id;
    of(world, dashboard, request.id("revisionId"))
}

pub(super) fn get_version_html(world: &mut World, request: &Request) -> Outcome {
    Ok(Reply::bytes(
        "text/html",
        asked(world, request)?.page.html(Theme::Light),
    ))
}

pub(super) fn list(world: &mut World, request: &Request) -> Outcome {
    let dashboard = world.editable(request)?;
    let rows: Vec<_> = world
        .dashboards
        .versions_of(dashboard.id)
        .rev()
        .map(view)
        .collect();
    let head = world.dashboards.head(dashboard);
    Ok(json!({
        "total": rows.len(),
        "revisions": rows,
        "current_revision_id": head.map(|version| version.id),
        "current_version": head.map(|version| version.number),
    })
    .into())
}

fn view(version: &Version) -> Value {
    json!({
        "id": version.id,
        "artifact_id": version.dashboard_id,
        "version": version.number,
        "parent_revision_id": version.parent_id,
        // Restoring moves back to a version and makes no new one.
        "restored_from_version": null,
        "created_at": version.created_at,
    })
}

pub(super) fn restore(world: &mut World, request: &Request) -> Outcome {
    let dashboard = world.editable(request)?;
    dashboard.check_idle()?;
    let id = dashboard.id;
    let version = asked(world, request)?;
    let (version, number) = (version.id, version.number);
    if let Some(dashboard) = world.dashboards.rows.get_mut(id) {
        dashboard.head = Some(version);
    }
    world.touch_dashboard(id);
    world.did("restored", "dashboard_version", version);
    Ok(
        json!({ "success": true, "current_revision_id": version, "current_version": number })
            .into(),
    )
}
