//! Skills: packages of files with a SKILL.md that names and describes them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Cursor, Read as _, Write as _};

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::files::{clean, media_of};
use super::{Outcome, Route};
use crate::simulator::reply::{Refusal, Reply};
use crate::simulator::request::Request;
use crate::simulator::world::{Content, Row, Table, World};

pub(super) const ROUTES: &[Route] = &[
    ("skills.list", list),
    ("skills.list_system", list_system),
    ("skills.create", create),
    ("skills.upload", upload),
    ("skills.list_files", list_files),
    ("skills.read_file", read_file),
    ("skills.write_file", write_file),
    ("skills.download", download),
    ("skills.delete", delete),
    ("skills.list_assignments", list_assignments),
];

/// The file that names and describes a skill.
const MANIFEST: &str = "SKILL.md";
/// Bytes of an unpacked skill at most.
const MOST_BYTES: u64 = 20 * 1024 * 1024;
/// Files of a skill at most.
const MOST_FILES: usize = 500;

/// Skills.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) rows: Table<Skill>,
}

/// A skill: of a team, or of the system.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Skill {
    pub(crate) id: Uuid,
    /// The team; `None` for one of the system.
    pub(crate) team_id: Option<Uuid>,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) files: BTreeMap<String, Content>,
    pub(crate) updated_at: Timestamp,
    pub(crate) updated_by: Option<Uuid>,
}

impl Row for Skill {
    fn id(&self) -> Uuid {
        self.id
    }
}

/// The parts of a skill that are needed to keep it.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) files: BTreeMap<String, Content>,
}

impl World {
    fn skill(&self, id: Uuid) -> Result<&Skill, Refusal> {
        let skill = self
            .skills
            .rows
            .get(id)
            .filter(|skill| skill.team_id.is_none_or(|team| self.sees(team)));
        skill.ok_or_else(|| Refusal::missing("skill", id))
    }

    /// Returns a skill of a team; those of the system cannot be changed or fetched.
    fn own_skill(&self, id: Uuid) -> Result<&Skill, Refusal> {
        let skill = self.skill(id)?;
        match skill.team_id {
            Some(_) => Ok(skill),
            None => Err(Refusal::forbidden(
                "skills of the system cannot be changed or downloaded",
            )),
        }
    }

    /// Adds a skill, or updates the one of the same name; returns it and whether it is new.
    pub(crate) fn put_skill(&mut self, team_id: Option<Uuid>, package: Package) -> (Uuid, bool) {
        let known = self
            .skills
            .rows
            .iter()
            .find(|skill| skill.team_id == team_id && skill.name == package.name);
        let (known, is_new) = (known.map(|skill| skill.id), known.is_none());
        let id = known.unwrap_or_else(|| self.dice.id());
        self.skills.rows.add(Skill {
            id,
            team_id,
            name: package.name,
            description: package.description,
            files: package.files,
            updated_at: self.now,
            updated_by: team_id.map(|_| self.me),
        });
        (id, is_new)
    }
}

fn view(skill: &Skill) -> Value {
    json!({ "id": skill.id, "name": skill.name, "description": skill.description, "team_id": skill.team_id })
}

fn list(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let skills = world
        .skills
        .rows
        .iter()
        .filter(|skill| skill.team_id.is_none_or(|owner| owner == team));
    let rows = skills.map(|skill| {
        let mut row = view(skill);
        row["updated_at"] = json!(skill.updated_at);
        row["updated_by_user_id"] = json!(skill.updated_by);
        row["updated_by_user_name"] =
            json!(skill.updated_by.and_then(|id| world.teams.name_of(id)));
        row["source"] = Value::Null;
        row["computer_use_backend"] = Value::Null;
        row
    });
    Ok(json!({ "skills": rows.collect::<Vec<_>>() }).into())
}

fn list_system(world: &mut World, _: &Request) -> Outcome {
    let skills = world
        .skills
        .rows
        .iter()
        .filter(|skill| skill.team_id.is_none());
    let rows = skills.map(
        |skill| json!({ "id": skill.id, "name": skill.name, "description": skill.description }),
    );
    Ok(json!({ "skills": rows.collect::<Vec<_>>() }).into())
}

