//! The files of a skill: listed, read, written one by one, and downloaded together.
//!
//! Writing the SKILL.md may rename the skill; a file that is not there cannot be written.

use serde_json::json;

use super::archive::pack;
use super::manifest::{MANIFEST, read_head};
use crate::simulator::behaviour::Outcome;
use crate::simulator::behaviour::files::{clean, media_of};
use crate::simulator::reply::{Refusal, Reply};
use crate::simulator::request::Request;
use crate::simulator::world::World;

pub(super) fn list(world: &mut World, request: &Request) -> Outcome {
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

pub(super) fn read(world: &mut World, request: &Request) -> Outcome {
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

pub(super) fn write(world: &mut World, request: &Request) -> Outcome {
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

pub(super) fn download(world: &mut World, request: &Request) -> Outcome {
    let skill = world.own_skill(request.id("skill_id"))?;
    let bytes = pack(skill)
        .map_err(|_| Refusal::new(&[500], "internal_error", "the archive cannot be written"))?;
    Ok(Reply::bytes("application/zip", bytes))
}
