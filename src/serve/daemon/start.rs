//! What a daemon is made of, and how it begins and ends.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::standing::Standing;
use crate::clock::Clock;
use crate::ids::Chance;
use crate::inbox::Inbox;
use crate::journal::Journal;
use crate::report::{Failure, Problem};
use crate::run::{Link, Project};
use crate::script::Limits;
use crate::secret::Veil;
use crate::serve::desk::{self, Desk};

/// What a daemon is given from outside.
pub struct Parts {
    /// The record of all runs.
    pub journal: Journal,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where random numbers and ids come from.
    pub chance: Arc<Chance>,
    /// The project whose schedules it keeps.
    pub project: Arc<Project>,
    /// Where effects go; runs of other worlds are left alone.
    pub world: Value,
    /// Makes the way to the API.
    pub connect: Arc<dyn Fn() -> Result<Link, Failure> + Send + Sync>,
    /// The environment; scripts see what their headers allow.
    pub environment: BTreeMap<String, String>,
    /// The secrets that nothing may keep or show.
    pub veil: Veil,
}

/// How a daemon works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How many runs it executes at once at most.
    pub workers: usize,
    /// How many runs of one schedule it executes at once at most.
    pub per_schedule: usize,
    /// How long runs may take to stop when it ends.
    pub grace: Duration,
    /// What each run may use up.
    pub limits: Limits,
}

/// A daemon at work.
pub struct Daemon {
    desk: Desk,
}

impl Daemon {
    /// Takes hold of the state directory and begins.
    pub fn start(parts: &Parts, settings: &Settings) -> Result<Self, Problem> {
        let standing = Arc::new(Standing::new(parts, settings));
        let link = (parts.connect)();
        let inbox = Inbox::new(
            parts.journal.clone(),
            Arc::clone(&parts.clock),
            link.map(|link| link.client),
        );
        let desk = Desk::new(desk::Shared {
            journal: parts.journal.clone(),
            clock: Arc::clone(&parts.clock),
            chance: Arc::clone(&parts.chance),
            project: Arc::clone(&parts.project),
            standing,
            inbox,
        });
        Ok(Self { desk })
    }

    /// Returns the desk of the daemon.
    pub fn desk(&self) -> &Desk {
        &self.desk
    }
}
