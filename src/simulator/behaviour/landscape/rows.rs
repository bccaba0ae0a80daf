//! What is kept of a landscape, and who may change what in it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::simulator::behaviour::organizations::Rank;
use crate::simulator::behaviour::processes::{Line, Process};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{Row, Table, World};

/// How deep a node may lie.
pub(super) const MOST_LEVELS: usize = 8;
/// Nodes that a simulator keeps at most.
pub(super) const MOST_NODES: usize = 5_000;

/// Landscapes of all organizations.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) nodes: Table<Node>,
    pub(crate) links: Table<Link>,
    pub(crate) labels: Table<Label>,
    pub(crate) captures: Table<LooseCapture>,
    /// How far the last generation of each organization is.
    pub(crate) generations: BTreeMap<Uuid, Generation>,
}

/// An area or a process.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Node {
    pub(crate) id: Uuid,
    pub(crate) organization_id: Uuid,
    pub(crate) parent_id: Option<Uuid>,
    pub(crate) name: String,
    pub(crate) owner_label: Option<String>,
    /// Its place among its siblings.
    pub(crate) sort_order: u64,
    pub(crate) kind: NodeKind,
    pub(crate) is_by_hand: bool,
    /// When a person confirmed that it exists.
    pub(crate) confirmed_at: Option<Timestamp>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// What a node stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NodeKind {
    /// A part of the organization.
    Area,
    /// A process of a team.
    Process { process: Uuid, team: Uuid },
    /// A process that nobody has confirmed.
    Proposal { summary: Option<String> },
}

/// How two processes relate.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Link {
    pub(crate) id: Uuid,
    pub(crate) organization_id: Uuid,
    pub(crate) source_node_id: Uuid,
    pub(crate) target_node_id: Uuid,
    pub(crate) kind: String,
    pub(crate) state: String,
    pub(crate) confidence: Option<f64>,
    pub(crate) rationale: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// A label that processes of an organization can bear.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Label {
    pub(crate) id: Uuid,
    pub(crate) organization_id: Uuid,
    pub(crate) value: String,
    pub(crate) color_hue: u64,
}

/// A finished capture that was made for no process in particular.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LooseCapture {
    pub(crate) id: Uuid,
    pub(crate) organization_id: Uuid,
    pub(crate) team_id: Option<Uuid>,
    pub(crate) kind: String,
    pub(crate) title: String,
    pub(crate) transcript: Vec<Line>,
    /// The node that a generation has made of it.
    pub(crate) node_id: Option<Uuid>,
    pub(crate) created_at: Timestamp,
}

/// How far a generation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Generation {
    Starting,
    Running,
    Completed,
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

impl Row for LooseCapture {
    fn id(&self) -> Uuid {
        self.id
    }
}

/// A node, and how deep it lies below the one that was asked for.
pub(super) type Placed<'a> = (&'a Node, usize);

impl Node {
    /// Returns the process it stands for.
    pub(crate) fn process(&self) -> Option<Uuid> {
        match self.kind {
            NodeKind::Process { process, .. } => Some(process),
            NodeKind::Area | NodeKind::Proposal { .. } => None,
        }
    }

    /// Returns the team whose process it stands for.
    pub(crate) fn team(&self) -> Option<Uuid> {
        match self.kind {
            NodeKind::Process { team, .. } => Some(team),
            NodeKind::Area | NodeKind::Proposal { .. } => None,
        }
    }
}

impl State {
    /// Returns the nodes directly under one, or at the top.
    pub(super) fn children(
        &self,
        organization: Uuid,
        parent: Option<Uuid>,
    ) -> impl Iterator<Item = &Node> {
        let is_child =
            move |node: &&Node| node.organization_id == organization && node.parent_id == parent;
        self.nodes.iter().filter(is_child)
    }

    /// Returns the place behind all nodes directly under one, or at the top.
    pub(super) fn next_order(&self, organization: Uuid, parent: Option<Uuid>) -> u64 {
        self.children(organization, parent)
            .map(|node| node.sort_order + 1)
            .max()
            .unwrap_or(0)
    }

    /// Returns a node and all below it, from the top down.
    pub(super) fn below(&self, organization: Uuid, start: Option<Uuid>) -> Vec<Placed<'_>> {
        let mut children: HashMap<Option<Uuid>, Vec<&Node>> = HashMap::new();
        for node in self
            .nodes
            .iter()
            .filter(|node| node.organization_id == organization)
        {
            children.entry(node.parent_id).or_default().push(node);
        }
        // The last one is taken first.
        for nodes in children.values_mut() {
            nodes.sort_by_key(|node| Reverse(node.sort_order));
        }
        let mut open: Vec<Placed<'_>> = match start {
            Some(id) => self
                .nodes
                .get(id)
                .map(|node| (node, 0))
                .into_iter()
                .collect(),
            None => children
                .remove(&None)
                .unwrap_or_default()
                .into_iter()
                .map(|node| (node, 0))
                .collect(),
        };
        let mut found = Vec::new();
        while let Some((node, depth)) = open.pop() {
            found.push((node, depth));
            let below = children.remove(&Some(node.id)).unwrap_or_default();
            open.extend(below.into_iter().map(|child| (child, depth + 1)));
        }
        found
    }

    /// Returns how many nodes lie above one.
    pub(super) fn depth(&self, id: Uuid) -> usize {
        let parent = |id: Uuid| self.nodes.get(id).and_then(|node| node.parent_id);
        std::iter::successors(parent(id), |id| parent(*id)).count()
    }
}

impl World {
    /// Returns a node of an organization.
    pub(super) fn node(&self, organization: Uuid, id: Uuid) -> Result<&Node, Refusal> {
        let node = self
            .landscape
            .nodes
            .get(id)
            .filter(|node| node.organization_id == organization);
        node.ok_or_else(|| Refusal::missing("node", id))
    }

    /// Refuses a change of a node to those who are neither managers of its team nor administrators.
    pub(super) fn check_landscaper(
        &self,
        request: &Request,
        team: Option<Uuid>,
    ) -> Result<(), Refusal> {
        match team {
            Some(team) if self.check_manager(team).is_ok() => Ok(()),
            _ => self.organization_as(request, Rank::Admin).map(drop),
        }
    }

    /// Returns the processes of an organization that stand nowhere in its landscape.
    pub(super) fn unsorted(&self, organization: Uuid) -> Vec<&Process> {
        let teams = self.teams_of(organization);
        let is_placed = |id: Uuid| {
            self.landscape
                .nodes
                .iter()
                .any(|node| node.process() == Some(id))
        };
        let all = self
            .processes
            .rows
            .iter()
            .filter(|process| teams.contains(&process.team_id));
        all.filter(|process| self.opens(process) && !is_placed(process.id))
            .collect()
    }
}

/// The refusal of something that is well formed but makes no sense.
pub(super) fn senseless(message: impl Into<String>) -> Refusal {
    Refusal::new(&[422, 400], "unprocessable", message)
}
