//! Connections, their types, and OAuth flows as the world keeps them, and how one is found or added.
//!
//! A key sees the connections of its user, and the shared ones of the user's teams.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::simulator::reply::Refusal;
use crate::simulator::world::{Row, Table, World};

/// Connections, their types, and OAuth flows under way.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) rows: Table<Connection>,
    pub(crate) kinds: Table<Kind>,
    pub(super) flows: BTreeMap<String, Flow>,
}

/// A connection type: a built-in one, or a custom MCP server.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Kind {
    pub(crate) id: Uuid,
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) is_custom: bool,
    /// The team of a custom one.
    pub(crate) team_id: Option<Uuid>,
    pub(crate) server_url: Option<String>,
    pub(crate) auth_method: Option<String>,
    pub(crate) created_at: Timestamp,
}

/// An authorised link to another system.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Connection {
    pub(crate) id: Uuid,
    pub(crate) team_id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) provider: String,
    pub(crate) server_url: Option<String>,
    pub(crate) auth_method: Option<String>,
    pub(crate) integration_id: Option<Uuid>,
    pub(crate) custom_integration_id: Option<Uuid>,
    pub(crate) plain_headers: BTreeMap<String, String>,
    pub(crate) secret_headers: BTreeMap<String, String>,
    pub(crate) shared: bool,
    pub(crate) broken_at: Option<Timestamp>,
    pub(crate) broken_reason: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// An OAuth flow that waits for a person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Flow {
    pub(super) team_id: Uuid,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) server_url: Option<String>,
    pub(super) custom_integration_id: Option<Uuid>,
    pub(super) reconnect: Option<Uuid>,
    pub(super) return_url: Option<String>,
    pub(super) expires_at: Timestamp,
    pub(super) is_done: bool,
}

impl Row for Kind {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl Row for Connection {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl State {
    /// Returns the connection type of an id.
    pub(crate) fn kind(&self, id: Uuid) -> Option<&Kind> {
        self.kinds.get(id)
    }

    /// Returns the built-in connection type of a slug.
    pub(crate) fn kind_of(&self, slug: &str) -> Option<&Kind> {
        self.kinds
            .iter()
            .find(|kind| kind.slug == slug && !kind.is_custom)
    }
}

impl World {
    /// Returns a connection that the key sees: its user's own, or a shared one.
    pub(crate) fn connection(&self, id: Uuid) -> Result<&Connection, Refusal> {
        let connection = self
            .connections
            .rows
            .get(id)
            .filter(|connection| self.sees_connection(connection));
        connection.ok_or_else(|| Refusal::missing("connection", id))
    }

    pub(super) fn sees_connection(&self, connection: &Connection) -> bool {
        self.sees(connection.team_id) && (connection.shared || connection.user_id == self.me)
    }

    /// Returns the name of a broken connection that a setup relies on.
    pub(crate) fn broken_connection(&self, setup: Uuid) -> Option<String> {
        let slots = &self.setups.rows.get(setup)?.slots;
        slots.iter().find_map(|slot| {
            let mut pinned = slot
                .pins
                .iter()
                .filter_map(|pin| self.connections.rows.get(pin.connection_id))
                .peekable();
            pinned.peek()?;
            // One sound connection among those pinned is enough.
            pinned
                .all(|connection| connection.broken_at.is_some())
                .then(|| format!("`{}`", slot.name))
        })
    }

    /// Adds a connection.
    pub(crate) fn add_connection(&mut self, team_id: Uuid, name: &str, kind: &str) -> Uuid {
        let id = self.dice.id();
        self.connections.rows.add(Connection {
            id,
            team_id,
            user_id: self.me,
            name: name.into(),
            kind: kind.into(),
            provider: "native".into(),
            server_url: None,
            auth_method: Some("oauth".into()),
            integration_id: self.connections.kind_of(kind).map(|kind| kind.id),
            custom_integration_id: None,
            plain_headers: BTreeMap::new(),
            secret_headers: BTreeMap::new(),
            shared: false,
            broken_at: None,
            broken_reason: None,
            created_at: self.now,
            updated_at: self.now,
        });
        id
    }
}
