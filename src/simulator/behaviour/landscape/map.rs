//! Reading the landscape: the bare tree, and the map with what stands behind each node.

use serde_json::{Value, json};
use uuid::Uuid;

use super::captures::loose;
use super::rows::{Node, NodeKind, Placed};
use crate::simulator::behaviour::Outcome;
use crate::simulator::behaviour::processes::{Process, capture_counts, contributors, summary_of};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

/// The nodes that are asked for, with their depth.
fn asked<'a>(world: &'a World, request: &Request) -> Result<(Uuid, Vec<Placed<'a>>), Refusal> {
    let organization = world.organization(request)?.id;
    let root = request.asked_id("rootId");
    let root = root
        .map(|id| world.node(organization, id).map(|node| node.id))
        .transpose()?;
    Ok((organization, world.landscape.below(organization, root)))
}

pub(super) fn get_tree(world: &mut World, request: &Request) -> Outcome {
    let (_, nodes) = asked(world, request)?;
    let rows = nodes.into_iter().map(|(node, depth)| {
        let mut row = view(world, node);
        row["depth"] = depth.into();
        row
    });
    Ok(json!({ "nodes": rows.collect::<Vec<_>>(), "truncated": false }).into())
}

pub(super) fn get(world: &mut World, request: &Request) -> Outcome {
    let (organization, nodes) = asked(world, request)?;
    let shown: Vec<_> = nodes.iter().map(|(node, _)| node.id).collect();
    let links = world.landscape.links.iter().filter(|link| {
        shown.contains(&link.source_node_id) && shown.contains(&link.target_node_id)
    });
    let links = links.map(|link| {
        json!({
            "id": link.id,
            "sourceNodeId": link.source_node_id,
            "targetNodeId": link.target_node_id,
            "type": link.kind,
            "state": link.state,
            "confidence": link.confidence,
            "rationale": link.rationale,
        })
    });
    let unsorted = world.unsorted(organization);
    let stats = json!({
        "totalNodes": nodes.len(),
        "processNodes": nodes.iter().filter(|(node, _)| node.process().is_some()).count(),
        "proposedNodes": nodes.iter().filter(|(node, _)| existence(node) == "proposed").count(),
        "unsortedProcesses": unsorted.len(),
        "latestUpdatedAt": nodes.iter().map(|(node, _)| node.updated_at).max(),
    });
    let progress = world.landscape.generations.get(&organization);
    let generation = json!({
        "eligibleCaptureCount": loose(world, organization).count(),
        "eligibleProcessCount": unsorted.len(),
        "status": progress.map_or_else(|| json!("idle"), |progress| json!(progress)),
    });
    Ok(json!({
        "nodes": nodes.iter().map(|(node, depth)| row(world, node, *depth)).collect::<Vec<_>>(),
        "links": links.collect::<Vec<_>>(),
        "unlinkedProcesses": unsorted.into_iter().map(|process| unsorted_row(world, process)).collect::<Vec<_>>(),
        "stats": stats,
        "generation": generation,
        "truncated": false,
    })
    .into())
}

fn existence(node: &Node) -> &'static str {
    if node.confirmed_at.is_some() {
        "active"
    } else {
        "proposed"
    }
}

/// Returns a node as the calls show it that change it.
pub(super) fn view(world: &World, node: &Node) -> Value {
    json!({
        "id": node.id,
        "parentId": node.parent_id,
        "processId": node.process(),
        "name": node.name,
        "ownerLabel": node.owner_label,
        "sortOrder": node.sort_order,
        "existence": existence(node),
        "contentConfirmedAt": null,
        "existenceConfirmedAt": node.confirmed_at,
        "source": if node.is_by_hand { "human" } else { "ai" },
        "createdAt": node.created_at,
        "updatedAt": node.updated_at,
        "team": team_view(world, node.team()),
    })
}

fn team_view(world: &World, team: Option<Uuid>) -> Value {
    let team = team.and_then(|id| world.teams.teams.get(id));
    team.map_or(
        Value::Null,
        |team| json!({ "id": team.id, "name": team.name }),
    )
}

fn row(world: &World, node: &Node, depth: usize) -> Value {
    let mut row = view(world, node);
    let team = team_view(world, node.team());
    let process = node.process().and_then(|id| world.processes.rows.get(id));
    row["depth"] = depth.into();
    row["process"] = process.map_or(Value::Null, |process| digest(world, process));
    row["proposedSummary"] = match &node.kind {
        NodeKind::Proposal { summary } => json!(summary),
        NodeKind::Area | NodeKind::Process { .. } => Value::Null,
    };
    row["labels"] = process.map_or_else(|| json!([]), |process| labels_of(world, process));
    row["teamId"] = team["id"].clone();
    row["teamName"] = team["name"].clone();
    if let Some(fields) = row.as_object_mut() {
        fields.remove("team");
        fields.insert("assignedTeam".into(), team);
    }
    row
}

fn unsorted_row(world: &World, process: &Process) -> Value {
    let mut row = digest(world, process);
    row["teamId"] = json!(process.team_id);
    row["teamName"] = json!(
        world
            .teams
            .teams
            .get(process.team_id)
            .map(|team| &team.name)
    );
    row["labels"] = labels_of(world, process);
    row
}

fn digest(world: &World, process: &Process) -> Value {
    let people = world.teams.people.get(process.user_id).map(|person| {
        json!({
            "id": person.id,
            "userId": person.id,
            "email": person.email,
            "name": person.name.as_deref().unwrap_or(&person.email),
        })
    });
    json!({
        "id": process.id,
        "name": process.name,
        "status": process.status,
        "version": process.version,
        "summary": summary_of(world, process.id),
        "captureCount": world.processes.captures_of(process.id).count(),
        "captureCounts": capture_counts(world, process.id),
        "contributors": contributors(world, process.id, ["userId", "userName"]),
        "people": people.into_iter().collect::<Vec<_>>(),
        "updatedAt": process.updated_at,
    })
}

fn labels_of(world: &World, process: &Process) -> Value {
    let labels = process.labels.iter().filter_map(|one| {
        let label = world.landscape.labels.get(one.label_id)?;
        Some(json!({ "id": label.id, "value": label.value, "colorHue": label.color_hue, "source": one.source }))
    });
    labels.collect()
}
