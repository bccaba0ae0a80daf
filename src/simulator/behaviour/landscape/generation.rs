//! Generating the landscape: each loose capture becomes a proposal, and unsorted processes are filed.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::captures::loose;
use super::nodes;
use super::rows::{Generation, NodeKind, senseless};
use crate::simulator::behaviour::Outcome;
use crate::simulator::behaviour::organizations::Rank;
use crate::simulator::request::Request;
use crate::simulator::world::{self, World};

/// From `starting` to `running`.
const START_UP: Duration = Duration::from_secs(2);
/// From `running` to `completed`.
const WORK: Duration = Duration::from_secs(15);
/// The area that unsorted processes are filed in.
const AREA: &str = "Further processes";

/// A generation goes on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Event {
    organization: Uuid,
}

pub(super) fn start(world: &mut World, request: &Request) -> Outcome {
    let organization = world.organization_as(request, Rank::Owner)?;
    let status = world.landscape.generations.get(&organization);
    if matches!(status, Some(Generation::Starting | Generation::Running)) {
        return Err(senseless("a generation is under way"));
    }
    let (captures, processes) = (
        loose(world, organization).count(),
        world.unsorted(organization).len(),
    );
    if captures + processes == 0 {
        return Err(senseless(
            "there is no capture and no process to generate from",
        ));
    }
    let id = world.dice.id();
    world
        .landscape
        .generations
        .insert(organization, Generation::Starting);
    world.plan(START_UP, world::Event::Landscape(Event { organization }));
    world.did("started", "landscape_generation", id);
    Ok(json!({
        "started": true,
        "generationId": id,
        "eligibleCaptureCount": captures,
        "eligibleProcessCount": processes,
    })
    .into())
}

/// Lets a generation go on.
pub(crate) fn happen(world: &mut World, event: &Event) {
    let organization = event.organization;
    match world.landscape.generations.get(&organization) {
        Some(Generation::Starting) => {
            world
                .landscape
                .generations
                .insert(organization, Generation::Running);
            world.plan(WORK, world::Event::Landscape(Event { organization }));
        }
        Some(Generation::Running) => {
            world
                .landscape
                .generations
                .insert(organization, Generation::Completed);
            propose(world, organization);
            file(world, organization);
        }
        Some(Generation::Completed) | None => {}
    }
}

fn propose(world: &mut World, organization: Uuid) {
    let captures: Vec<_> = loose(world, organization)
        .map(|one| (one.id, one.title.clone()))
        .collect();
    for (capture, title) in captures {
        let summary = Some(format!("Proposed from `{title}`"));
        let node = add(
            world,
            organization,
            None,
            &title,
            NodeKind::Proposal { summary },
        );
        if let Some(capture) = world.landscape.captures.get_mut(capture) {
            capture.node_id = Some(node);
        }
    }
}

fn file(world: &mut World, organization: Uuid) {
    let unsorted = world.unsorted(organization);
    let unsorted: Vec<_> = unsorted
        .into_iter()
        .map(|one| (one.id, one.team_id, one.name.clone()))
        .collect();
    if unsorted.is_empty() {
        return;
    }
    let known = world
        .landscape
        .children(organization, None)
        .find(|node| node.name == AREA)
        .map(|node| node.id);
    let area = known.unwrap_or_else(|| add(world, organization, None, AREA, NodeKind::Area));
    for (process, team, name) in unsorted {
        add(
            world,
            organization,
            Some(area),
            &name,
            NodeKind::Process { process, team },
        );
    }
}

fn add(
    world: &mut World,
    organization: Uuid,
    parent: Option<Uuid>,
    name: &str,
    kind: NodeKind,
) -> Uuid {
    let id = nodes::add(world, organization, parent, name, kind);
    if let Some(node) = world.landscape.nodes.get_mut(id) {
        node.is_by_hand = false;
    }
    id
}
