//! Team files listed, read, written, renamed and deleted.
//!
//! Only text is read and written here; bytes go by signed addresses.

use serde_json::{Value, json};

use super::paths::clean;
use super::rows::File;
use crate::simulator::behaviour::Outcome;
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

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

pub(super) fn list(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let files = world.files.rows.iter().filter(|file| file.team_id == team);
    Ok(json!({ "files": files.map(view).collect::<Vec<_>>() }).into())
}

pub(super) fn read(world: &mut World, request: &Request) -> Outcome {
    let file = world.file(request)?;
    let text = file
        .content
        .text()
        .ok_or_else(|| Refusal::invalid("the file is not text; use a download address"))?;
    Ok(json!({ "content": text, "path": file.path, "contentType": file.media }).into())
}

pub(super) fn write(world: &mut World, request: &Request) -> Outcome {
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

pub(super) fn rename(world: &mut World, request: &Request) -> Outcome {
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

pub(super) fn delete(world: &mut World, request: &Request) -> Outcome {
    let id = world.file(request)?.id;
    world.files.rows.remove(id);
    world.did("deleted", "file", id);
    Ok(json!({ "success": true }).into())
}