/// Returns the refusal of a field, in the way that skill calls have for it.
fn wrong(field: &str, message: &str) -> Refusal {
    Refusal::invalid(format!("`{field}` {message}")).with(
        "validationErrors",
        json!([{ "field": field, "message": message }]),
    )
}

/// Refuses what is no name of a skill.
fn check_name(name: &str) -> Result<(), Refusal> {
    let is_fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let fits = !name.is_empty() && name.len() <= 64 && name.chars().all(is_fine);
    if fits && !name.starts_with('-') && !name.ends_with('-') && !name.contains("--") {
        Ok(())
    } else {
        Err(wrong(
            "name",
            "must be small letters, digits and single hyphens, 64 at most",
        ))
    }
}

fn create(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let name = request.text("name").unwrap_or_default();
    check_name(name)?;
    let package = described(request);
    world.check_room(package.files.values().map(Content::len).sum())?;
    Ok(stored(world, team, package))
}

/// Writes the SKILL.md of a skill that is given by its parts.
fn described(request: &Request) -> Package {
    let (name, description) = (
        request.text("name").unwrap_or_default(),
        request.text("description").unwrap_or_default(),
    );
    let mut head = format!("name: {name}\ndescription: {}\n", json!(description));
    for field in ["license", "compatibility", "allowed-tools"] {
        if let Some(text) = request.text(field) {
            _ = writeln!(head, "{field}: {}", json!(text));
        }
    }
    if let Some(metadata) = request.body.get("metadata") {
        _ = writeln!(head, "metadata: {metadata}");
    }
    package(
        name,
        description,
        &format!(
            "---\n{head}---\n\n{}",
            request.text("content").unwrap_or_default()
        ),
    )
}

/// Returns a package that holds a SKILL.md and nothing else.
pub(crate) fn package(name: &str, description: &str, manifest: &str) -> Package {
    let files = BTreeMap::from([(MANIFEST.to_owned(), manifest.to_owned().into())]);
    Package {
        name: name.into(),
        description: description.into(),
        files,
    }
}

fn stored(world: &mut World, team: Uuid, package: Package) -> Reply {
    let (id, is_new) = world.put_skill(Some(team), package);
    world.did(if is_new { "created" } else { "changed" }, "skill", id);
    let shown = world.skills.rows.get(id).map(view);
    Reply::with_status(if is_new { 201 } else { 200 }, json!({ "skill": shown }))
}

fn upload(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let upload = request
        .upload
        .as_ref()
        .ok_or_else(|| wrong("file", "is missing"))?;
    let files = if upload.bytes.starts_with(b"PK") {
        unpack(&upload.bytes)?
    } else {
        BTreeMap::from([(MANIFEST.to_owned(), Content(upload.bytes.clone()))])
    };
    world.check_room(files.values().map(Content::len).sum())?;
    let manifest = files
        .get(MANIFEST)
        .ok_or_else(|| wrong("file", "must hold a SKILL.md at its root"))?;
    let text = manifest
        .text()
        .ok_or_else(|| wrong("SKILL.md", "must be text"))?;
    let (name, description) = read_head(text)?;
    Ok(stored(
        world,
        team,
        Package {
            name,
            description,
            files,
        },
    ))
}

/// Reads name and description from the front matter of a SKILL.md.
fn read_head(text: &str) -> Result<(String, String), Refusal> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let head = text
        .strip_prefix("---\n")
        .and_then(|rest| rest.split_once("\n---"))
        .map(|(head, _)| head);
    let head = head.ok_or_else(|| {
        wrong(
            "SKILL.md",
            "must begin with front matter between lines of ---",
        )
    })?;
    let field = |name: &str| {
        let line = head
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?
            .trim();
        Some(
            serde_json::from_str::<String>(line)
                .unwrap_or_else(|_| line.trim_matches(['"', '\'']).to_owned()),
        )
    };
    let name = field("name").ok_or_else(|| wrong("name", "is missing"))?;
    check_name(&name)?;
    let description = field("description").filter(|text| !text.is_empty());
    let description = description.ok_or_else(|| wrong("description", "is missing"))?;
    if description.chars().count() > 1024 {
        Err(wrong("description", "must have 1024 characters at most"))
    } else {
        Ok((name, description))
    }
}

