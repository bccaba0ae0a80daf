//! The landscape as a map, and its generation in the background.

use std::time::Duration;

use serde_json::{Value, json};

use super::labels;
use super::rows::{Node, view};
use crate::simulator::behaviour::processes::{Process, summarised};
use crate::simulator::behaviour::{Outcome, Route};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{Event, World};

pub(super) const ROUTES: &[Route] = &[
    ("landscape.get", get),
    ("landscape.generate", generate),
    ("landscape.list_captures", list_captures),
];

/// How long a generation takes.
const GENERATION: Duration = Duration::from_secs(10);

fn get(world: &mut World, request: &Request) -> Outcome {
    world.check_organization(request)?;
    let root = request.asked_id("rootId");
    if let Some(root) = root {
        world.node(root)?;
    }
    let all = world.landscape.nodes.iter();
    let nodes: Vec<_> = all
        .filter(|node| root.is_none_or(|root| world.is_below(node, root)))
        .collect();
    let links = world.landscape.links.iter().map(|link| {
        json!({
            "id": link.id,
            "sourceNodeId": link.source,
            "targetNodeId": link.target,
            "type": link.kind,
            "state": link.state,
            "confidence": link.confidence,
            "rationale": null,
        })
    });
    let unsorted: Vec<_> = world
        .unsorted()
        .into_iter()
        .map(|process| unsorted_view(world, process))
        .collect();
    Ok(json!({
        "nodes": nodes.iter().map(|node| map_view(world, node)).collect::<Vec<_>>(),
        "links": links.collect::<Vec<_>>(),
        "stats": {
            "totalNodes": nodes.len(),
            "processNodes": nodes.iter().filter(|node| node.process_id.is_some()).count(),
            "proposedNodes": nodes.iter().filter(|node| node.is_proposed).count(),
            "unsortedProcesses": unsorted.len(),
            "latestUpdatedAt": nodes.iter().map(|node| node.updated_at).max(),
        },
        "unlinkedProcesses": unsorted,
        "generation": {
            "eligibleCaptureCount": eligible(world),
            "eligibleProcessCount": world.processes.rows.len(),
            "status": world.landscape.generation.as_deref().unwrap_or("idle"),
        },
        "truncated": false,
    })
    .into())
}

fn eligible(world: &World) -> usize {
    world
        .processes
        .captures
        .iter()
        .filter(|capture| capture.status == "complete")
        .count()
}

fn map_view(world: &World, node: &Node) -> Value {
    let mut row = view(world, node);
    if let Some(fields) = row.as_object_mut() {
        fields.shift_remove("team");
    }
    let process = node.process_id.and_then(|id| world.processes.rows.get(id));
    row["depth"] = world.depth(node).into();
    row["process"] = process.map_or(Value::Null, |process| summarised(world, process));
    row["proposedSummary"] = json!(node.summary);
    row["teamId"] = json!(node.team_id);
    row["teamName"] = world.team_reference(node.team_id)["name"].clone();
    row["assignedTeam"] = world.team_reference(node.team_id);
    row["labels"] = node
        .process_id
        .map_or_else(|| json!([]), |id| labels::of(world, id));
    row
}

fn unsorted_view(world: &World, process: &Process) -> Value {
    let mut row = summarised(world, process);
    row["teamId"] = json!(process.team_id);
    row["teamName"] = world.team_reference(Some(process.team_id))["name"].clone();
    row["labels"] = labels::of(world, process.id);
    row
}

fn generate(world: &mut World, request: &Request) -> Outcome {
    world.check_organization(request)?;
    let unprocessable = |what: &str| Refusal::new(&[422], "invalid_state", what);
    if world.landscape.generation.as_deref() == Some("running") {
        return Err(unprocessable("the landscape is being generated already"));
    }
    let captures = eligible(world);
    if captures == 0 {
        return Err(unprocessable("there are no captures to generate from"));
    }
    world.landscape.generation = Some("running".into());
    world.plan(GENERATION, Event::Landscape);
    let id = world.dice.id();
    world.did("started", "generation", id);
    Ok(json!({
        "started": true,
        "generationId": id,
        "eligibleCaptureCount": captures,
        "eligibleProcessCount": world.processes.rows.len(),
    })
    .into())
}

/// Ends a generation: every process without a place gets one.
pub(crate) fn finish(world: &mut World) {
    let unsorted: Vec<_> = world
        .unsorted()
        .iter()
        .map(|one| (one.id, one.team_id, one.name.clone()))
        .collect();
    let area = world.add_node("Operations", None);
    for (process, team, name) in unsorted {
        let id = world.add_node(&name, Some(area));
        if let Some(node) = world.landscape.nodes.get_mut(id) {
            (node.process_id, node.team_id, node.by_ai) = (Some(process), Some(team), true);
        }
    }
    if let Some(area) = world.landscape.nodes.get_mut(area) {
        area.by_ai = true;
    }
    world.landscape.generation = Some("completed".into());
}

/// Every capture of the simulator belongs to a process, so none is left over.
fn list_captures(world: &mut World, request: &Request) -> Outcome {
    world.check_organization(request)?;
    Ok(json!({ "captures": [], "total": 0, "truncated": false }).into())
}
