//! Lists of processes, and one process with all its parts.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::people::request_view;
use super::rows::{Capture, CaptureKind, Kind, Process, Snapshot, Status, row_view};
use crate::simulator::behaviour::{Outcome, Route, contains};
use crate::simulator::request::Request;
use crate::simulator::world::World;

pub(super) const ROUTES: &[Route] = &[
    ("processes.list", list),
    ("processes.get", get),
    ("processes.list_summaries", list_summaries),
];

/// The steps of a generation: key and label.
pub(super) const STEPS: [(&str, &str); 3] = [
    ("read", "Reading the captures"),
    ("draw", "Drawing the flow"),
    ("review", "Reviewing the result"),
];

/// Adds a process.
pub(crate) fn add(world: &mut World, team_id: Uuid, name: &str) -> Uuid {
    let id = world.dice.id();
    world.processes.rows.add(Process {
        id,
        team_id,
        user_id: world.me,
        name: name.into(),
        status: "collecting".into(),
        progress: None,
        round: 0,
        invite: None,
        created_at: world.now,
        updated_at: world.now,
    });
    id
}

fn captures(world: &World, process: Uuid) -> impl Iterator<Item = &Capture> {
    let all = world.processes.captures.iter();
    all.filter(move |capture| capture.process_id == process)
}

fn row(world: &World, process: &Process) -> Value {
    let count = |kind| {
        captures(world, process.id)
            .filter(|one| one.kind == kind)
            .count()
    };
    let who = json!({
        "user_id": process.user_id,
        "user_name": world.teams.name_of(process.user_id).unwrap_or_default(),
    });
    json!({
        "id": process.id,
        "name": process.name,
        "status": process.status,
        "visibility": "team",
        "version": 2,
        "capture_count": captures(world, process.id).count(),
        "capture_counts": {
            "video": count(CaptureKind::Video),
            "interview": count(CaptureKind::Interview),
            "document": count(CaptureKind::Document),
        },
        "pending_invitation_count": usize::from(process.invite.is_some()),
        "contributors": [who],
        "created_at": process.created_at,
        "updated_at": process.updated_at,
        "created_by_name": world.teams.name_of(process.user_id),
    })
}

/// Returns a process as the landscape shows it.
pub(crate) fn summarised(world: &World, process: &Process) -> Value {
    let row = row(world, process);
    let live = world
        .snapshots_of(process.id, Kind::CurrentProcess)
        .find(|one| one.status == Status::Live);
    let name = world.teams.name_of(process.user_id).unwrap_or_default();
    json!({
        "id": process.id,
        "name": process.name,
        "status": process.status,
        "version": 2,
        "summary": live.map(|one| &one.data["summary"]),
        "captureCount": row["capture_count"],
        "captureCounts": row["capture_counts"],
        "contributors": [{ "userId": process.user_id, "userName": name }],
        "people": [{ "id": process.user_id, "userId": process.user_id, "email": world.teams.email_of(process.user_id), "name": name }],
        "updatedAt": process.updated_at,
    })
}

fn list(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let search = request.asked("search").unwrap_or_default();
    let status = request.asked("status");
    let is_current = request
        .query
        .get("version")
        .and_then(Value::as_i64)
        .is_none_or(|version| version == 2);
    let mut found: Vec<_> = world
        .processes
        .rows
        .iter()
        .rev()
        .filter(|one| one.team_id == team && is_current && contains(&one.name, search))
        .filter(|one| status.is_none_or(|status| one.status == status))
        .collect();
    found.sort_by_key(|one| std::cmp::Reverse(one.updated_at));
    let page = request.page();
    let (part, total) = page.cut(found);
    let rows: Vec<_> = part.into_iter().map(|one| row(world, one)).collect();
    Ok(
        json!({ "processes": rows, "total": total, "limit": page.limit, "offset": page.offset })
            .into(),
    )
}

fn view(process: &Process) -> Value {
    let progress = process.progress.as_ref().map(|progress| {
        let steps = STEPS.iter().enumerate().map(|(place, (key, label))| {
            let status = match place.cmp(&progress.done) {
                std::cmp::Ordering::Less => "complete",
                std::cmp::Ordering::Equal => "in_progress",
                std::cmp::Ordering::Greater => "pending",
            };
            json!({ "key": key, "label": label, "status": status, "order": place })
        });
        json!({ "steps": steps.collect::<Vec<_>>() })
    });
    json!({
        "id": process.id,
        "team_id": process.team_id,
        "user_id": process.user_id,
        "name": process.name,
        "status": process.status,
        "visibility": "team",
        "version": 2,
        "generation_error": null,
        "generation_progress": progress,
        "custom_prompt": null,
        "created_at": process.created_at,
        "updated_at": process.updated_at,
    })
}

