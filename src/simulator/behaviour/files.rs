//! Team files, and the signed addresses to which bytes are put and from which they are fetched.
//!
//! A signed address is a page of the simulator itself; it needs no key, works until it expires, and
//! an upload must come with the media type it was made for.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Outcome, Route, processes, sandboxes};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{Content, Row, Table, World};

pub(super) const ROUTES: &[Route] = &[
    ("files.list", list),
    ("files.create_upload_url", create_upload_url),
    ("files.read", read),
    ("files.write", write),
    ("files.create_download_url", create_download_url),
    ("files.rename", rename),
    ("files.delete", delete),
];

/// How long an upload address works.
pub(crate) const UPLOAD_LIFE: Duration = Duration::from_secs(15 * 60);
/// How long a download address works.
const DOWNLOAD_LIFE: Duration = Duration::from_secs(60 * 60);
/// Bytes that a simulator keeps at most, in all files together.
const MOST_BYTES: usize = 256 * 1024 * 1024;

/// Team files and signed addresses.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) rows: Table<File>,
    tickets: BTreeMap<String, Ticket>,
}

/// A team file.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct File {
    pub(crate) id: Uuid,
    pub(crate) team_id: Uuid,
    pub(crate) path: String,
    pub(crate) media: String,
    pub(crate) content: Content,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// What a signed address is good for.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Ticket {
    purpose: Purpose,
    expires_at: Timestamp,
}

/// What may be done at a signed address.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Purpose {
    /// A new team file.
    Upload {
        team: Uuid,
        path: String,
        media: String,
    },
    /// A new file in a sandbox.
    Sandbox { sandbox: String, path: String },
    /// The drawing of a capture.
    Capture { capture: Uuid, media: String },
    /// The bytes of a team file.
    Download { file: Uuid },
}

impl Row for File {
    fn id(&self) -> Uuid {
        self.id
    }
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

    /// Refuses bytes that no longer fit into memory.
    pub(crate) fn check_room(&self, more: usize) -> Result<(), Refusal> {
        let files: usize = self.files.rows.iter().map(|file| file.content.len()).sum();
        if files + self.sandboxes.bytes() + more > MOST_BYTES {
            return Err(Refusal::too_large(format!(
                "the simulator keeps {MOST_BYTES} bytes of files at most"
            )));
        }
        Ok(())
    }

    /// Writes a team file, new or not.
    pub(crate) fn put_file(
        &mut self,
        team_id: Uuid,
        path: &str,
        media: &str,
        content: Content,
    ) -> Uuid {
        let now = self.now;
        let found = self
            .files
            .rows
            .iter()
            .find(|file| file.team_id == team_id && file.path == path)
            .map(|file| file.id);
        if let Some(file) = found.and_then(|id| self.files.rows.get_mut(id)) {
            (file.media, file.content, file.updated_at) = (media.into(), content, now);
            return file.id;
        }
        let id = self.dice.id();
        self.files.rows.add(File {
            id,
            team_id,
            path: path.into(),
            media: media.into(),
            content,
            created_at: now,
            updated_at: now,
        });
        id
    }

    fn file(&self, request: &Request) -> Result<&File, Refusal> {
        let team = self.check_team(request.team())?;
        let path = clean(request.param("path"))?;
        self.file_at(team, &path)
    }

