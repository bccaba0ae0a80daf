//! Changing the tree: areas, proposals, and where they lie.

use serde_json::json;
use uuid::Uuid;

use super::map::view;
use super::rows::{MOST_LEVELS, MOST_NODES, Node, NodeKind, senseless};
use crate::simulator::behaviour::organizations::Rank;
use crate::simulator::behaviour::{Outcome, processes, set};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

/// Adds a node.
pub(super) fn add(
    world: &mut World,
    organization_id: Uuid,
    parent_id: Option<Uuid>,
    name: &str,
    kind: NodeKind,
) -> Uuid {
    let (id, now) = (world.dice.id(), world.now);
    let sort_order = world.landscape.next_order(organization_id, parent_id);
    let is_proposal = matches!(kind, NodeKind::Proposal { .. });
    world.landscape.nodes.add(Node {
        id,
        organization_id,
        parent_id,
        name: name.into(),
        owner_label: None,
        sort_order,
        kind,
        is_by_hand: true,
        confirmed_at: (!is_proposal).then_some(now),
        created_at: now,
        updated_at: now,
    });
    world.did("created", "landscape_node", id);
    id
}

fn answer(world: &World, id: Uuid) -> Outcome {
    let node = world
        .landscape
        .nodes
        .get(id)
        .ok_or_else(|| Refusal::missing("node", id))?;
    Ok(view(world, node).into())
}

fn name_of(request: &Request) -> Result<Option<&str>, Refusal> {
    match request.text("name").map(str::trim) {
        Some("") => Err(senseless("`name` must have at least one letter")),
        name => Ok(name),
    }
}

/// The node that a new one shall lie under.
fn parent_of(
    world: &World,
    request: &Request,
    organization: Uuid,
) -> Result<Option<Uuid>, Refusal> {
    if world.landscape.nodes.len() >= MOST_NODES {
        return Err(senseless(format!(
            "the simulator keeps {MOST_NODES} nodes at most"
        )));
    }
    let Some(id) = request.body_id("parentId") else {
        return Ok(None);
    };
    world.node(organization, id)?;
    check_depth(world, id, 1)?;
    Ok(Some(id))
}

fn check_depth(world: &World, parent: Uuid, levels: usize) -> Result<(), Refusal> {
    if world.landscape.depth(parent) + 1 + levels > MOST_LEVELS {
        return Err(senseless(format!(
            "a landscape has {MOST_LEVELS} levels at most"
        )));
    }
    Ok(())
}

pub(super) fn create(world: &mut World, request: &Request) -> Outcome {
    let organization = world.organization_as(request, Rank::Admin)?;
    let parent = parent_of(world, request, organization)?;
    let name = name_of(request)?.unwrap_or_default().to_owned();
    let id = add(world, organization, parent, &name, NodeKind::Area);
    if let Some(node) = world.landscape.nodes.get_mut(id) {
        node.owner_label = request.text("ownerLabel").map(Into::into);
    }
    answer(world, id)
}

/// The node of the path, which the key's user may change.
fn changeable(world: &World, request: &Request) -> Result<(Uuid, Uuid), Refusal> {
    let organization = world.organization(request)?.id;
    let node = world.node(organization, request.id("nodeId"))?;
    world.check_landscaper(request, node.team())?;
    Ok((organization, node.id))
}

pub(super) fn update(world: &mut World, request: &Request) -> Outcome {
    let (_, id) = changeable(world, request)?;
    let name = name_of(request)?.map(Into::into);
    let owner = request
        .body
        .get("ownerLabel")
        .map(|label| label.as_str().map(Into::into));
    let now = world.now;
    if let Some(node) = world.landscape.nodes.get_mut(id) {
        set(&mut node.name, name);
        set(&mut node.owner_label, owner);
        node.updated_at = now;
    }
    world.did("changed", "landscape_node", id);
    answer(world, id)
}

pub(super) fn place(world: &mut World, request: &Request) -> Outcome {
    let (organization, id) = changeable(world, request)?;
    let parent = request.body_id("parentId");
    if let Some(parent) = parent {
        world.node(organization, parent)?;
        let below = world.landscape.below(organization, Some(id));
        if below.iter().any(|(node, _)| node.id == parent) {
            return Err(senseless("a node cannot lie under itself"));
        }
        let levels = below.iter().map(|(_, depth)| depth + 1).max().unwrap_or(1);
        check_depth(world, parent, levels)?;
    }
    let (now, order) = (world.now, world.landscape.next_order(organization, parent));
    if let Some(node) = world.landscape.nodes.get_mut(id) {
        (node.parent_id, node.sort_order, node.updated_at) = (parent, order, now);
    }
    world.did("moved", "landscape_node", id);
    answer(world, id)
}

pub(super) fn delete(world: &mut World, request: &Request) -> Outcome {
    let organization = world.organization(request)?.id;
    let node = world.node(organization, request.id("nodeId"))?;
    let (id, team) = (node.id, node.team());
    let doomed: Vec<_> = world
        .landscape
        .below(organization, Some(id))
        .iter()
        .map(|(node, _)| node.id)
        .collect();
    // Managers may delete a process of their team, but nothing that others may hang on.
    world.check_landscaper(request, team.filter(|_| doomed.len() == 1))?;
    let own = world.node(organization, id)?.process();
    if own.is_some_and(|process| {
        world
            .processes
            .rows
            .get(process)
            .is_some_and(|one| one.work.is_some())
    }) {
        return Err(Refusal::state("the process is busy with a generation"));
    }
    let nested = doomed
        .iter()
        .filter(|one| **one != id)
        .filter_map(|one| world.landscape.nodes.get(*one)?.process());
    let detached = nested.count();
    if let Some(process) = own {
        processes::remove(world, process);
    }
    for capture in world.landscape.captures.iter_mut() {
        capture.node_id = capture.node_id.filter(|node| !doomed.contains(node));
    }
    world.landscape.links.retain(|link| {
        !doomed.contains(&link.source_node_id) && !doomed.contains(&link.target_node_id)
    });
    world
        .landscape
        .nodes
        .retain(|node| !doomed.contains(&node.id));
    world.did("deleted", "landscape_node", id);
    Ok(json!({ "deletedCount": doomed.len(), "detachedCount": detached }).into())
}

pub(super) fn propose(world: &mut World, request: &Request) -> Outcome {
    let organization = world.organization(request)?.id;
    let parent = parent_of(world, request, organization)?;
    let name = name_of(request)?.unwrap_or_default().to_owned();
    let team = request
        .body_id("teamId")
        .map(|team| world.check_team_of(organization, team))
        .transpose()?;
    world.check_landscaper(request, team)?;
    let summary = request.text("description").map(Into::into);
    let kind = match team {
        Some(team) => {
            let process = processes::add_process(world, team, &name);
            world.did("created", "process", process);
            NodeKind::Process { process, team }
        }
        None => NodeKind::Proposal { summary },
    };
    let id = add(world, organization, parent, &name, kind);
    answer(world, id)
}
