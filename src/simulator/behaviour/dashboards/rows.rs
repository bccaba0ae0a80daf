//! What is kept of a dashboard.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{Row, Table, World};

/// Dashboards.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) rows: Table<Dashboard>,
}

/// A dashboard.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Dashboard {
    pub(crate) id: Uuid,
    pub(crate) team_id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) title: Option<String>,
    pub(crate) status: String,
    pub(crate) visibility: String,
    pub(crate) permission: String,
    pub(crate) refresh: Option<String>,
    pub(crate) refreshed_at: Option<Timestamp>,
    /// Goes up with each turn, so that a stopped one comes to nothing.
    pub(crate) turn: u32,
    pub(crate) messages: Vec<Message>,
    pub(crate) versions: Vec<Version>,
    pub(crate) current: Option<Uuid>,
    pub(crate) connections: Vec<(Uuid, Timestamp)>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// A message of the chat.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) id: Uuid,
    pub(crate) is_user: bool,
    pub(crate) content: String,
    pub(crate) at: Timestamp,
    /// The call by which the dashboard asks back.
    pub(crate) question: Option<String>,
    pub(crate) element: Option<Value>,
}

/// A version of the page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) id: Uuid,
    pub(crate) number: usize,
    pub(crate) parent: Option<Uuid>,
    pub(crate) restored_from: Option<usize>,
    pub(crate) html: String,
    pub(crate) at: Timestamp,
}

impl Row for Dashboard {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl Dashboard {
    /// Returns whether a turn is under way.
    pub(super) fn is_busy(&self) -> bool {
        self.status == "running" || self.status == "pending"
    }

    /// Returns the version that is shown.
    pub(super) fn shown(&self) -> Option<&Version> {
        self.versions
            .iter()
            .find(|version| Some(version.id) == self.current)
    }

    /// Adds a version and shows it.
    pub(super) fn add_version(
        &mut self,
        id: Uuid,
        html: String,
        restored_from: Option<usize>,
        at: Timestamp,
    ) {
        let number = self.versions.len() + 1;
        self.versions.push(Version {
            id,
            number,
            parent: self.current,
            restored_from,
            html,
            at,
        });
        (self.current, self.updated_at) = (Some(id), at);
    }
}

impl World {
    /// Returns the dashboard of the path, if the key sees it.
    pub(super) fn dashboard(&self, request: &Request) -> Result<&Dashboard, Refusal> {
        let id = request.id("artifactId");
        let one = self.dashboards.rows.get(id).filter(|one| {
            self.sees(one.team_id) && (one.user_id == self.me || one.visibility != "private")
        });
        one.ok_or_else(|| Refusal::missing("dashboard", id))
    }

    /// Returns the dashboard of the path, to change it.
    pub(super) fn dashboard_mut(&mut self, request: &Request) -> Result<&mut Dashboard, Refusal> {
        let id = self.dashboard(request)?.id;
        self.did("changed", "dashboard", id);
        let now = self.now;
        let one = self
            .dashboards
            .rows
            .get_mut(id)
            .ok_or_else(|| Refusal::missing("dashboard", id))?;
        one.updated_at = now;
        Ok(one)
    }
}

/// Returns a dashboard as the API shows it.
pub(super) fn view(one: &Dashboard) -> Value {
    json!({
        "id": one.id,
        "team_id": one.team_id,
        "created_by_user_id": one.user_id,
        "title": one.title,
        "html_code_present": one.current.is_some(),
        "status": one.status,
        "visibility": one.visibility,
        "publish_permission": one.permission,
        "thumbnail_url": null,
        "refresh_frequency": one.refresh,
        "last_refresh_at": one.refreshed_at,
        "next_refresh_at": null,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
    })
}
