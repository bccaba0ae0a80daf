//! The logins and secrets that are attached to a setup, for its jobs to use.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::simulator::behaviour::{Outcome, logins, secrets};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

/// The document knows no 404 here: an unknown setup has no logins.
pub(super) fn list_logins(world: &mut World, request: &Request) -> Outcome {
    let setup = world.setup_of(request).ok();
    let ids = setup.into_iter().flat_map(|setup| &setup.logins);
    let rows = ids
        .filter_map(|id| world.logins.rows.get(*id))
        .map(logins::attached_view);
    Ok(Value::Array(rows.collect()).into())
}

pub(super) fn attach_login(world: &mut World, request: &Request) -> Outcome {
    let id = request.body_id("exposedCredentialId").unwrap_or_default();
    let id = world.login(id)?.id;
    attach(&mut world.setup_of_mut(request)?.logins, id);
    Ok(json!({ "success": true }).into())
}

pub(super) fn detach_login(world: &mut World, request: &Request) -> Outcome {
    let id = request.id("exposedCredentialId");
    detach(
        &mut world.setup_of_mut(request)?.logins,
        id,
        "attached login",
    )
}

pub(super) fn list_secrets(world: &mut World, request: &Request) -> Outcome {
    let ids = world.setup_of(request)?.secrets.clone();
    let rows = ids
        .iter()
        .filter_map(|id| world.secrets.rows.get(*id))
        .map(secrets::view);
    Ok(Value::Array(rows.collect()).into())
}

pub(super) fn attach_secret(world: &mut World, request: &Request) -> Outcome {
    let id = request.body_id("credentialId").unwrap_or_default();
    let id = world.secret(id)?.id;
    attach(&mut world.setup_of_mut(request)?.secrets, id);
    Ok(json!({ "success": true }).into())
}

pub(super) fn detach_secret(world: &mut World, request: &Request) -> Outcome {
    let id = request.id("credentialId");
    detach(
        &mut world.setup_of_mut(request)?.secrets,
        id,
        "attached secret",
    )
}

fn attach(list: &mut Vec<Uuid>, id: Uuid) {
    if !list.contains(&id) {
        list.push(id);
    }
}

fn detach(list: &mut Vec<Uuid>, id: Uuid, what: &str) -> Outcome {
    let place = list.iter().position(|known| *known == id);
    list.remove(place.ok_or_else(|| Refusal::missing(what, id))?);
    Ok(json!({ "success": true }).into())
}
