//! The versions of assignments as the world keeps them, and how a call finds or adds one.
//!
//! What hangs on a setup (slots with pins and queues, logins, secrets) is kept in it, so that a
//! new one is wired like its source by copying.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::config::empty_config;
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{Row, Table, World};

/// Setups.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) rows: Table<Setup>,
}

/// A version of an assignment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Setup {
    pub(crate) id: Uuid,
    pub(crate) agent_id: Uuid,
    pub(crate) name: String,
    pub(crate) revision_name: Option<String>,
    pub(crate) revision_description: Option<String>,
    pub(crate) config: Value,
    pub(crate) status: Status,
    pub(crate) number: u32,
    pub(crate) parent_id: Option<Uuid>,
    pub(crate) created_by: Uuid,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) handover_targets: Vec<Uuid>,
    pub(crate) slots: Vec<Slot>,
    pub(crate) logins: Vec<Uuid>,
    pub(crate) secrets: Vec<Uuid>,
}

/// Whether new jobs use a setup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Draft,
    Live,
    Historic,
}

/// A place for connections or queues.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Slot {
    pub(crate) id: Uuid,
    pub(crate) integration_id: Uuid,
    pub(crate) is_custom: bool,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) created_at: Timestamp,
    pub(crate) pins: Vec<Pin>,
    pub(crate) queues: Vec<Uuid>,
}

/// A connection that a user has put into a slot.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Pin {
    pub(crate) connection_id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) created_at: Timestamp,
}

/// What a new setup is made from.
pub(crate) struct NewSetup {
    pub(crate) agent_id: Uuid,
    pub(crate) name: String,
    pub(crate) config: Option<Value>,
    pub(crate) source: Option<Uuid>,
    pub(crate) status: Status,
}

impl Row for Setup {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl Setup {
    /// Returns whether new jobs use it.
    pub(crate) fn is_live(&self) -> bool {
        self.status == Status::Live
    }

    /// Returns whether a slot of a type is linked to a queue.
    pub(crate) fn covers(&self, queue: Uuid, slot_type: &str) -> bool {
        let mut slots = self.slots.iter().filter(|slot| slot.kind == slot_type);
        slots.any(|slot| slot.queues.contains(&queue))
    }

    /// Returns the skills its configuration names.
    pub(crate) fn skills(&self) -> impl Iterator<Item = &str> {
        let skills = self
            .config
            .pointer("/data/skills")
            .and_then(Value::as_array);
        skills.into_iter().flatten().filter_map(Value::as_str)
    }
}

impl State {
    /// Returns the live setup of an assignment.
    pub(crate) fn live(&self, agent: Uuid) -> Option<&Setup> {
        self.rows
            .iter()
            .rev()
            .find(|setup| setup.agent_id == agent && setup.is_live())
    }

    /// Returns the newest setup of an assignment.
    pub(crate) fn newest(&self, agent: Uuid) -> Option<&Setup> {
        self.rows.iter().rev().find(|setup| setup.agent_id == agent)
    }
}

impl World {
    /// Adds a setup, wired as its source is.
    pub(crate) fn add_setup(&mut self, new: NewSetup) -> Uuid {
        let source = new.source.and_then(|id| self.setups.rows.get(id)).cloned();
        let number = self
            .setups
            .rows
            .iter()
            .filter(|setup| setup.agent_id == new.agent_id)
            .count()
            + 1;
        let id = self.dice.id();
        let mut slots = source
            .as_ref()
            .map_or_else(Vec::new, |source| source.slots.clone());
        for slot in &mut slots {
            slot.id = self.dice.id();
        }
        let inherited = source.as_ref().map(|source| source.config.clone());
        self.setups.rows.add(Setup {
            id,
            agent_id: new.agent_id,
            name: new.name,
            revision_name: None,
            revision_description: None,
            config: new.config.or(inherited).unwrap_or_else(empty_config),
            status: new.status,
            number: u32::try_from(number).unwrap_or(u32::MAX),
            parent_id: source.as_ref().map(|source| source.id),
            created_by: self.me,
            created_at: self.now,
            updated_at: self.now,
            handover_targets: Vec::new(),
            slots,
            logins: source
                .as_ref()
                .map_or_else(Vec::new, |source| source.logins.clone()),
            secrets: source.map_or_else(Vec::new, |source| source.secrets),
        });
        id
    }

    /// Returns a setup that the key sees, by its own id.
    pub(crate) fn setup(&self, id: Uuid) -> Result<&Setup, Refusal> {
        let setup = self
            .setups
            .rows
            .get(id)
            .filter(|setup| self.agent(setup.agent_id).is_ok());
        setup.ok_or_else(|| Refusal::missing("setup", id))
    }

    /// Returns a setup of an assignment that the key sees.
    pub(super) fn setup_of(&self, request: &Request) -> Result<&Setup, Refusal> {
        let (agent, id) = (
            request.id(first_of(request, ["agent_id", "agentId"])),
            request.id(first_of(request, ["build_id", "buildId"])),
        );
        let agent = self.agent(agent)?.id;
        let setup = self
            .setups
            .rows
            .get(id)
            .filter(|setup| setup.agent_id == agent);
        setup.ok_or_else(|| Refusal::missing("setup", id))
    }

    pub(super) fn setup_of_mut(&mut self, request: &Request) -> Result<&mut Setup, Refusal> {
        let id = self.setup_of(request)?.id;
        self.did("changed", "setup", id);
        let now = self.now;
        let setup = self
            .setups
            .rows
            .get_mut(id)
            .ok_or_else(|| Refusal::missing("setup", id))?;
        setup.updated_at = now;
        Ok(setup)
    }
}

/// The two spellings that path parameters have.
fn first_of<'a>(request: &Request, names: [&'a str; 2]) -> &'a str {
    let [first, second] = names;
    if request.param(first).is_empty() {
        second
    } else {
        first
    }
}