    fn file_at(&self, team: Uuid, path: &str) -> Result<&File, Refusal> {
        let file = self
            .files
            .rows
            .iter()
            .find(|file| file.team_id == team && file.path == path);
        file.ok_or_else(|| Refusal::missing("file", path))
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

/// Returns a path without what could lead out of the team's files.
pub(crate) fn clean(path: &str) -> Result<String, Refusal> {
    let path = path.trim_matches('/');
    let is_bad = |part: &str| part.is_empty() || part == "." || part == "..";
    if path.split('/').any(is_bad) || path.contains(['\0', '\\']) {
        return Err(Refusal::invalid(format!(
            "`{}` is no path",
            path.escape_debug()
        )));
    }
    Ok(path.into())
}

/// Writes a team file for a job.
pub(crate) fn write_for_job(world: &mut World, job: Uuid, path: &str, text: String) {
    let Some(team) = world.jobs.rows.get(job).map(|job| job.team_id) else {
        return;
    };
    if let Ok(path) = clean(path) {
        let media = media_of(&path);
        world.put_file(team, &path, media, text.into());
    }
}

/// Returns the media type that the ending of a path suggests.
pub(crate) fn media_of(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("csv") => "text/csv",
        Some("json") => "application/json",
        Some("md") => "text/markdown",
        Some("pdf") => "application/pdf",
        Some("html") => "text/html",
        _ => "text/plain",
    }
}

fn view(file: &File) -> Value {
    json!({
        "id": file.id,
        "name": file.path.rsplit('/').next(),
        "path": file.path,
        "created_at": file.created_at,
        "updated_at": file.updated_at,
        "metadata": { "mimetype": file.media, "size": file.content.len() },
    })
}

fn list(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let files = world.files.rows.iter().filter(|file| file.team_id == team);
    Ok(json!({ "files": files.map(view).collect::<Vec<_>>() }).into())
}

fn create_upload_url(world: &mut World, request: &Request) -> Outcome {
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

fn read(world: &mut World, request: &Request) -> Outcome {
    let file = world.file(request)?;
    let text = file
        .content
        .text()
        .ok_or_else(|| Refusal::invalid("the file is not text; use a download address"))?;
    Ok(json!({ "content": text, "path": file.path, "contentType": file.media }).into())
}

fn write(world: &mut World, request: &Request) -> Outcome {
    let file = world.file(request)?;
    if file.content.text().is_none() {
        return Err(Refusal::invalid("the file is not text; upload it anew"));
    }
    let (id, text) = (file.id, request.text("content").unwrap_or_default());
    world.check_room(text.len())?;
    let now = world.now;
    if let Some(file) = world.files.rows.get_mut(id) {
        (file.content, file.updated_at) = (text.to_owned().into(), now);
    }
    world.did("changed", "file", id);
    Ok(json!({ "success": true }).into())
}

fn create_download_url(world: &mut World, request: &Request) -> Outcome {
    let file = world.file(request)?.id;
    let (url, expires_at) = world.sign(Purpose::Download { file }, DOWNLOAD_LIFE);
    Ok(json!({ "url": url, "expiresAt": expires_at }).into())
}

fn rename(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let old = clean(request.text("relativePath").unwrap_or_default())?;
    let name = request.text("newFilenameOnly").unwrap_or_default();
    if name.contains(['/', '\\', '\0']) || name == ".." || name == "." {
        return Err(Refusal::invalid(
            "`newFilenameOnly` must be a name without folders",
        ));
    }
    let id = world.file_at(team, &old)?.id;
    let (folder, last) = old
        .rsplit_once('/')
        .map_or(("", old.as_str()), |(folder, last)| (folder, last));
    let ending = last
        .rsplit_once('.')
        .map_or_else(String::new, |(_, ending)| format!(".{ending}"));
    let new = if folder.is_empty() {
        format!("{name}{ending}")
    } else {
        format!("{folder}/{name}{ending}")
    };
    if world.file_at(team, &new).is_ok_and(|other| other.id != id) {
        return Err(Refusal::invalid(format!("there is already a file `{new}`")));
    }
    let now = world.now;
    if let Some(file) = world.files.rows.get_mut(id) {
        (file.path, file.updated_at) = (new, now);
    }
    world.did("renamed", "file", id);
    Ok(json!({ "success": true }).into())
}

fn delete(world: &mut World, request: &Request) -> Outcome {
    let id = world.file(request)?.id;
    world.files.rows.remove(id);
    world.did("deleted", "file", id);
    Ok(json!({ "success": true }).into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::simulator::trial::{Trial, text};

    #[tokio::test]
    async fn go_up_come_down_are_renamed_and_deleted() {
        let trial = &Trial::company().await;
        let wanted = json!({ "fileName": "in/data.bin", "contentType": "application/x-data" });
        let ticket = trial.call("files.create_upload_url", &[], wanted).await;
        let url = text(&ticket["signedUrl"]);
        let target = url.strip_prefix(trial.simulator.url()).unwrap();
        let bytes = &b"\xff\x00data"[..];
        let put = |media: &'static str| async move {
            trial
                .raw("PUT", target, &[("content-type", media)], bytes)
                .await
        };
        assert_eq!(
            put("text/plain").await.status,
            400,
            "the type must be the one announced"
        );
        assert_eq!(put("application/x-data").await.status, 200);
        assert_eq!(
            trial
                .refused("files.read", &["in/data.bin"], json!({}))
                .await
                .0,
            400,
            "not text"
        );
        let down = trial
            .call("files.create_download_url", &["in/data.bin"], json!({}))
            .await;
        let url = text(&down["url"]);
        let target = url.strip_prefix(trial.simulator.url()).unwrap();
        let came = trial.raw("GET", target, &[("authorization", "")], "").await;
        assert_eq!(
            (&came.bytes[..], came.headers["content-type"].as_bytes()),
            (bytes, &b"application/x-data"[..])
        );
        trial.pass(2 * 3600);
        assert_eq!(
            trial.raw("GET", target, &[], "").await.status,
            403,
            "it has expired"
        );
        let renamed = json!({ "relativePath": "in/data.bin", "newFilenameOnly": "old" });
        trial.call("files.rename", &[], renamed).await;
        trial.call("files.delete", &["in/old.bin"], json!({})).await;
        assert_eq!(
            trial
                .refused("files.delete", &["in/old.bin"], json!({}))
                .await
                .0,
            404
        );
    }

    #[tokio::test]
    async fn texts_are_read_and_written_at_any_path() {
        let trial = Trial::company().await;
        let path = "reference/approvers.md";
        trial
            .call("files.write", &[path], json!({ "content": "# Nobody" }))
            .await;
        assert_eq!(
            trial.call("files.read", &[path], json!({})).await["content"],
            "# Nobody"
        );
        assert_eq!(
            trial.refused("files.read", &["a/../b"], json!({})).await.0,
            400
        );
        assert_eq!(
            trial.refused("files.read", &["none.md"], json!({})).await.0,
            404
        );
    }
}
