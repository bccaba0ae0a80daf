//! What is kept of a dashboard, and who may see and change it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::page::Page;
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{Row, Table, World};

/// Dashboards, their versions and their chats.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) rows: Table<Dashboard>,
    pub(crate) versions: Table<Version>,
    pub(crate) messages: Table<Message>,
}

/// A dashboard.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Dashboard {
    pub(crate) id: Uuid,
    pub(crate) team_id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) title: Option<String>,
    pub(crate) status: Status,
    pub(crate) visibility: Visibility,
    /// Whether members of the team may change it, where they see it.
    pub(crate) is_editable: bool,
    pub(crate) refresh_frequency: Option<String>,
    pub(crate) last_refresh_at: Option<Timestamp>,
    pub(crate) next_refresh_at: Option<Timestamp>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) connections: Vec<Attached>,
    /// The present version.
    pub(crate) head: Option<Uuid>,
    /// What is being generated.
    pub(crate) turn: Option<Turn>,
    /// Goes up with each start and stop, so that ends planned before come to nothing.
    pub(crate) course: u32,
    /// Goes up with each change of the frequency, so that refreshes planned before come to nothing.
    pub(crate) plan: u32,
}

/// How far the generation of a dashboard is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Pending,
    Running,
    Completed,
    Failed,
    Interrupted,
}

/// Who sees a dashboard besides its creator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Visibility {
    #[default]
    Private,
    Team,
    Organization,
}

/// A connection that a dashboard reads from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Attached {
    pub(crate) connection_id: Uuid,
    pub(crate) created_at: Timestamp,
}

/// A generation under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Turn {
    /// What was asked for; `None` only counts anew.
    pub(super) wish: Option<String>,
    /// The version it goes on from.
    pub(super) from: Option<Uuid>,
    /// The call that asked a question, while the turn waits for the answer.
    pub(super) question: Option<String>,
    pub(super) was_answered: bool,
}

/// A version of a dashboard.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) id: Uuid,
    pub(crate) dashboard_id: Uuid,
    pub(crate) number: usize,
    pub(crate) parent_id: Option<Uuid>,
    pub(crate) created_at: Timestamp,
    pub(crate) page: Page,
}

/// A message of the chat of a dashboard.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) id: Uuid,
    pub(crate) dashboard_id: Uuid,
    /// `None` for the assistant.
    pub(crate) author: Option<Uuid>,
    pub(crate) content: String,
    pub(crate) created_at: Timestamp,
    /// The version that its turn led to.
    pub(crate) version_id: Option<Uuid>,
    /// What the assistant has called.
    pub(crate) call: Value,
    pub(crate) element: Option<Value>,
}

impl Row for Dashboard {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl Row for Version {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl Row for Message {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl State {
    /// Returns the versions of a dashboard, oldest first.
    pub(super) fn versions_of(&self, dashboard: Uuid) -> impl DoubleEndedIterator<Item = &Version> {
        self.versions
            .iter()
            .filter(move |version| version.dashboard_id == dashboard)
    }

    /// Returns the present version of a dashboard.
    pub(super) fn head(&self, dashboard: &Dashboard) -> Option<&Version> {
        self.versions.get(dashboard.head?)
    }
}

impl World {
    /// Returns the dashboard of the path, if the key sees it.
    pub(super) fn dashboard(&self, request: &Request) -> Result<&Dashboard, Refusal> {
        let id = request.id("artifactId");
        let dashboard = self
            .dashboards
            .rows
            .get(id)
            .filter(|dashboard| self.sees_dashboard(dashboard));
        dashboard.ok_or_else(|| Refusal::missing("dashboard", id))
    }

    fn sees_dashboard(&self, dashboard: &Dashboard) -> bool {
        let organization = |team: Uuid| {
            self.teams
                .teams
                .get(team)
                .and_then(|team| team.organization_id)
        };
        dashboard.user_id == self.me
            || match dashboard.visibility {
                Visibility::Private => false,
                Visibility::Team => self.sees(dashboard.team_id),
                Visibility::Organization => organization(dashboard.team_id)
                    .is_some_and(|id| self.organizations.rank(id, self.me).is_some()),
            }
    }

    /// Returns whether the key may change a dashboard.
    pub(super) fn edits(&self, dashboard: &Dashboard) -> bool {
        let is_open = dashboard.is_editable && dashboard.visibility != Visibility::Private;
        dashboard.user_id == self.me || (is_open && self.sees(dashboard.team_id))
    }

    /// Returns the dashboard of the path, if the key may change it.
    pub(super) fn editable(&self, request: &Request) -> Result<&Dashboard, Refusal> {
        let dashboard = self.dashboard(request)?;
        if self.edits(dashboard) {
            return Ok(dashboard);
        }
        Err(Refusal::forbidden(
            "you may see this dashboard, not change it",
        ))
    }

    /// Returns the dashboard of the path, if it is the key's user's own.
    pub(super) fn own_dashboard(&self, request: &Request) -> Result<&Dashboard, Refusal> {
        let dashboard = self.dashboard(request)?;
        if dashboard.user_id == self.me {
            return Ok(dashboard);
        }
        Err(Refusal::forbidden(
            "only the creator of the dashboard may do this",
        ))
    }

    /// Notes that a dashboard has changed.
    pub(super) fn touch_dashboard(&mut self, id: Uuid) {
        let now = self.now;
        if let Some(dashboard) = self.dashboards.rows.get_mut(id) {
            dashboard.updated_at = now;
        }
    }
}

impl Dashboard {
    /// Refuses a change in the middle of a generation.
    pub(super) fn check_idle(&self) -> Result<(), Refusal> {
        match self.turn {
            None => Ok(()),
            Some(_) => Err(Refusal::state("the dashboard is being generated")),
        }
    }
}
