//! The tree: areas are made, renamed, moved and deleted; processes are proposed.

use serde_json::{Value, json};
use uuid::Uuid;

use super::rows::view;
use crate::simulator::behaviour::{Outcome, Route, processes, set};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

pub(super) const ROUTES: &[Route] = &[
    ("landscape.get_tree", get_tree),
    ("landscape.create_node", create),
    ("landscape.update_node", update),
    ("landscape.delete_node", delete),
    ("landscape.place_node", place),
    ("landscape.propose_process", propose),
];

fn get_tree(world: &mut World, request: &Request) -> Outcome {
    world.check_organization(request)?;
    let root = request.asked_id("rootId");
    if let Some(root) = root {
        world.node(root)?;
    }
    let below = world
        .landscape
        .nodes
        .iter()
        .filter(|node| root.is_none_or(|root| world.is_below(node, root)));
    let rows = below.map(|node| {
        let mut row = view(world, node);
        row["depth"] = world.depth(node).into();
        row
    });
    Ok(json!({ "nodes": rows.collect::<Vec<_>>(), "truncated": false }).into())
}

fn parent(world: &World, request: &Request) -> Result<Option<Uuid>, Refusal> {
    request
        .body_id("parentId")
        .map(|id| world.node(id).map(|node| node.id))
        .transpose()
}

fn show(world: &World, id: Uuid) -> Outcome {
    Ok(view(world, world.node(id)?).into())
}

fn create(world: &mut World, request: &Request) -> Outcome {
    world.check_organization(request)?;
    let parent = parent(world, request)?;
    let id = world.add_node(request.text("name").unwrap_or_default(), parent);
    if let Some(node) = world.landscape.nodes.get_mut(id) {
        node.owner_label = request.text("ownerLabel").map(Into::into);
    }
    show(world, id)
}

fn own(world: &World, request: &Request) -> Result<Uuid, Refusal> {
    world.check_organization(request)?;
    world.node(request.id("nodeId")).map(|node| node.id)
}

fn update(world: &mut World, request: &Request) -> Outcome {
    let (id, now) = (own(world, request)?, world.now);
    if let Some(node) = world.landscape.nodes.get_mut(id) {
        set(&mut node.name, request.text("name").map(Into::into));
        set(
            &mut node.owner_label,
            request
                .body
                .get("ownerLabel")
                .map(|label| label.as_str().map(Into::into)),
        );
        node.updated_at = now;
    }
    world.did("changed", "node", id);
    show(world, id)
}

/// The node goes with its process; areas below go too, and processes below lose their place.
fn delete(world: &mut World, request: &Request) -> Outcome {
    let id = own(world, request)?;
    let nodes = world.landscape.nodes.iter();
    let doomed: Vec<_> = nodes
        .filter(|node| world.is_below(node, id))
        .map(|node| (node.id, node.process_id))
        .collect();
    let detached = doomed
        .iter()
        .filter(|(node, process)| *node != id && process.is_some())
        .count();
    for (node, process) in &doomed {
        world.landscape.nodes.remove(*node);
        world
            .landscape
            .links
            .retain(|link| link.source != *node && link.target != *node);
        if let Some(process) = process.filter(|_| *node == id) {
            processes::remove(world, process);
        }
        world.did("deleted", "node", node);
    }
    Ok(json!({ "deletedCount": doomed.len() - detached, "detachedCount": detached }).into())
}

fn place(world: &mut World, request: &Request) -> Outcome {
    let (id, parent, now) = (own(world, request)?, parent(world, request)?, world.now);
    if let Some(parent) = parent
        && world.is_below(world.node(parent)?, id)
    {
        return Err(Refusal::conflict("a node cannot lie below itself"));
    }
    if let Some(node) = world.landscape.nodes.get_mut(id) {
        (node.parent_id, node.updated_at) = (parent, now);
    }
    world.did("moved", "node", id);
    show(world, id)
}

/// With a team it is a process at once, without one it is a proposal.
fn propose(world: &mut World, request: &Request) -> Outcome {
    world.check_organization(request)?;
    let parent = parent(world, request)?;
    let name = request.text("name").unwrap_or_default();
    let team = request
        .body_id("teamId")
        .map(|team| world.check_team(team))
        .transpose()?;
    let process = team.map(|team| processes::add(world, team, name));
    let id = world.add_node(name, parent);
    if let Some(node) = world.landscape.nodes.get_mut(id) {
        (node.team_id, node.process_id, node.is_proposed) = (team, process, team.is_none());
        node.summary = request
            .body
            .get("description")
            .and_then(Value::as_str)
            .map(Into::into);
    }
    show(world, id)
}
