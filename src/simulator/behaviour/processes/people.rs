//! What people are asked for: interviews by a link, and captures that a proposal still needs.

use serde_json::{Value, json};
use uuid::Uuid;

use super::rows::{CaptureRequest, Kind};
use crate::simulator::behaviour::{Outcome, Route};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

pub(super) const ROUTES: &[Route] = &[
    ("processes.create_invite_link", create_invite_link),
    ("processes.list_capture_requests", list_capture_requests),
    ("processes.assign_capture_request", assign_capture_request),
];

/// Each new link takes the place of the one before.
fn create_invite_link(world: &mut World, request: &Request) -> Outcome {
    let id = world.process_of(request)?.id;
    let link = world.dice.id();
    if let Some(process) = world.processes.rows.get_mut(id) {
        process.invite = Some(link);
    }
    world.did("created", "invite_link", link);
    let shown = json!({
        "id": link,
        "url": format!("{}/_sim/interview/{link}", world.base),
        "created_at": world.now,
        "created_by": { "id": world.me, "email": world.teams.email_of(world.me) },
    });
    Ok(json!({ "invite_link": shown }).into())
}

/// Returns a capture request as the API shows it.
pub(super) fn request_view(one: &CaptureRequest) -> Value {
    json!({
        "id": one.id,
        "proposal_id": one.proposal_id,
        "step_id": one.step_id,
        "capture_id": one.capture_id,
        "requested_user_id": one.user_id,
        "status": one.status,
        "gap": one.gap,
        "suggested_prompt": "Please show one example.",
        "priority": "medium",
        "created_at": one.created_at,
        "updated_at": one.updated_at,
    })
}

fn proposal(world: &World, request: &Request) -> Result<Uuid, Refusal> {
    let process = world.process_of(request)?.id;
    let id = request.id("transformation_proposal_id");
    world
        .snapshot(process, Kind::TransformationProposal, id)
        .map(|one| one.id)
}

fn list_capture_requests(world: &mut World, request: &Request) -> Outcome {
    let proposal = proposal(world, request)?;
    let all = world
        .processes
        .requests
        .iter()
        .filter(|one| one.proposal_id == proposal);
    let page = request.page();
    let (part, total) = page.cut(all.map(request_view).collect());
    Ok(
        json!({ "requests": part, "total": total, "limit": page.limit, "offset": page.offset })
            .into(),
    )
}

fn assign_capture_request(world: &mut World, request: &Request) -> Outcome {
    let proposal = proposal(world, request)?;
    let team = world.process_of(request)?.team_id;
    world.check_manager(team)?;
    let user = request.body_id("user_id");
    if let Some(user) = user.filter(|user| !world.teams.is_member(*user, team)) {
        return Err(Refusal::missing("member", user));
    }
    let (id, now) = (request.id("request_id"), world.now);
    let one = world
        .processes
        .requests
        .get_mut(id)
        .filter(|one| one.proposal_id == proposal);
    let one = one.ok_or_else(|| Refusal::missing("capture request", id))?;
    (one.user_id, one.updated_at) = (user, now);
    let shown = request_view(one);
    world.did("assigned", "capture_request", id);
    Ok(json!({ "request": shown }).into())
}