fn unpack(bytes: &[u8]) -> Result<BTreeMap<String, Content>, Refusal> {
    let broken = |_| wrong("file", "is no ZIP archive that can be read");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    if archive.len() > MOST_FILES {
        return Err(wrong("file", "holds too many files"));
    }
    let (mut files, mut room) = (BTreeMap::new(), MOST_BYTES);
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(broken)?;
        if entry.is_dir() {
            continue;
        }
        let path = clean(&entry.name().map_err(broken)?)?;
        let mut content = Vec::new();
        // The size in the archive's directory may lie, so the reading itself is limited.
        entry
            .by_ref()
            .take(room + 1)
            .read_to_end(&mut content)
            .map_err(|_| wrong("file", "is a broken ZIP archive"))?;
        room = room
            .checked_sub(content.len() as u64)
            .ok_or_else(|| wrong("file", "is too large when unpacked"))?;
        files.insert(path, Content(content.into()));
    }
    Ok(files)
}

fn list_files(world: &mut World, request: &Request) -> Outcome {
    let skill = world.skill(request.id("skill_id"))?;
    let rows = skill.files.iter().map(|(path, content)| {
        json!({
            "name": path.rsplit('/').next(),
            "path": path,
            "size": content.len(),
            "contentType": media_of(path),
            "updatedAt": skill.updated_at,
        })
    });
    Ok(json!({ "files": rows.collect::<Vec<_>>() }).into())
}

fn read_file(world: &mut World, request: &Request) -> Outcome {
    let skill = world.skill(request.id("skill_id"))?;
    let path = clean(request.param("path"))?;
    let content = skill
        .files
        .get(&path)
        .ok_or_else(|| Refusal::missing("file", &path))?;
    let text = content
        .text()
        .ok_or_else(|| Refusal::invalid("the file is not text"))?;
    Ok(json!({ "content": text, "path": path, "contentType": media_of(&path) }).into())
}

fn write_file(world: &mut World, request: &Request) -> Outcome {
    let skill = world.own_skill(request.id("skill_id"))?;
    let (id, team, path) = (skill.id, skill.team_id, clean(request.param("path"))?);
    if !skill.files.contains_key(&path) {
        return Err(Refusal::missing("file", &path));
    }
    let text = request.text("content").unwrap_or_default();
    world.check_room(text.len())?;
    let head = if path == MANIFEST {
        Some(read_head(text)?)
    } else {
        None
    };
    if let Some((name, _)) = &head
        && world
            .skills
            .rows
            .iter()
            .any(|other| other.team_id == team && other.name == *name && other.id != id)
    {
        return Err(Refusal::conflict(format!(
            "the team already has a skill `{name}`"
        )));
    }
    let (now, me) = (world.now, world.me);
    let mut answer = json!({ "success": true, "message": format!("`{path}` is written") });
    if let Some(skill) = world.skills.rows.get_mut(id) {
        skill.files.insert(path, text.to_owned().into());
        (skill.updated_at, skill.updated_by) = (now, Some(me));
        if let Some((name, description)) = head {
            (skill.name, skill.description) = (name, description);
            answer["skill"] =
                json!({ "id": skill.id, "name": skill.name, "description": skill.description });
        }
    }
    world.did("changed", "skill", id);
    Ok(answer.into())
}

fn download(world: &mut World, request: &Request) -> Outcome {
    let skill = world.own_skill(request.id("skill_id"))?;
    let bytes = pack(skill)
        .map_err(|_| Refusal::new(&[500], "internal_error", "the archive cannot be written"))?;
    Ok(Reply::bytes("application/zip", bytes))
}

fn pack(skill: &Skill) -> zip::result::ZipResult<Bytes> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, content) in &skill.files {
        archive.start_file(path.as_str(), zip::write::SimpleFileOptions::default())?;
        archive.write_all(&content.0)?;
    }
    Ok(archive.finish()?.into_inner().into())
}

