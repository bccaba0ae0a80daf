//! What all parts of the daemon share.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::runtime::Builder;
use tokio::sync::Notify;

use super::floor::Floor;
use super::jobs::Jobs;
use super::pings::Pings;
use super::standing::Standing;
use super::tally::Tally;
use crate::clock::Clock;
use crate::ids::Chance;
use crate::journal::{Journal, JournalError};
use crate::report::{Failure, Problem, ProblemKind};
use crate::run::{Around, Away, Link, Patience, Permissions, Project, Silence, Surroundings};
use crate::schedule::Keeper;
use crate::script::Header;
use crate::secret::Veil;

/// What all parts of the daemon share.
pub(super) struct Works {
    pub(super) journal: Journal,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) chance: Arc<Chance>,
    pub(super) world: Value,
    pub(super) link: Result<Link, Failure>,
    pub(super) environment: BTreeMap<String, String>,
    pub(super) veil: Veil,
    pub(super) standing: Arc<Standing>,
    pub(super) floor: Floor,
    pub(super) keeper: Arc<Mutex<Keeper>>,
    pub(super) jobs: Jobs,
    pub(super) pings: Pings,
    pub(super) tally: Arc<Tally>,
    /// Rings when a seat is free, or a run has ended.
    pub(super) bell: Notify,
}

impl Works {
    /// Returns whoever decides what is due.
    pub(super) fn keeper(&self) -> MutexGuard<'_, Keeper> {
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what a run has around it: nobody, and no reason to stay while it waits.
    pub(super) fn around(
        &self,
        root: &str,
        header: &Header,
        away: Away,
    ) -> Result<Around, Problem> {
        let link = self.link.clone();
        let runtime = Builder::new_current_thread().enable_all().build();
        Ok(Around {
            surroundings: Surroundings {
                connect: Box::new(move || link.clone()),
                clock: Arc::clone(&self.clock),
                chance: Arc::clone(&self.chance),
                project: Arc::new(Project::open(root)?),
                console: Arc::new(Silence),
                environment: self.environment.clone(),
                permissions: Permissions {
                    env: header.env.clone(),
                    hosts: header.hosts.clone(),
                },
                veil: self.veil.clone(),
            },
            runtime: runtime.map_err(|fault| {
                Problem::new(ProblemKind::Bug, "cannot start the runtime of a run").cause(&fault)
            })?,
            crash: None,
            patience: Patience::Suspend(away),
        })
    }

    /// Takes note of a failure of the journal: one that passes is waited for, any other ends the
    /// daemon, which must not go on without knowing what it did.
    pub(super) fn fault(&self, error: JournalError) {
        match error {
            JournalError::Locked { .. } => {
                self.standing.trouble("lock", Some(error.to_string()));
            }
            error => self.standing.break_down(&error.into()),
        }
    }
}
