//! Reading processes: the team's list, one of them, and the digests of all that are finished.

use std::cmp::Reverse;

use serde_json::{Value, json};
use uuid::Uuid;

use super::rows::{Kind, Process, Status};
use super::views;
use crate::simulator::behaviour::{Outcome, contains};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

/// The processes of a team that the key sees, last changed first.
fn of_team(world: &World, team: Uuid) -> Vec<&Process> {
    let fits = |process: &&Process| process.team_id == team && world.opens(process);
    let mut all: Vec<_> = world.processes.rows.iter().rev().filter(fits).collect();
    all.sort_by_key(|process| Reverse(process.updated_at));
    all
}

pub(super) fn list(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let (status, version) = (request.query.get("status"), request.query.get("version"));
    let search = request.asked("search").unwrap_or_default();
    let fits = |process: &&Process| {
        status.is_none_or(|status| *status == json!(process.status))
            && version.is_none_or(|version| *version == json!(process.version))
            && contains(&process.name, search)
    };
    let page = request.page();
    let (part, total) = page.cut(of_team(world, team).into_iter().filter(fits).collect());
    let rows: Vec<_> = part
        .into_iter()
        .map(|process| views::row(world, process))
        .collect();
    Ok(
        json!({ "processes": rows, "total": total, "limit": page.limit, "offset": page.offset })
            .into(),
    )
}

pub(super) fn get(world: &mut World, request: &Request) -> Outcome {
    let process = world.process_of(request)?;
    let is_lite = request.asked("captures") == Some("lite");
    let captures = world
        .processes
        .captures_of(process.id)
        .map(|one| views::capture(world, one, is_lite));
    let versions = |kind| -> Vec<_> {
        world
            .processes
            .of_kind(process.id, kind)
            .map(|one| views::version(world, one))
            .collect()
    };
    Ok(json!({
        "process": views::process(process),
        "current_process_versions": versions(Kind::CurrentProcess),
        "transformation_proposal_versions": versions(Kind::TransformationProposal),
        "captures": captures.collect::<Vec<_>>(),
    })
    .into())
}

pub(super) fn list_summaries(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let is_done = |process: &&Process| {
        matches!(process.status, Status::Review | Status::Complete)
            && world
                .processes
                .live(process.id, Kind::CurrentProcess)
                .is_some()
    };
    let page = request.page();
    let (part, total) = page.cut(of_team(world, team).into_iter().filter(is_done).collect());
    let rows = part
        .into_iter()
        .map(|process| digest(world, process, request));
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    Ok(
        json!({ "processes": rows, "total": total, "limit": page.limit, "offset": page.offset })
            .into(),
    )
}

fn digest(world: &World, process: &Process, request: &Request) -> Result<Value, Refusal> {
    let current = world.processes.live(process.id, Kind::CurrentProcess);
    let current = current.ok_or_else(|| Refusal::missing("current process", process.id))?;
    let proposal = world
        .processes
        .live(process.id, Kind::TransformationProposal);
    let skeleton = |data: &Value| {
        data["steps"]
            .as_array()
            .into_iter()
            .flatten()
            .map(outline)
            .collect::<Vec<_>>()
    };
    let with_steps = request.asked("detail") != Some("summary");
    let proposed = proposal.map(|proposal| {
        json!({
            "summary": proposal.data["summary"],
            "projectedImpact": proposal.data["projectedImpact"],
            "steps": if with_steps { skeleton(&proposal.data) } else { Vec::new() },
        })
    });
    let telling = proposal.unwrap_or(current);
    Ok(json!({
        "id": process.id,
        "name": process.name,
        "status": process.status,
        "created_at": process.created_at,
        "updated_at": process.updated_at,
        // `include_current_steps` has no place in the documented answer.
        "current": { "summary": current.data["summary"], "swot": current.data["swot"] },
        "proposal": proposed,
        "roles": distinct(&telling.data, "role"),
        "systems": distinct(&telling.data, "system"),
    }))
}

fn outline(step: &Value) -> Value {
    json!({
        "id": step["id"],
        "title": step["title"],
        "role": step["role"],
        "system": step["system"],
        "nodeType": step["nodeType"],
        "nodeSubtype": step["nodeSubtype"],
        "condition": step["condition"],
        "readiness": step["readiness"],
        "targetSteps": step["targetSteps"],
    })
}

fn distinct(data: &Value, field: &str) -> Vec<String> {
    let steps = data["steps"].as_array().into_iter().flatten();
    let mut found: Vec<_> = steps
        .filter_map(|step| step[field].as_str().map(Into::into))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}
