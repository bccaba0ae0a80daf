//! Schedules as the world keeps them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::timing::Timing;
use crate::simulator::world::{Row, Table};

/// Schedules.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) rows: Table<Schedule>,
}

/// A schedule.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Schedule {
    pub(crate) id: Uuid,
    pub(crate) agent_id: Uuid,
    pub(crate) setup_id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) enabled: bool,
    pub(crate) timing: Timing,
    pub(crate) recurring: Option<bool>,
    /// Goes up with each change, so that times planned before come to nothing.
    pub(crate) version: u32,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

impl Row for Schedule {
    fn id(&self) -> Uuid {
        self.id
    }
}
