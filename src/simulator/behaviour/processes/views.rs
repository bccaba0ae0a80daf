//! Processes, captures and snapshots as the API shows them.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::generation::stages;
use super::rows::{Capture, CaptureRequest, CaptureStatus, Kind, Process, Snapshot, Source};
use crate::simulator::world::World;

/// Returns a process of today's kind.
pub(super) fn process(process: &Process) -> Value {
    json!({
        "id": process.id,
        "team_id": process.team_id,
        "user_id": process.user_id,
        "name": process.name,
        "status": process.status,
        "visibility": visibility(process),
        "version": process.version,
        "generation_error": process.generation_error,
        "generation_progress": progress(process),
        "custom_prompt": process.custom_prompt,
        "created_at": process.created_at,
        "updated_at": process.updated_at,
    })
}

/// Returns a process as a row of the team's list.
pub(super) fn row(world: &World, process: &Process) -> Value {
    json!({
        "id": process.id,
        "name": process.name,
        "status": process.status,
        "visibility": visibility(process),
        "version": process.version,
        "capture_count": world.processes.captures_of(process.id).count(),
        "capture_counts": capture_counts(world, process.id),
        // Invite links are for everybody; nobody is invited in person.
        "pending_invitation_count": 0,
        "contributors": contributors(world, process.id, ["user_id", "user_name"]),
        "created_at": process.created_at,
        "updated_at": process.updated_at,
        "created_by_name": world.teams.name_of(process.user_id),
    })
}

pub(super) fn visibility(process: &Process) -> &'static str {
    if process.is_restricted {
        "restricted"
    } else {
        "team"
    }
}

/// Returns how far a generation is; `null` when there is none.
pub(super) fn progress(process: &Process) -> Value {
    let Some(work) = &process.work else {
        return Value::Null;
    };
    let steps = stages(&work.task)
        .iter()
        .enumerate()
        .map(|(index, (key, label))| {
            let status = match index.cmp(&work.done) {
                std::cmp::Ordering::Less => "complete",
                std::cmp::Ordering::Equal => "in_progress",
                std::cmp::Ordering::Greater => "pending",
            };
            json!({ "key": key, "label": label, "status": status, "order": index + 1 })
        });
    json!({ "steps": steps.collect::<Vec<_>>() })
}

/// Returns how many captures of each kind a process has.
pub(crate) fn capture_counts(world: &World, process: Uuid) -> Value {
    let count = |kind: &str| {
        world
            .processes
            .captures_of(process)
            .filter(|capture| capture.kind == kind)
            .count()
    };
    json!({ "video": count("video"), "interview": count("interview"), "document": count("document") })
}

/// Returns who made the captures of a process, under the names that the answer uses.
pub(crate) fn contributors(world: &World, process: Uuid, [id, name]: [&str; 2]) -> Vec<Value> {
    let mut people: Vec<_> = world
        .processes
        .captures_of(process)
        .map(|capture| capture.user_id)
        .collect();
    people.sort_unstable();
    people.dedup();
    let row = |person: Uuid| {
        let called = world
            .teams
            .name_of(person)
            .or_else(|| world.teams.email_of(person));
        Some(json!({ id: person, name: called? }))
    };
    people.into_iter().filter_map(row).collect()
}

/// Returns the summary of the live current process.
pub(crate) fn summary_of(world: &World, process: Uuid) -> Value {
    let live = world.processes.live(process, Kind::CurrentProcess);
    live.map_or(Value::Null, |snapshot| snapshot.data["summary"].clone())
}

