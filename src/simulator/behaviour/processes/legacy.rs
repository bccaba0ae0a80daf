//! The old view of a process, of version 1.

use serde_json::json;

use super::read::capture_view;
use crate::simulator::behaviour::{Outcome, Route};
use crate::simulator::request::Request;
use crate::simulator::world::World;

pub(super) const ROUTES: &[Route] = &[("processes.get_legacy", get)];

fn get(world: &mut World, request: &Request) -> Outcome {
    let process = world.process(request.id("id"))?;
    let captures = world
        .processes
        .captures
        .iter()
        .filter(|one| one.process_id == process.id);
    Ok(json!({
        "id": process.id,
        "teamId": process.team_id,
        "userId": process.user_id,
        "name": process.name,
        "status": process.status,
        "visibility": "team",
        "version": 1,
        "analysis": null,
        "generationError": null,
        "customPrompt": null,
        "createdAt": process.created_at,
        "updatedAt": process.updated_at,
        "captures": captures.map(|one| capture_view(world, one, false)).collect::<Vec<_>>(),
        "creatorUserId": process.user_id,
        "generationProgress": null,
        "transformationGuidance": null,
        "transformationGuidanceAuthor": null,
        "transformationGuidanceDate": null,
        "usedGuidanceMessages": [],
    })
    .into())
}
