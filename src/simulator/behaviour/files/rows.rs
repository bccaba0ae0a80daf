//! Team files and signed addresses as the world keeps them, and the room that all files share.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::paths::{clean, media_of};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{Content, Row, Table, World};

/// Bytes that a simulator keeps at most, in all files together.
const MOST_BYTES: usize = 256 * 1024 * 1024;

/// Team files and signed addresses.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) rows: Table<File>,
    pub(super) tickets: BTreeMap<String, Ticket>,
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
pub(super) struct Ticket {
    pub(super) purpose: Purpose,
    pub(super) expires_at: Timestamp,
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

    pub(super) fn file(&self, request: &Request) -> Result<&File, Refusal> {
        let team = self.check_team(request.team())?;
        let path = clean(request.param("path"))?;
        self.file_at(team, &path)
    }

    pub(super) fn file_at(&self, team: Uuid, path: &str) -> Result<&File, Refusal> {
        let file = self
            .files
            .rows
            .iter()
            .find(|file| file.team_id == team && file.path == path);
        file.ok_or_else(|| Refusal::missing("file", path))
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
