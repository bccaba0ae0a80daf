//! Skills listed, made from parts or from an upload, and deleted.
//!
//! One of a name that the team has already is an update.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::archive::unpack;
use super::manifest::{MANIFEST, check_name, described, read_head, wrong};
use super::rows::{Package, Skill};
use crate::simulator::behaviour::Outcome;
use crate::simulator::reply::Reply;
use crate::simulator::request::Request;
use crate::simulator::world::{Content, World};

fn view(skill: &Skill) -> Value {
    json!({ "id": skill.id, "name": skill.name, "description": skill.description, "team_id": skill.team_id })
}

pub(super) fn list(world: &mut World, request: &Request) -> Outcome {
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

pub(super) fn list_system(world: &mut World, _: &Request) -> Outcome {
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

pub(super) fn create(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let name = request.text("name").unwrap_or_default();
    check_name(name)?;
    let package = described(request);
    world.check_room(package.files.values().map(Content::len).sum())?;
    Ok(stored(world, team, package))
}

pub(super) fn upload(world: &mut World, request: &Request) -> Outcome {
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

fn stored(world: &mut World, team: Uuid, package: Package) -> Reply {
    let (id, is_new) = world.put_skill(Some(team), package);
    world.did(if is_new { "created" } else { "changed" }, "skill", id);
    let shown = world.skills.rows.get(id).map(view);
    Reply::with_status(if is_new { 201 } else { 200 }, json!({ "skill": shown }))
}

pub(super) fn delete(world: &mut World, request: &Request) -> Outcome {
    let id = world.own_skill(request.id("skill_id"))?.id;
    world.skills.rows.remove(id);
    world.did("deleted", "skill", id);
    Ok(json!({ "success": true, "message": "the skill is gone" }).into())
}

pub(super) fn list_assignments(world: &mut World, request: &Request) -> Outcome {
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
