//! Imports of drawings, in three steps: an address, the upload, and its completion.

use serde_json::json;
use uuid::Uuid;

use super::read::capture_view;
use super::rows::{Capture, CaptureKind};
use crate::simulator::behaviour::files::{Purpose, UPLOAD_LIFE};
use crate::simulator::behaviour::{Outcome, Route};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{Content, World};

pub(super) const ROUTES: &[Route] = &[
    ("processes.create_import_url", create_import_url),
    ("processes.complete_import", complete_import),
];

/// Bytes of a drawing at most.
const MOST_BYTES: usize = 20 * 1024 * 1024;

fn create_import_url(world: &mut World, request: &Request) -> Outcome {
    let process_id = world.process_of(request)?.id;
    let request_id = request.body_id("extra_capture_request_id");
    if let Some(id) = request_id {
        let asked = world.processes.requests.get(id);
        asked.ok_or_else(|| Refusal::missing("capture request", id))?;
    }
    let (id, now) = (world.dice.id(), world.now);
    world.processes.captures.add(Capture {
        id,
        process_id,
        user_id: world.me,
        kind: CaptureKind::Document,
        status: "pending".into(),
        talk: Vec::new(),
        file_name: request.text("file_name").map(Into::into),
        content: None,
        request_id,
        created_at: now,
        updated_at: now,
    });
    let media = request.text("content_type").unwrap_or_default().to_owned();
    let (url, expires_at) = world.sign(Purpose::Capture { capture: id, media }, UPLOAD_LIFE);
    world.did("created", "capture", id);
    Ok(json!({ "signed_url": url, "capture_id": id, "expires_at": expires_at }).into())
}

/// Takes the bytes of a drawing.
pub(crate) fn put_drawing(world: &mut World, capture: Uuid, content: Content) {
    if let Some(capture) = world.processes.captures.get_mut(capture) {
        capture.content = Some(content);
    }
}

fn complete_import(world: &mut World, request: &Request) -> Outcome {
    let process = world.process_of(request)?.id;
    let id = request.id("capture_id");
    let capture = world
        .processes
        .captures
        .get(id)
        .filter(|one| one.process_id == process);
    let capture = capture.ok_or_else(|| Refusal::missing("capture", id))?;
    let content = capture
        .content
        .as_ref()
        .ok_or_else(|| Refusal::invalid("nothing was uploaded yet"))?;
    if content.len() > MOST_BYTES {
        return Err(Refusal::too_large(format!(
            "a drawing has {MOST_BYTES} bytes at most"
        )));
    }
    if content.len() == 0 {
        return Err(Refusal::invalid("the uploaded file is empty"));
    }
    let (asked, now) = (capture.request_id, world.now);
    if let Some(capture) = world.processes.captures.get_mut(id) {
        (capture.status, capture.updated_at) = ("complete".into(), now);
    }
    if let Some(asked) = asked.and_then(|asked| world.processes.requests.get_mut(asked)) {
        (asked.status, asked.capture_id, asked.updated_at) = ("captured".into(), Some(id), now);
    }
    world.did("completed", "capture", id);
    let capture = world
        .processes
        .captures
        .get(id)
        .ok_or_else(|| Refusal::missing("capture", id))?;
    Ok(json!({ "capture": capture_view(world, capture, false) }).into())
}
