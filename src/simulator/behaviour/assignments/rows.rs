//! Assignments, folders and rubrics as the world keeps them, and how a call finds or adds one.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::simulator::reply::Refusal;
use crate::simulator::world::{Row, Table, World};

/// Assignments, folders and rubrics.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) rows: Table<Agent>,
    pub(crate) folders: Table<Folder>,
    pub(crate) rubrics: Table<Rubric>,
}

/// An assignment.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Agent {
    pub(crate) id: Uuid,
    pub(crate) team_id: Uuid,
    pub(crate) name: String,
    pub(crate) slack_enabled: bool,
    pub(crate) microsoft_teams_enabled: bool,
    pub(crate) agentic_memory_enabled: bool,
    pub(crate) thread_id: Option<Uuid>,
    pub(crate) folder_id: Option<Uuid>,
    pub(crate) automation_id: Option<Uuid>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) created_by: Uuid,
    pub(crate) updated_by: Uuid,
    pub(crate) pinned_at: Option<Timestamp>,
    pub(crate) last_run_at: Option<Timestamp>,
}

/// A folder of assignments.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Folder {
    pub(crate) id: Uuid,
    pub(crate) team_id: Uuid,
    pub(crate) name: String,
    pub(crate) parent_folder_id: Option<Uuid>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// A custom rubric of a setup.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Rubric {
    pub(crate) id: Uuid,
    pub(crate) setup_id: Uuid,
    pub(crate) slug: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) sort_order: usize,
}

impl Row for Agent {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl Row for Folder {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl Row for Rubric {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl World {
    /// Returns an assignment that the key sees.
    pub(crate) fn agent(&self, id: Uuid) -> Result<&Agent, Refusal> {
        let agent = self
            .assignments
            .rows
            .get(id)
            .filter(|agent| self.sees(agent.team_id));
        agent.ok_or_else(|| Refusal::missing("assignment", id))
    }

    /// Returns the name of an assignment.
    pub(crate) fn agent_name(&self, id: Uuid) -> &str {
        self.assignments
            .rows
            .get(id)
            .map_or("", |agent| &agent.name)
    }

    /// Returns whether a live setup may hand cases over to an assignment.
    pub(crate) fn is_handover_target(&self, agent: Uuid) -> bool {
        let mut live = self.setups.rows.iter().filter(|setup| setup.is_live());
        live.any(|setup| setup.handover_targets.contains(&agent))
    }

    /// Adds an assignment without a setup.
    pub(crate) fn add_agent(&mut self, team_id: Uuid, name: &str) -> Uuid {
        let id = self.dice.id();
        self.assignments.rows.add(Agent {
            id,
            team_id,
            name: name.into(),
            slack_enabled: false,
            microsoft_teams_enabled: false,
            agentic_memory_enabled: false,
            thread_id: None,
            folder_id: None,
            automation_id: None,
            created_at: self.now,
            updated_at: self.now,
            created_by: self.me,
            updated_by: self.me,
            pinned_at: None,
            last_run_at: None,
        });
        id
    }

    pub(super) fn folder(&self, id: Uuid) -> Result<&Folder, Refusal> {
        let folder = self
            .assignments
            .folders
            .get(id)
            .filter(|folder| self.sees(folder.team_id));
        folder.ok_or_else(|| Refusal::missing("folder", id))
    }
}
