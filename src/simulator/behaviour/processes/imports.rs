//! Imports of diagrams, in three steps: a signed address, the upload, and the check that makes a
//! capture of it. The bytes are looked at once and not kept.

use serde_json::json;
use uuid::Uuid;

use super::rows::{Capture, CaptureStatus, Import, RequestStatus, Status, Upload};
use super::views;
use crate::simulator::behaviour::Outcome;
use crate::simulator::behaviour::files::{Purpose, UPLOAD_LIFE};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

/// Bytes of the largest diagram that is taken.
const MOST_BYTES: usize = 20 * 1024 * 1024;

/// Imports of a process that may be under way at once.
const MOST_OPEN: usize = 100;

pub(super) fn create_url(world: &mut World, request: &Request) -> Outcome {
    let process = world.process_of(request)?.id;
    let media = check_names(request)?;
    let wanted = request.body_id("extra_capture_request_id");
    if let Some(id) = wanted {
        check_request(world, process, id)?;
    }
    let open = world
        .processes
        .captures_of(process)
        .filter(|capture| capture.import.is_some())
        .count();
    if open >= MOST_OPEN {
        return Err(Refusal::invalid(format!(
            "{MOST_OPEN} imports are under way; complete one first"
        )));
    }
    let id = world.dice.id();
    world.processes.captures.add(Capture {
        id,
        process_id: process,
        user_id: world.me,
        kind: "document".into(),
        file_name: request.text("file_name").map(Into::into),
        transcript: Vec::new(),
        video_transcript: None,
        status: CaptureStatus::Pending,
        created_at: world.now,
        updated_at: world.now,
        import: Some(Import {
            media: media.clone(),
            request: wanted,
            upload: None,
        }),
    });
    world.did("created", "capture", id);
    let (url, expires_at) = world.sign(Purpose::Capture { capture: id, media }, UPLOAD_LIFE);
    Ok(json!({ "signed_url": url, "capture_id": id, "expires_at": expires_at }).into())
}

/// The ending of the name and the media type must say the same.
fn check_names(request: &Request) -> Result<String, Refusal> {
    let name = request.text("file_name").unwrap_or_default();
    let media = request.text("content_type").unwrap_or_default();
    let ending = name
        .rsplit_once('.')
        .map_or("", |(_, ending)| ending)
        .to_ascii_lowercase();
    let fits = match media {
        "image/svg+xml" => ending == "svg",
        "image/png" => ending == "png",
        "image/jpeg" => ending == "jpg" || ending == "jpeg",
        _ => ending == "xml",
    };
    fits.then(|| media.to_owned())
        .ok_or_else(|| Refusal::invalid(format!("`{name}` is no file of type `{media}`")))
}

fn check_request(world: &World, process: Uuid, id: Uuid) -> Result<(), Refusal> {
    let missing = || Refusal::missing("capture request", id);
    let request = world.processes.requests.get(id).ok_or_else(missing)?;
    let proposal = world.processes.snapshots.get(request.proposal_id);
    proposal
        .filter(|proposal| proposal.process_id == process)
        .ok_or_else(missing)?;
    match request.status {
        RequestStatus::Requested => Ok(()),
        RequestStatus::Captured | RequestStatus::Resolved => {
            Err(Refusal::state("the capture request is answered already"))
        }
    }
}

/// Takes the bytes that were put at the signed address of an import.
pub(crate) fn put_drawing(world: &mut World, capture: Uuid, content: &[u8]) {
    let row = world.processes.captures.get_mut(capture);
    if let Some(import) = row.and_then(|row| row.import.as_mut()) {
        let is_sound = is_of(&import.media, content);
        import.upload = Some(Upload {
            size: content.len(),
            is_sound,
        });
    }
}

/// Looks at the first bytes.
fn is_of(media: &str, bytes: &[u8]) -> bool {
    match media {
        "image/png" => bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
        "image/jpeg" => bytes.starts_with(b"\xff\xd8\xff"),
        "image/svg+xml" => std::str::from_utf8(bytes).is_ok_and(|text| text.contains("<svg")),
        _ => std::str::from_utf8(bytes).is_ok_and(|text| {
            text.trim_start_matches('\u{feff}')
                .trim_start()
                .starts_with('<')
        }),
    }
}

pub(super) fn complete(world: &mut World, request: &Request) -> Outcome {
    let process = world.process_of(request)?.id;
    let id = request.id("capture_id");
    let capture = world
        .processes
        .captures
        .get(id)
        .filter(|capture| capture.process_id == process);
    let capture = capture.ok_or_else(|| Refusal::missing("capture", id))?;
    let Some(import) = &capture.import else {
        return Err(Refusal::state("the import is complete already"));
    };
    if check_names(request)? != import.media
        || request.text("file_name") != capture.file_name.as_deref()
    {
        return Err(Refusal::invalid(
            "`file_name` and `content_type` must be those of the upload address",
        ));
    }
    check_upload(import)?;
    let wanted = import.request;
    settle(world, id, wanted);
    let process = world
        .processes
        .rows
        .get_mut(process)
        .filter(|process| process.status == Status::Draft);
    if let Some(process) = process {
        process.status = Status::Collecting;
    }
    let capture = world
        .processes
        .captures
        .get(id)
        .ok_or_else(|| Refusal::missing("capture", id))?;
    Ok(json!({ "capture": views::capture(world, capture, false) }).into())
}

fn check_upload(import: &Import) -> Result<(), Refusal> {
    match &import.upload {
        None => Err(Refusal::invalid(
            "nothing was uploaded to the signed address",
        )),
        Some(upload) if upload.size > MOST_BYTES => Err(Refusal::too_large(format!(
            "the upload has more than {MOST_BYTES} bytes"
        ))),
        Some(upload) if !upload.is_sound => Err(Refusal::invalid(format!(
            "the upload is not of type `{}`",
            import.media
        ))),
        Some(_) => Ok(()),
    }
}

/// Makes the import a capture, and the answer to the request it was for.
fn settle(world: &mut World, id: Uuid, wanted: Option<Uuid>) {
    let now = world.now;
    if let Some(capture) = world.processes.captures.get_mut(id) {
        (capture.status, capture.import, capture.updated_at) = (CaptureStatus::Complete, None, now);
        let process = capture.process_id;
        world.touch_process(process);
    }
    world.did("completed", "capture", id);
    if let Some(request) = wanted.and_then(|id| world.processes.requests.get_mut(id)) {
        (request.status, request.capture_id, request.updated_at) =
            (RequestStatus::Captured, Some(id), now);
    }
}
