//! The folders of assignments: one inside another, never inside itself.
//!
//! Deleting a folder takes those inside along; its assignments go back to the root.

use serde_json::{Value, json};
use uuid::Uuid;

use super::rows::Folder;
use crate::simulator::behaviour::Outcome;
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

fn folder_view(folder: &Folder) -> Value {
    json!({
        "id": folder.id,
        "name": folder.name,
        "team_id": folder.team_id,
        "parent_folder_id": folder.parent_folder_id,
        "created_at": folder.created_at,
        "updated_at": folder.updated_at,
    })
}

pub(super) fn list(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let rows = world
        .assignments
        .folders
        .iter()
        .filter(|folder| folder.team_id == team)
        .map(|folder| {
            let mut row = folder_view(folder);
            row["agent_count"] = agents_in(world, folder.id).into();
            row["subfolder_count"] = folders_in(world, folder.id).len().into();
            row
        });
    Ok(json!({ "folders": rows.collect::<Vec<_>>() }).into())
}

fn agents_in(world: &World, folder: Uuid) -> usize {
    world
        .assignments
        .rows
        .iter()
        .filter(|agent| agent.folder_id == Some(folder))
        .count()
}

fn folders_in(world: &World, folder: Uuid) -> Vec<Uuid> {
    world
        .assignments
        .folders
        .ids(|other| other.parent_folder_id == Some(folder))
}

fn check_place(
    world: &World,
    team: Uuid,
    name: &str,
    parent: Option<Uuid>,
    but: Option<Uuid>,
) -> Result<(), Refusal> {
    if let Some(parent) = parent
        && world.folder(parent)?.team_id != team
    {
        return Err(Refusal::missing("folder", parent));
    }
    let is_same = |folder: &Folder| {
        folder.team_id == team
            && folder.parent_folder_id == parent
            && folder.name == name
            && Some(folder.id) != but
    };
    if world.assignments.folders.iter().any(is_same) {
        Err(Refusal::conflict(format!(
            "there is already a folder `{name}`"
        )))
    } else {
        Ok(())
    }
}

pub(super) fn create(world: &mut World, request: &Request) -> Outcome {
    let team_id = world.check_team(request.team())?;
    let name = request.text("name").unwrap_or_default();
    let parent_folder_id = request.body_id("parent_folder_id");
    check_place(world, team_id, name, parent_folder_id, None)?;
    let folder = Folder {
        id: world.dice.id(),
        team_id,
        name: name.into(),
        parent_folder_id,
        created_at: world.now,
        updated_at: world.now,
    };
    world.did("created", "folder", folder.id);
    let view = folder_view(&folder);
    world.assignments.folders.add(folder);
    Ok(json!({ "folder": view }).into())
}

pub(super) fn update(world: &mut World, request: &Request) -> Outcome {
    let folder = world.folder(request.id("folder_id"))?;
    let (id, team) = (folder.id, folder.team_id);
    let name = request.text("name").unwrap_or(&folder.name).to_owned();
    let parent = match request.body.get("parent_folder_id") {
        Some(_) => request.body_id("parent_folder_id"),
        None => folder.parent_folder_id,
    };
    check_place(world, team, &name, parent, Some(id))?;
    let mut above = parent;
    while let Some(one) = above {
        if one == id {
            return Err(Refusal::conflict("a folder cannot lie inside itself"));
        }
        above = world
            .assignments
            .folders
            .get(one)
            .and_then(|folder| folder.parent_folder_id);
    }
    let now = world.now;
    if let Some(folder) = world.assignments.folders.get_mut(id) {
        (folder.name, folder.parent_folder_id, folder.updated_at) = (name, parent, now);
    }
    world.did("changed", "folder", id);
    Ok(json!({ "folder": folder_view(world.folder(id)?) }).into())
}

pub(super) fn delete(world: &mut World, request: &Request) -> Outcome {
    let id = world.folder(request.id("folder_id"))?.id;
    let (agents, folders) = (agents_in(world, id), folders_in(world, id));
    if (agents > 0 || !folders.is_empty()) && request.asked("force") != Some("true") {
        return Err(
            Refusal::invalid("the folder is not empty; `force=true` deletes it")
                .with("has_contents", true.into())
                .with("agent_count", agents.into()),
        );
    }
    let mut doomed = vec![id];
    while let Some(folder) = doomed.pop() {
        doomed.extend(folders_in(world, folder));
        for agent in world
            .assignments
            .rows
            .iter_mut()
            .filter(|agent| agent.folder_id == Some(folder))
        {
            agent.folder_id = None;
        }
        world.assignments.folders.remove(folder);
        world.did("deleted", "folder", folder);
    }
    Ok(json!({ "success": true }).into())
}

pub(super) fn put_in(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let folder = request.body_id("folder_id");
    if let Some(id) = folder
        && world.folder(id)?.team_id != team
    {
        return Err(Refusal::missing("folder", id));
    }
    let ids = request.body_ids("agent_ids").unwrap_or_default();
    for id in &ids {
        if world.agent(*id)?.team_id != team {
            return Err(Refusal::missing("assignment", id));
        }
    }
    for id in &ids {
        if let Some(agent) = world.assignments.rows.get_mut(*id) {
            agent.folder_id = folder;
        }
        world.did("moved", "assignment", id);
    }
    Ok(json!({ "success": true, "moved_count": ids.len() }).into())
}