fn delete(world: &mut World, request: &Request) -> Outcome {
    let id = world.own_skill(request.id("skill_id"))?.id;
    world.skills.rows.remove(id);
    world.did("deleted", "skill", id);
    Ok(json!({ "success": true, "message": "the skill is gone" }).into())
}

fn list_assignments(world: &mut World, request: &Request) -> Outcome {
    let id = world.skill(request.id("skill_id"))?.id.to_string();
    let users = world
        .setups
        .rows
        .iter()
        .filter(|setup| setup.is_live() && setup.skills().any(|skill| skill == id));
    let seen = users.filter(|setup| world.agent(setup.agent_id).is_ok());
    let rows: Vec<_> = seen
        .map(|setup| json!({ "id": setup.agent_id, "name": world.agent_name(setup.agent_id) }))
        .collect();
    Ok(json!({ "total": rows.len(), "assignments": rows }).into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::simulator::trial::{Trial, text};

    #[tokio::test]
    async fn are_created_updated_downloaded_and_uploaded_again() {
        let trial = Trial::company().await;
        let parts =
            json!({ "name": "claims", "description": "Handles claims", "content": "# Claims" });
        assert_eq!(
            trial.send("skills.create", &[], parts.clone()).await.status,
            201
        );
        let made = trial.send("skills.create", &[], parts).await;
        assert_eq!(made.status, 200, "the same name is an update");
        let id = text(&made.json()["skill"]["id"]);
        let zip = trial.send("skills.download", &[&id], json!({})).await;
        assert_eq!(zip.headers["content-type"], "application/zip");
        let written =
            json!({ "content": "---\nname: claims-2\ndescription: Better\n---\n\n# Claims" });
        let written = trial
            .call("skills.write_file", &[&id, "SKILL.md"], written)
            .await;
        assert_eq!(written["skill"]["name"], "claims-2");
        let mut body =
            b"--xx\r\ncontent-disposition: form-data; name=\"any\"; filename=\"s.zip\"\r\n\r\n"
                .to_vec();
        body.extend_from_slice(&zip.bytes);
        body.extend_from_slice(b"\r\n--xx--\r\n");
        let path = format!("/v2/teams/{}/skills/upload", trial.team);
        let media = [("content-type", "multipart/form-data; boundary=xx")];
        let up = trial.raw("POST", &path, &media, body).await;
        assert_eq!(
            (up.status, up.json()["skill"]["name"].as_str()),
            (201, Some("claims")),
            "{}",
            up.json()
        );
        trial.call("skills.delete", &[&id], json!({})).await;
        assert_eq!(
            trial
                .refused("skills.read_file", &[&id, "SKILL.md"], json!({}))
                .await
                .0,
            404
        );
    }

    #[tokio::test]
    async fn wrong_ones_are_refused_by_field() {
        let trial = Trial::company().await;
        for name in ["Claims", "-claims", "a--b", "claims-"] {
            let parts = json!({ "name": name, "description": "d", "content": "c" });
            let (status, envelope) = trial.refused("skills.create", &[], parts).await;
            assert_eq!(
                (status, envelope["validationErrors"][0]["field"].as_str()),
                (400, Some("name")),
                "{name}"
            );
        }
        for file in ["# no head", "---\nname: x\n---\n", "PK nonsense"] {
            assert_eq!(
                trial
                    .refused("skills.upload", &[], json!({ "file": file }))
                    .await
                    .0,
                400,
                "{file}"
            );
        }
        let system = trial.call("skills.list_system", &[], json!({})).await;
        let system = text(&system["skills"][0]["id"]);
        assert_eq!(
            trial
                .refused("skills.delete", &[&system], json!({}))
                .await
                .0,
            403
        );
    }

    #[tokio::test]
    async fn tell_which_assignments_use_them() {
        let trial = Trial::company().await;
        let skill = trial.find("skills.list", "invoice-matching").await;
        let users = trial
            .call("skills.list_assignments", &[&skill], json!({}))
            .await;
        assert_eq!(
            (
                users["total"].as_u64(),
                users["assignments"][0]["name"].as_str()
            ),
            (Some(1), Some("Invoice matcher"))
        );
    }
}
