//! What people are asked for: interviews behind an invite link, and captures that a proposal lacks.

use serde_json::json;
use uuid::Uuid;

use super::rows::{CaptureRequest, Kind, RequestStatus};
use super::views;
use crate::simulator::behaviour::Outcome;
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

pub(super) fn create_invite_link(world: &mut World, request: &Request) -> Outcome {
    let process = world.process_of(request)?;
    let (id, team) = (process.id, process.team_id);
    if process.user_id != world.me {
        world.check_manager(team)?;
    }
    let (link, token) = (world.dice.id(), world.dice.token());
    let url = format!("{}/_sim/invite/{token}", world.base);
    if let Some(process) = world.processes.rows.get_mut(id) {
        process.invite = Some(token);
    }
    world.did("created", "invite_link", link);
    let creator = json!({ "id": world.me, "email": world.teams.email_of(world.me) });
    let link = json!({ "id": link, "url": url, "created_at": world.now, "created_by": creator });
    Ok(json!({ "invite_link": link }).into())
}

/// The proposal of the path.
fn proposal(world: &World, request: &Request) -> Result<Uuid, Refusal> {
    let process = world.process_of(request)?.id;
    let id = request.id("transformation_proposal_id");
    Ok(world
        .snapshot(process, Kind::TransformationProposal, id)?
        .id)
}

pub(super) fn list_capture_requests(world: &mut World, request: &Request) -> Outcome {
    let proposal = proposal(world, request)?;
    let all = world
        .processes
        .requests
        .iter()
        .filter(|one| one.proposal_id == proposal);
    let page = request.page();
    let (part, total) = page.cut(all.collect());
    let rows: Vec<_> = part.into_iter().map(views::capture_request).collect();
    Ok(
        json!({ "requests": rows, "total": total, "limit": page.limit, "offset": page.offset })
            .into(),
    )
}

pub(super) fn assign_capture_request(world: &mut World, request: &Request) -> Outcome {
    let proposal = proposal(world, request)?;
    let team = world.process_of(request)?.team_id;
    world.check_manager(team)?;
    let id = request.id("request_id");
    let row = world
        .processes
        .requests
        .get(id)
        .filter(|row: &&CaptureRequest| row.proposal_id == proposal);
    if row
        .ok_or_else(|| Refusal::missing("capture request", id))?
        .status
        == RequestStatus::Resolved
    {
        return Err(Refusal::state("the capture request is resolved"));
    }
    let user = request.body_id("user_id");
    if let Some(user) = user.filter(|user| !world.teams.is_member(*user, team)) {
        return Err(Refusal::missing("member of the team", user));
    }
    let now = world.now;
    let row = world
        .processes
        .requests
        .get_mut(id)
        .ok_or_else(|| Refusal::missing("capture request", id))?;
    (row.requested_user_id, row.updated_at) = (user, now);
    let view = views::capture_request(row);
    world.did("assigned", "capture_request", id);
    Ok(json!({ "request": view }).into())
}
