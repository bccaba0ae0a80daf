//! Links between the nodes of a landscape.

use serde_json::{Value, json};
use uuid::Uuid;

use super::rows::Link;
use crate::simulator::behaviour::{Outcome, Route, set};
use crate::simulator::reply::{Refusal, Reply};
use crate::simulator::request::Request;
use crate::simulator::world::World;

pub(super) const ROUTES: &[Route] = &[
    ("landscape.list_links", list),
    ("landscape.create_link", create),
    ("landscape.update_link", update),
    ("landscape.delete_link", delete),
];

fn view(link: &Link) -> Value {
    json!({
        "id": link.id,
        "source_node_id": link.source,
        "target_node_id": link.target,
        "type": link.kind,
        "state": link.state,
        "confidence": link.confidence,
        "rationale": null,
        "created_at": link.created_at,
        "updated_at": link.updated_at,
    })
}

fn list(world: &mut World, request: &Request) -> Outcome {
    world.check_organization(request)?;
    let node = request.asked_id("node_id");
    let links = world
        .landscape
        .links
        .iter()
        .filter(|link| node.is_none_or(|node| link.source == node || link.target == node));
    let page = request.page();
    let (part, total) = page.cut(links.map(view).collect());
    Ok(json!({ "process_links": part, "total": total, "limit": page.limit, "offset": page.offset }).into())
}

fn check_ends(world: &World, source: Uuid, target: Uuid) -> Result<(), Refusal> {
    world.node(source)?;
    world.node(target)?;
    if source == target {
        return Err(Refusal::new(
            &[422, 400],
            "validation_error",
            "a node cannot be linked to itself",
        ));
    }
    Ok(())
}

fn same<'w>(world: &'w World, source: Uuid, target: Uuid, kind: &str) -> Option<&'w Link> {
    let mut links = world.landscape.links.iter();
    links.find(|link| link.source == source && link.target == target && link.kind == kind)
}

fn create(world: &mut World, request: &Request) -> Outcome {
    world.check_organization(request)?;
    let end = |name: &str| request.body_id(name).unwrap_or_default();
    let (source, target) = (end("source_node_id"), end("target_node_id"));
    let kind = request.text("type").unwrap_or_default();
    check_ends(world, source, target)?;
    if let Some(known) = same(world, source, target, kind) {
        return Ok(Reply::with_status(
            200,
            json!({ "process_link": view(known), "created": false }),
        ));
    }
    let link = Link {
        id: world.dice.id(),
        source,
        target,
        kind: kind.into(),
        state: request.text("state").unwrap_or("confirmed").into(),
        confidence: request.body.get("confidence").and_then(Value::as_f64),
        created_at: world.now,
        updated_at: world.now,
    };
    world.did("created", "process_link", link.id);
    let shown = view(&link);
    world.landscape.links.add(link);
    Ok(Reply::with_status(
        201,
        json!({ "process_link": shown, "created": true }),
    ))
}

fn own(world: &World, request: &Request) -> Result<Link, Refusal> {
    world.check_organization(request)?;
    let id = request.id("process_link_id");
    world
        .landscape
        .links
        .get(id)
        .cloned()
        .ok_or_else(|| Refusal::missing("process link", id))
}

fn update(world: &mut World, request: &Request) -> Outcome {
    let mut link = own(world, request)?;
    set(&mut link.source, request.body_id("source_node_id"));
    set(&mut link.target, request.body_id("target_node_id"));
    set(&mut link.kind, request.text("type").map(Into::into));
    set(&mut link.state, request.text("state").map(Into::into));
    set(
        &mut link.confidence,
        request.body.get("confidence").map(Value::as_f64),
    );
    check_ends(world, link.source, link.target)?;
    if same(world, link.source, link.target, &link.kind).is_some_and(|known| known.id != link.id) {
        return Err(Refusal::conflict("there is such a link already"));
    }
    link.updated_at = world.now;
    let shown = view(&link);
    world.did("changed", "process_link", link.id);
    world.landscape.links.add(link);
    Ok(json!({ "process_link": shown }).into())
}

fn delete(world: &mut World, request: &Request) -> Outcome {
    let id = own(world, request)?.id;
    world.landscape.links.remove(id);
    world.did("deleted", "process_link", id);
    Ok(json!({ "deleted": true }).into())
}
