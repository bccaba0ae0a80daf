//! Sandboxes: places for files that live for an hour.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::files::{Purpose, UPLOAD_LIFE};
use super::{Outcome, Route};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{Content, World};

pub(super) const ROUTES: &[Route] = &[
    ("sandboxes.create", create),
    ("sandboxes.create_upload_url", create_upload_url),
    ("sandboxes.list_files", list_files),
    ("sandboxes.upload", upload),
];

/// How long a sandbox lives.
const LIFE: Duration = Duration::from_secs(60 * 60);
/// The largest file that may be uploaded directly, in bytes.
const MOST_UPLOAD: usize = 10 * 1024 * 1024;
/// Where relative paths lead.
const HOME: &str = "/workspace";

/// Sandboxes by id.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    rows: BTreeMap<String, Sandbox>,
}

/// A sandbox: its files by absolute path.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Sandbox {
    expires_at: Timestamp,
    pub(crate) files: BTreeMap<String, Content>,
}

impl State {
    /// Returns the bytes in all sandboxes.
    pub(crate) fn bytes(&self) -> usize {
        self.rows
            .values()
            .flat_map(|sandbox| sandbox.files.values())
            .map(Content::len)
            .sum()
    }
}

impl World {
    /// Returns a sandbox that has not expired.
    pub(crate) fn sandbox(&self, id: &str) -> Result<&Sandbox, Refusal> {
        let sandbox = self
            .sandboxes
            .rows
            .get(id)
            .filter(|sandbox| sandbox.expires_at > self.now);
        sandbox.ok_or_else(|| Refusal::missing("sandbox", id))
    }
}

/// Puts a file into a sandbox.
pub(crate) fn put(
    world: &mut World,
    id: &str,
    path: &str,
    content: Content,
) -> Result<(), Refusal> {
    world.sandbox(id)?;
    if let Some(sandbox) = world.sandboxes.rows.get_mut(id) {
        sandbox.files.insert(path.into(), content);
    }
    Ok(())
}

fn create(world: &mut World, _: &Request) -> Outcome {
    let now = world.now;
    world
        .sandboxes
        .rows
        .retain(|_, sandbox| sandbox.expires_at > now);
    let id = format!("sbx{}", world.dice.token());
    let expires_at = world.after(LIFE);
    world.sandboxes.rows.insert(
        id.clone(),
        Sandbox {
            expires_at,
            files: BTreeMap::new(),
        },
    );
    world.did("created", "sandbox", &id);
    Ok(json!({ "sandbox_id": id, "expires_at": expires_at }).into())
}

/// Returns the absolute form of a path in a sandbox.
fn absolute(path: &str) -> Result<String, Refusal> {
    let is_bad = |part: &str| part == ".." || part == ".";
    if path.contains('\0') || path.split('/').any(is_bad) {
        return Err(Refusal::new(
            &[400, 404],
            "validation_error",
            "the path must not hold `.` or `..`",
        ));
    }
    let base = if path.starts_with('/') { "" } else { HOME };
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
    Ok(format!("{base}/{}", parts.join("/")))
}

fn create_upload_url(world: &mut World, request: &Request) -> Outcome {
    let sandbox = request.param("sandbox_id").to_owned();
    world.sandbox(&sandbox)?;
    let path = absolute(request.text("path").unwrap_or_default())?;
    let (url, _) = world.sign(
        Purpose::Sandbox {
            sandbox,
            path: path.clone(),
        },
        UPLOAD_LIFE,
    );
    Ok(
        json!({ "upload_url": url, "path": path, "expires_in_seconds": UPLOAD_LIFE.as_secs() })
            .into(),
    )
}

fn list_files(world: &mut World, request: &Request) -> Outcome {
    let sandbox = world.sandbox(request.param("sandbox_id"))?;
    let folder = absolute(request.asked("path").unwrap_or(HOME))?;
    let prefix = if folder == "/" {
        folder
    } else {
        format!("{folder}/")
    };
    // Folders are not kept: they are what paths pass through.
    let mut rows = BTreeMap::new();
    for (path, content) in &sandbox.files {
        let Some(rest) = path.strip_prefix(&prefix) else {
            continue;
        };
        let (name, kind, size) = match rest.split_once('/') {
            Some((name, _)) => (name, "dir", 0),
            None => (rest, "file", content.len()),
        };
        rows.insert(name, json!({ "name": name, "path": format!("{prefix}{name}"), "type": kind, "size_bytes": size }));
    }
    Ok(json!({ "files": rows.into_values().collect::<Vec<_>>() }).into())
}

fn upload(world: &mut World, request: &Request) -> Outcome {
    let id = request.param("sandbox_id");
    world.sandbox(id)?;
    let upload = request
        .upload
        .as_ref()
        .ok_or_else(|| Refusal::invalid("the body holds no file"))?;
    if upload.bytes.len() > MOST_UPLOAD {
        return Err(Refusal::too_large(format!(
            "files above {MOST_UPLOAD} bytes go through an upload address"
        )));
    }
    world.check_room(upload.bytes.len())?;
    let name = upload.name.as_deref().unwrap_or("upload");
    let path = absolute(request.text("path").unwrap_or(name))?;
    put(world, id, &path, Content(upload.bytes.clone()))?;
    world.did("uploaded", "sandbox_file", &path);
    Ok(json!({ "path": path, "size_bytes": upload.bytes.len() }).into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::simulator::trial::{Trial, text};

    #[tokio::test]
    async fn take_small_and_large_files_for_an_hour() {
        let trial = Trial::company().await;
        let sandbox = text(&trial.call("sandboxes.create", &[], json!({})).await["sandbox_id"]);
        let small = trial
            .call(
                "sandboxes.upload",
                &[&sandbox],
                json!({ "file": "a,b", "path": "in/a.csv" }),
            )
            .await;
        assert_eq!(
            (small["path"].as_str(), small["size_bytes"].as_u64()),
            (Some("/workspace/in/a.csv"), Some(3))
        );
        let large = trial
            .call(
                "sandboxes.create_upload_url",
                &[&sandbox],
                json!({ "path": "/workspace/b.bin" }),
            )
            .await;
        let url = text(&large["upload_url"]);
        let target = url.strip_prefix(trial.simulator.url()).unwrap();
        assert_eq!(trial.raw("PUT", target, &[], "12345").await.status, 200);
        let files = trial
            .call("sandboxes.list_files", &[&sandbox], json!({}))
            .await;
        let shown: Vec<_> = files["files"]
            .as_array()
            .unwrap()
            .iter()
            .map(|file| (text(&file["type"]), text(&file["name"])))
            .collect();
        assert_eq!(
            shown,
            [
                ("file".into(), "b.bin".into()),
                ("dir".into(), "in".to_owned())
            ]
        );
        let too_large = json!({ "file": "x".repeat(11 * 1024 * 1024) });
        assert_eq!(
            trial
                .refused("sandboxes.upload", &[&sandbox], too_large)
                .await
                .0,
            413
        );
        trial.pass(3601);
        assert_eq!(
            trial
                .refused("sandboxes.list_files", &[&sandbox], json!({}))
                .await
                .0,
            404
        );
    }
}
