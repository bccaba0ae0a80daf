//! Finished captures that belong to no process yet.

use serde_json::{Value, json};
use uuid::Uuid;

use super::rows::LooseCapture;
use crate::simulator::behaviour::Outcome;
use crate::simulator::request::Request;
use crate::simulator::world::World;

/// How many captures are listed when nothing is said.
const DEFAULT_LIMIT: u64 = 100;

/// Returns the captures of an organization that no node was made of.
pub(super) fn loose(world: &World, organization: Uuid) -> impl Iterator<Item = &LooseCapture> {
    let is_loose =
        move |one: &&LooseCapture| one.organization_id == organization && one.node_id.is_none();
    world.landscape.captures.iter().filter(is_loose)
}

pub(super) fn list(world: &mut World, request: &Request) -> Outcome {
    let organization = world.organization(request)?;
    let with_transcripts = request.asked("includeTranscripts") == Some("true");
    let limit = request
        .query
        .get("limit")
        .and_then(Value::as_u64)
        .unwrap_or(DEFAULT_LIMIT);
    let all: Vec<_> = loose(world, organization.id).collect();
    let total = all.len();
    let part = all
        .into_iter()
        .take(usize::try_from(limit).unwrap_or(usize::MAX));
    let rows: Vec<_> = part
        .map(|one| view(world, one, &organization.name, with_transcripts))
        .collect();
    let is_cut = rows.len() < total;
    Ok(json!({ "captures": rows, "total": total, "truncated": is_cut }).into())
}

fn view(world: &World, capture: &LooseCapture, organization: &str, with_transcript: bool) -> Value {
    let team = capture.team_id.and_then(|id| world.teams.teams.get(id));
    let mut view = json!({
        "id": capture.id,
        "scope": if team.is_some() { "team" } else { "organization" },
        "type": capture.kind,
        "title": capture.title,
        "organizationId": capture.organization_id,
        "organizationName": organization,
        "teamId": team.map(|team| team.id),
        "teamName": team.map(|team| &team.name),
        "processNodeId": capture.node_id,
        "createdAt": capture.created_at,
        "transcriptMessageCount": capture.transcript.len(),
    });
    if with_transcript {
        view["transcript"] = json!(capture.transcript);
    }
    view
}
