//! Links between processes of the landscape.

use serde_json::{Value, json};
use uuid::Uuid;

use super::rows::{Link, Node, NodeKind, senseless};
use crate::simulator::behaviour::organizations::Rank;
use crate::simulator::behaviour::{Outcome, set};
use crate::simulator::reply::{Refusal, Reply};
use crate::simulator::request::Request;
use crate::simulator::world::World;

fn view(link: &Link) -> Value {
    json!({
        "id": link.id,
        "source_node_id": link.source_node_id,
        "target_node_id": link.target_node_id,
        "type": link.kind,
        "state": link.state,
        "confidence": link.confidence,
        "rationale": link.rationale,
        "created_at": link.created_at,
        "updated_at": link.updated_at,
    })
}

/// Administrators see all links; others those between processes of their teams.
fn sees(world: &World, request: &Request, link: &Link) -> bool {
    let ends = [link.source_node_id, link.target_node_id];
    let is_open = |id: &Uuid| {
        let team = world.landscape.nodes.get(*id).and_then(Node::team);
        team.is_none_or(|team| world.sees(team))
    };
    ends.iter().all(is_open) || world.organization_as(request, Rank::Admin).is_ok()
}

pub(super) fn list(world: &mut World, request: &Request) -> Outcome {
    let organization = world.organization(request)?.id;
    let node = request
        .asked_id("node_id")
        .map(|id| world.node(organization, id).map(|node| node.id))
        .transpose()?;
    let fits = |link: &&Link| {
        link.organization_id == organization
            && node.is_none_or(|node| link.source_node_id == node || link.target_node_id == node)
            && sees(world, request, link)
    };
    let page = request.page();
    let (part, total) = page.cut(world.landscape.links.iter().filter(fits).collect());
    let rows: Vec<_> = part.into_iter().map(view).collect();
    Ok(json!({ "process_links": rows, "total": total, "limit": page.limit, "offset": page.offset }).into())
}

/// What a link joins, and how.
type Ends = (Uuid, Uuid, String);

/// Both ends must be processes, not areas, that the key's user may change.
fn check_ends(world: &World, request: &Request, (source, target, _): &Ends) -> Result<(), Refusal> {
    let organization = world.organization(request)?.id;
    for id in [source, target] {
        let node = world.node(organization, *id)?;
        if node.kind == NodeKind::Area {
            return Err(senseless(format!(
                "node `{}` is an area; only processes can be linked",
                node.name
            )));
        }
        world.check_landscaper(request, node.team())?;
    }
    if source == target {
        return Err(senseless("a process cannot be linked to itself"));
    }
    Ok(())
}

fn find(world: &World, ends: &Ends) -> Option<Uuid> {
    let is_same = |link: &&Link| {
        (link.source_node_id, link.target_node_id) == (ends.0, ends.1) && link.kind == ends.2
    };
    world
        .landscape
        .links
        .iter()
        .find(is_same)
        .map(|link| link.id)
}

pub(super) fn create(world: &mut World, request: &Request) -> Outcome {
    let organization_id = world.organization(request)?.id;
    let end = |name: &str| request.body_id(name).unwrap_or_default();
    let kind = request.text("type").unwrap_or_default().to_owned();
    let ends = (end("source_node_id"), end("target_node_id"), kind);
    check_ends(world, request, &ends)?;
    if let Some(id) = find(world, &ends) {
        return Ok(answer(world, id, false)?.into());
    }
    let (id, now) = (world.dice.id(), world.now);
    world.landscape.links.add(Link {
        id,
        organization_id,
        source_node_id: ends.0,
        target_node_id: ends.1,
        kind: ends.2,
        state: request.text("state").unwrap_or("confirmed").into(),
        confidence: request.body.get("confidence").and_then(Value::as_f64),
        rationale: None,
        created_at: now,
        updated_at: now,
    });
    world.did("created", "process_link", id);
    Ok(Reply::with_status(201, answer(world, id, true)?))
}

fn answer(world: &World, id: Uuid, created: bool) -> Result<Value, Refusal> {
    let link = world
        .landscape
        .links
        .get(id)
        .ok_or_else(|| Refusal::missing("link", id))?;
    Ok(json!({ "process_link": view(link), "created": created }))
}

/// The link of the path, whose ends the key's user may change.
fn changeable<'a>(world: &'a World, request: &Request) -> Result<&'a Link, Refusal> {
    let organization = world.organization(request)?.id;
    let id = request.id("process_link_id");
    let link = world
        .landscape
        .links
        .get(id)
        .filter(|link| link.organization_id == organization);
    let link = link
        .filter(|link| sees(world, request, link))
        .ok_or_else(|| Refusal::missing("link", id))?;
    check_ends(
        world,
        request,
        &(link.source_node_id, link.target_node_id, link.kind.clone()),
    )?;
    Ok(link)
}

pub(super) fn update(world: &mut World, request: &Request) -> Outcome {
    let link = changeable(world, request)?;
    let (id, now) = (link.id, world.now);
    let end = |name: &str, old: Uuid| request.body_id(name).unwrap_or(old);
    let kind = request.text("type").unwrap_or(&link.kind).to_owned();
    let ends = (
        end("source_node_id", link.source_node_id),
        end("target_node_id", link.target_node_id),
        kind,
    );
    check_ends(world, request, &ends)?;
    if find(world, &ends).is_some_and(|other| other != id) {
        return Err(Refusal::conflict("there is already such a link"));
    }
    if let Some(link) = world.landscape.links.get_mut(id) {
        (link.source_node_id, link.target_node_id, link.kind) = ends;
        set(&mut link.state, request.text("state").map(Into::into));
        set(
            &mut link.confidence,
            request.body.get("confidence").map(Value::as_f64),
        );
        link.updated_at = now;
    }
    world.did("changed", "process_link", id);
    Ok(json!({ "process_link": answer(world, id, false)?["process_link"] }).into())
}

pub(super) fn delete(world: &mut World, request: &Request) -> Outcome {
    let id = changeable(world, request)?.id;
    world.landscape.links.remove(id);
    world.did("deleted", "process_link", id);
    Ok(json!({ "deleted": true }).into())
}
