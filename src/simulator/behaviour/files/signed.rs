//! The signed addresses to which bytes are put and from which they are fetched.
//!
//! A signed address is a page of the simulator itself; it needs no key, works until it expires, and
//! an upload must come with the media type it was made for.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::json;

use super::paths::clean;
use super::rows::{Purpose, Ticket};
use crate::simulator::behaviour::{Outcome, processes, sandboxes};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{Content, World};

/// How long an upload address works.
pub(crate) const UPLOAD_LIFE: Duration = Duration::from_secs(15 * 60);

/// How long a download address works.
const DOWNLOAD_LIFE: Duration = Duration::from_secs(60 * 60);

pub(super) fn create_upload_url(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let path = clean(request.text("fileName").unwrap_or_default())?;
    let media = request.text("contentType").unwrap_or_default().to_owned();
    let (url, expires_at) = world.sign(
        Purpose::Upload {
            team,
            path: path.clone(),
            media,
        },
        UPLOAD_LIFE,
    );
    Ok(json!({ "signedUrl": url, "expiresAt": expires_at, "filePath": path }).into())
}

pub(super) fn create_download_url(world: &mut World, request: &Request) -> Outcome {
    let file = world.file(request)?.id;
    let (url, expires_at) = world.sign(Purpose::Download { file }, DOWNLOAD_LIFE);
    Ok(json!({ "url": url, "expiresAt": expires_at }).into())
}

impl World {
    /// Makes a signed address; returns it and when it expires.
    pub(crate) fn sign(&mut self, purpose: Purpose, life: Duration) -> (String, Timestamp) {
        let token = format!("{}{}", self.dice.token(), self.dice.token());
        let (now, expires_at) = (self.now, self.after(life));
        self.files
            .tickets
            .retain(|_, ticket| ticket.expires_at > now);
        let url = format!("{}/_sim/blob/{token}", self.base);
        self.files.tickets.insert(
            token,
            Ticket {
                purpose,
                expires_at,
            },
        );
        (url, expires_at)
    }

    fn ticket(&self, token: &str) -> Result<Purpose, Refusal> {
        let ticket = self
            .files
            .tickets
            .get(token)
            .filter(|ticket| ticket.expires_at > self.now);
        let ticket = ticket.ok_or_else(|| {
            Refusal::new(
                &[403],
                "expired",
                "the signed address is unknown or has expired",
            )
        })?;
        Ok(ticket.purpose.clone())
    }
}

/// Takes the bytes that are put at a signed address.
pub(crate) fn upload(
    world: &mut World,
    token: &str,
    media: Option<&str>,
    bytes: Bytes,
) -> Result<(), Refusal> {
    let purpose = world.ticket(token)?;
    world.check_room(bytes.len())?;
    match purpose {
        Purpose::Upload {
            team,
            path,
            media: wanted,
        } => {
            check_media(media, &wanted)?;
            let id = world.put_file(team, &path, &wanted, Content(bytes));
            world.did("uploaded", "file", id);
        }
        Purpose::Capture {
            capture,
            media: wanted,
        } => {
            check_media(media, &wanted)?;
            processes::put_drawing(world, capture, &bytes);
            world.did("uploaded", "capture", capture);
        }
        Purpose::Sandbox { sandbox, path } => {
            sandboxes::put(world, &sandbox, &path, Content(bytes))?;
            world.did("uploaded", "sandbox_file", path);
        }
        Purpose::Download { .. } => {
            return Err(Refusal::new(
                &[403],
                "forbidden",
                "this address is for downloads",
            ));
        }
    }
    Ok(())
}

fn check_media(given: Option<&str>, wanted: &str) -> Result<(), Refusal> {
    if given == Some(wanted) {
        return Ok(());
    }
    Err(Refusal::invalid(format!(
        "the upload must come with `Content-Type: {wanted}`"
    )))
}

/// Returns the bytes behind a signed address, and their media type.
pub(crate) fn download(world: &World, token: &str) -> Result<(String, Bytes), Refusal> {
    let Purpose::Download { file } = world.ticket(token)? else {
        return Err(Refusal::new(
            &[403],
            "forbidden",
            "this address is for uploads",
        ));
    };
    let file = world
        .files
        .rows
        .get(file)
        .ok_or_else(|| Refusal::missing("file", file))?;
    Ok((file.media.clone(), file.content.0.clone()))
}