/// Returns a capture, with what was said in it or, `lite`, without.
pub(super) fn capture(world: &World, capture: &Capture, is_lite: bool) -> Value {
    let questions = capture
        .transcript
        .iter()
        .filter(|line| line.source == Source::Ai)
        .count();
    let transcript = (!is_lite && !capture.transcript.is_empty()).then_some(&capture.transcript);
    let spoken = capture.video_transcript.as_ref().filter(|_| !is_lite);
    let mut view = json!({
        "id": capture.id,
        "processId": capture.process_id,
        "userId": capture.user_id,
        "type": capture.kind,
        "videoUrl": null,
        "videoTranscript": spoken,
        "transcript": transcript,
        "hasTranscript": !capture.transcript.is_empty(),
        "hasVideoTranscript": capture.video_transcript.is_some(),
        "transcriptQuestionCount": questions,
        "status": capture.status,
        "createdAt": capture.created_at,
        "updatedAt": capture.updated_at,
    });
    if let Some(name) = world.teams.name_of(capture.user_id) {
        view["userName"] = name.into();
    }
    if let Some(name) = &capture.file_name {
        view["documentFileName"] = name.as_str().into();
    }
    view
}

/// Returns whether a generation can read a capture.
pub(super) fn is_usable(capture: &Capture) -> bool {
    capture.status == CaptureStatus::Complete
}

/// Returns a snapshot without its content.
pub(super) fn snapshot_row(snapshot: &Snapshot) -> Value {
    let mut row = origin(snapshot);
    row.insert("source_snapshot_id".into(), json!(snapshot.source_id));
    row.insert("parent_id".into(), json!(snapshot.parent_id));
    row.insert("kind".into(), json!(snapshot.kind));
    row.into()
}

/// Returns a snapshot with its content.
pub(super) fn snapshot(snapshot: &Snapshot) -> Value {
    let mut view = snapshot_row(snapshot);
    view["updated_at"] = json!(snapshot.updated_at);
    view["data"] = snapshot.data.clone();
    view
}

/// Returns a snapshot as the versions of a process show it.
pub(super) fn version(world: &World, snapshot: &Snapshot) -> Value {
    let mut row = origin(snapshot);
    row.extend(lineage(snapshot));
    if is_live_proposal(snapshot) {
        let requests = world
            .processes
            .requests
            .iter()
            .filter(|request| request.proposal_id == snapshot.id);
        row.insert(
            "extra_capture_requests".into(),
            requests.map(capture_request).collect(),
        );
    }
    row.into()
}

fn is_live_proposal(snapshot: &Snapshot) -> bool {
    snapshot.kind == Kind::TransformationProposal
        && snapshot.status == super::rows::SnapshotStatus::Live
}

/// Returns a snapshot as the calls showed it that newer ones have replaced.
pub(super) fn old_snapshot(snapshot: &Snapshot) -> Value {
    let mut view = lineage(snapshot);
    let more = json!({
        "id": snapshot.id,
        "data": snapshot.data,
        "created_at": snapshot.created_at,
        "updated_at": snapshot.updated_at,
        "user_id": snapshot.user_id,
        "sandbox_id": null,
        "last_session_id": null,
    });
    view.extend(fields(more));
    view.into()
}

/// The names that each kind has for its parent and its source.
fn lineage(snapshot: &Snapshot) -> Map<String, Value> {
    fields(match snapshot.kind {
        Kind::CurrentProcess => json!({ "parent_current_process_id": snapshot.parent_id }),
        Kind::TransformationProposal => json!({
            "clarity_current_process_id": snapshot.source_id,
            "parent_transformation_proposal_id": snapshot.parent_id,
        }),
    })
}

fn origin(snapshot: &Snapshot) -> Map<String, Value> {
    fields(json!({
        "id": snapshot.id,
        "process_id": snapshot.process_id,
        "created_at": snapshot.created_at,
        "status": snapshot.status,
        "creator_type": if snapshot.is_by_hand { "human" } else { "ai" },
        "user_id": snapshot.user_id,
        "sandbox_id": null,
        "last_session_id": null,
    }))
}

/// Returns a request for a further capture.
pub(super) fn capture_request(request: &CaptureRequest) -> Value {
    json!({
        "id": request.id,
        "proposal_id": request.proposal_id,
        "step_id": request.step_id,
        "capture_id": request.capture_id,
        "requested_user_id": request.requested_user_id,
        "status": request.status,
        "gap": request.gap,
        "suggested_prompt": request.suggested_prompt,
        "priority": request.priority,
        "created_at": request.created_at,
        "updated_at": request.updated_at,
    })
}

fn fields(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
