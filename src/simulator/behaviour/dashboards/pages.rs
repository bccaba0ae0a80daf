//! The pages of a dashboard: what is shown, its versions, and exports.

use serde_json::{Value, json};

use super::rows::Version;
use crate::simulator::behaviour::{Outcome, Route};
use crate::simulator::reply::{Refusal, Reply};
use crate::simulator::request::Request;
use crate::simulator::world::World;

pub(super) const ROUTES: &[Route] = &[
    ("dashboards.get_html", get_html),
    ("dashboards.export_html", export_html),
    ("dashboards.export_pdf", export_pdf),
    ("dashboards.list_versions", list_versions),
    ("dashboards.get_version_html", get_version_html),
    ("dashboards.restore_version", restore_version),
];

/// The smallest file that readers take for a PDF.
const PDF: &str = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

/// Returns the page of a wish.
pub(super) fn page(title: &str, wish: &str) -> String {
    let (title, wish) = (escape(title), escape(wish));
    format!("<!doctype html><title>{title}</title><h1>{title}</h1><p>{wish}</p>")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn shown<'w>(world: &'w World, request: &Request) -> Result<&'w Version, Refusal> {
    let one = world.dashboard(request)?;
    one.shown()
        .ok_or_else(|| Refusal::missing("page of dashboard", one.id))
}

fn get_html(world: &mut World, request: &Request) -> Outcome {
    Ok(Reply::bytes(
        "text/html",
        shown(world, request)?.html.clone(),
    ))
}

fn export_html(world: &mut World, request: &Request) -> Outcome {
    let theme = request.asked("theme").unwrap_or("light");
    let html = &shown(world, request)?.html;
    Ok(Reply::bytes(
        "text/html",
        html.replacen(
            "<!doctype html>",
            &format!("<!doctype html><html data-theme=\"{theme}\">"),
            1,
        ),
    ))
}

fn export_pdf(world: &mut World, request: &Request) -> Outcome {
    shown(world, request)?;
    Ok(Reply::bytes("application/pdf", PDF))
}

fn list_versions(world: &mut World, request: &Request) -> Outcome {
    let one = world.dashboard(request)?;
    let rows: Vec<Value> = one
        .versions
        .iter()
        .rev()
        .map(|version| {
            json!({
                "id": version.id,
                "artifact_id": one.id,
                "version": version.number,
                "parent_revision_id": version.parent,
                "restored_from_version": version.restored_from,
                "created_at": version.at,
            })
        })
        .collect();
    Ok(json!({
        "total": rows.len(),
        "revisions": rows,
        "current_revision_id": one.current,
        "current_version": one.shown().map(|version| version.number),
    })
    .into())
}

fn version<'w>(world: &'w World, request: &Request) -> Result<&'w Version, Refusal> {
    let id = request.id("revisionId");
    let found = world
        .dashboard(request)?
        .versions
        .iter()
        .find(|version| version.id == id);
    found.ok_or_else(|| Refusal::missing("version", id))
}

fn get_version_html(world: &mut World, request: &Request) -> Outcome {
    Ok(Reply::bytes(
        "text/html",
        version(world, request)?.html.clone(),
    ))
}

fn restore_version(world: &mut World, request: &Request) -> Outcome {
    let old = version(world, request)?.clone();
    if world.dashboard(request)?.is_busy() {
        return Err(Refusal::conflict("the dashboard is being changed"));
    }
    let (id, now) = (world.dice.id(), world.now);
    let one = world.dashboard_mut(request)?;
    one.add_version(id, old.html, Some(old.number), now);
    Ok(json!({ "success": true, "current_revision_id": id, "current_version": one.versions.len() }).into())
}