/// Returns a capture as the API shows it.
pub(super) fn capture_view(world: &World, capture: &Capture, is_lite: bool) -> Value {
    let said = capture.talk.iter().enumerate().map(|(turn, text)| {
        let source = if turn % 2 == 0 { "interviewer" } else { "user" };
        json!({ "source": source, "message": text })
    });
    let transcript = (!is_lite && !capture.talk.is_empty()).then(|| said.collect::<Vec<_>>());
    let mut view = json!({
        "id": capture.id,
        "processId": capture.process_id,
        "userId": capture.user_id,
        "userName": world.teams.name_of(capture.user_id).unwrap_or_default(),
        "type": capture.kind,
        "videoUrl": null,
        "videoTranscript": null,
        "transcript": transcript,
        "hasTranscript": !capture.talk.is_empty(),
        "hasVideoTranscript": false,
        "transcriptQuestionCount": capture.talk.len().div_ceil(2),
        "status": capture.status,
        "createdAt": capture.created_at,
        "updatedAt": capture.updated_at,
    });
    if let Some(name) = &capture.file_name {
        view["documentFileName"] = name.clone().into();
    }
    view
}

/// Versions have the names of their own kind for what they come from.
fn version_view(world: &World, one: &Snapshot) -> Value {
    let mut view = row_view(world, one);
    let Some(fields) = view.as_object_mut() else {
        return view;
    };
    for name in ["kind", "source_snapshot_id", "parent_id"] {
        fields.shift_remove(name);
    }
    match one.kind {
        Kind::CurrentProcess => view["parent_current_process_id"] = json!(one.parent_id),
        Kind::TransformationProposal => {
            view["clarity_current_process_id"] = json!(one.source_id.unwrap_or_default());
            view["parent_transformation_proposal_id"] = json!(one.parent_id);
            if one.status == Status::Live {
                let asked = world
                    .processes
                    .requests
                    .iter()
                    .filter(|asked| asked.proposal_id == one.id);
                view["extra_capture_requests"] = asked.map(request_view).collect();
            }
        }
    }
    view
}

fn get(world: &mut World, request: &Request) -> Outcome {
    let process = world.process_of(request)?;
    let is_lite = request.asked("captures") == Some("lite");
    let versions = |kind| -> Vec<_> {
        let all = world.snapshots_of(process.id, kind).rev();
        all.map(|one| version_view(world, one)).collect()
    };
    let shown: Vec<_> = captures(world, process.id)
        .map(|one| capture_view(world, one, is_lite))
        .collect();
    Ok(json!({
        "process": view(process),
        "current_process_versions": versions(Kind::CurrentProcess),
        "transformation_proposal_versions": versions(Kind::TransformationProposal),
        "captures": shown,
    })
    .into())
}

fn list_summaries(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let done =
        world.processes.rows.iter().rev().filter(|one| {
            one.team_id == team && (one.status == "review" || one.status == "complete")
        });
    let page = request.page();
    let (part, total) = page.cut(done.collect());
    let with_steps = request.asked("detail") != Some("summary");
    let rows: Vec<_> = part
        .into_iter()
        .map(|one| summary(world, one, with_steps))
        .collect();
    Ok(
        json!({ "processes": rows, "total": total, "limit": page.limit, "offset": page.offset })
            .into(),
    )
}

fn summary(world: &World, process: &Process, with_steps: bool) -> Value {
    let live = |kind| {
        world
            .snapshots_of(process.id, kind)
            .find(|one| one.status == Status::Live)
    };
    let (current, proposal) = (
        live(Kind::CurrentProcess),
        live(Kind::TransformationProposal),
    );
    let field =
        |one: Option<&Snapshot>, name: &str| one.map_or(Value::Null, |one| one.data[name].clone());
    let proposed = proposal.map(|one| {
        let steps = one.data["steps"].as_array().filter(|_| with_steps);
        json!({
            "summary": one.data["summary"],
            "projectedImpact": one.data["projectedImpact"],
            "steps": steps.into_iter().flatten().map(summary_step).collect::<Vec<_>>(),
        })
    });
    json!({
        "id": process.id,
        "name": process.name,
        "status": process.status,
        "created_at": process.created_at,
        "updated_at": process.updated_at,
        "current": { "summary": field(current, "summary"), "swot": field(current, "swot") },
        "proposal": proposed,
        "roles": ["Clerk"],
        "systems": [],
    })
}

fn summary_step(step: &Value) -> Value {
    let names = [
        "id",
        "title",
        "role",
        "system",
        "nodeType",
        "nodeSubtype",
        "condition",
        "readiness",
        "targetSteps",
    ];
    let fields = names
        .iter()
        .map(|name| ((*name).to_owned(), step[*name].clone()));
    Value::Object(fields.collect())
}

/// Adds an interview in which somebody has told how the work is done.
pub(crate) fn add_interview(world: &mut World, process_id: Uuid, talk: Vec<String>) {
    let (id, now): (Uuid, Timestamp) = (world.dice.id(), world.now);
    world.processes.captures.add(Capture {
        id,
        process_id,
        user_id: world.me,
        kind: CaptureKind::Interview,
        status: "complete".into(),
        talk,
        file_name: None,
        content: None,
        request_id: None,
        created_at: now,
        updated_at: now,
    });
}
