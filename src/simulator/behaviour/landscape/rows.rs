//! What is kept of a landscape.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::simulator::behaviour::processes::Process;
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{Row, Table, World};

/// The landscape.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) nodes: Table<Node>,
    pub(crate) links: Table<Link>,
    pub(crate) labels: Table<Label>,
    /// `idle` until there was a generation.
    pub(crate) generation: Option<String>,
}

/// An area, or a process, in the tree.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Node {
    pub(crate) id: Uuid,
    pub(crate) parent_id: Option<Uuid>,
    pub(crate) process_id: Option<Uuid>,
    pub(crate) team_id: Option<Uuid>,
    pub(crate) name: String,
    pub(crate) owner_label: Option<String>,
    pub(crate) sort_order: usize,
    /// Whether it is only proposed.
    pub(crate) is_proposed: bool,
    pub(crate) by_ai: bool,
    pub(crate) summary: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// How two nodes relate.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Link {
    pub(crate) id: Uuid,
    pub(crate) source: Uuid,
    pub(crate) target: Uuid,
    pub(crate) kind: String,
    pub(crate) state: String,
    pub(crate) confidence: Option<f64>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// A label for processes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Label {
    pub(crate) id: Uuid,
    pub(crate) value: String,
    pub(crate) hue: u64,
    /// Processes that bear it.
    pub(crate) on: Vec<Uuid>,
}

impl Row for Node {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl Row for Link {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl Row for Label {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl World {
    /// Refuses an organization that the key does not see.
    pub(super) fn check_organization(&self, request: &Request) -> Result<(), Refusal> {
        self.organization(request).map(drop)
    }

    /// Returns the node of an id.
    pub(super) fn node(&self, id: Uuid) -> Result<&Node, Refusal> {
        let node = self.landscape.nodes.get(id);
        node.ok_or_else(|| Refusal::missing("node", id))
    }

    /// Returns the processes of the organization that have no place in the tree.
    pub(super) fn unsorted(&self) -> Vec<&Process> {
        let has_place = |id: Uuid| {
            self.landscape
                .nodes
                .iter()
                .any(|node| node.process_id == Some(id))
        };
        let all = self.processes.rows.iter();
        all.filter(|one| self.sees(one.team_id) && !has_place(one.id))
            .collect()
    }

    /// Returns how deep in the tree a node lies.
    pub(super) fn depth(&self, node: &Node) -> usize {
        let above = node.parent_id.and_then(|id| self.landscape.nodes.get(id));
        above.map_or(0, |above| 1 + self.depth(above))
    }

    /// Returns whether a node is another one, or lies below it.
    pub(super) fn is_below(&self, node: &Node, other: Uuid) -> bool {
        let above = node.parent_id.and_then(|id| self.landscape.nodes.get(id));
        node.id == other || above.is_some_and(|above| self.is_below(above, other))
    }

    /// Adds a node; what it is about is filled in by who adds it.
    pub(super) fn add_node(&mut self, name: &str, parent_id: Option<Uuid>) -> Uuid {
        let (id, now) = (self.dice.id(), self.now);
        let siblings = self
            .landscape
            .nodes
            .iter()
            .filter(|node| node.parent_id == parent_id)
            .count();
        self.landscape.nodes.add(Node {
            id,
            parent_id,
            process_id: None,
            team_id: None,
            name: name.into(),
            owner_label: None,
            sort_order: siblings,
            is_proposed: false,
            by_ai: false,
            summary: None,
            created_at: now,
            updated_at: now,
        });
        self.did("created", "node", id);
        id
    }

    /// Returns a team as nodes name it.
    pub(super) fn team_reference(&self, team: Option<Uuid>) -> Value {
        let team = team.and_then(|id| self.teams.teams.get(id));
        team.map_or(
            Value::Null,
            |team| json!({ "id": team.id, "name": team.name }),
        )
    }
}

/// Returns a node as the API shows it.
pub(super) fn view(world: &World, node: &Node) -> Value {
    json!({
        "id": node.id,
        "parentId": node.parent_id,
        "processId": node.process_id,
        "name": node.name,
        "ownerLabel": node.owner_label,
        "sortOrder": node.sort_order,
        "existence": if node.is_proposed { "proposed" } else { "active" },
        "contentConfirmedAt": null,
        "existenceConfirmedAt": (!node.is_proposed).then_some(node.created_at),
        "source": if node.by_ai { "ai" } else { "human" },
        "createdAt": node.created_at,
        "updatedAt": node.updated_at,
        "team": world.team_reference(node.team_id),
    })
}
