//! The desk: all that people may see and do, whichever way they come; nothing else of the daemon
//! reads the journal for them.
//!
//! Every method blocks for as long as the journal takes, so that async code calls it through
//! [`Desk::ask`].

mod acts;
mod inbox;
mod lists;
mod measures;
mod overview;
mod runs;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

pub use acts::Signalled;
pub(super) use measures::Measures;

use super::daemon::{Floor, Standing, Tally};
use super::refused::{Refused, Why};
use crate::clock::Clock;
use crate::ids::Chance;
use crate::inbox::Inbox;
use crate::journal::Journal;
use crate::report::Failure;
use crate::run::{Link, Project};
use crate::schedule::Keeper;
use crate::script::Limits;
use crate::secret::Veil;

/// The most rows that a list gives at once.
const MOST: usize = 1_000;

/// What people see and do; cheap to clone.
#[derive(Clone)]
pub struct Desk(Arc<Shared>);

/// What the desk works with.
pub(super) struct Shared {
    pub(super) journal: Journal,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) chance: Arc<Chance>,
    pub(super) project: Arc<Project>,
    pub(super) standing: Arc<Standing>,
    /// Where the effects of runs go that are started here.
    pub(super) world: Value,
    pub(super) environment: BTreeMap<String, String>,
    pub(super) veil: Veil,
    /// What each run may use up.
    pub(super) limits: Limits,
    pub(super) inbox: Inbox,
    pub(super) keeper: Arc<Mutex<Keeper>>,
    pub(super) floor: Floor,
    pub(super) tally: Arc<Tally>,
    pub(super) link: Result<Link, Failure>,
}

impl Shared {
    fn keeper(&self) -> MutexGuard<'_, Keeper> {
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// Returns the desk of a daemon.
    pub(super) fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }

    /// Has the desk do something away from async code, and returns what came of it.
    pub async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, Refused> + Send + 'static,
    ) -> Result<T, Refused> {
        let desk = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&desk)).await;
        done.unwrap_or_else(|_| Err(Refused::new(Why::Failed, "the daemon failed at this")))
    }

    /// Returns what ticks when anything may have changed; several changes may be one tick.
    pub fn changes(&self) -> tokio::sync::watch::Receiver<u64> {
        self.0.standing.news()
    }

    /// Returns what differs once this process has written anything, such as a step or a line.
    pub(super) fn written(&self) -> u64 {
        self.journal().statistics().commits
    }

    /// Has a Job, or all that runs wait for, looked at as soon as the rate limit allows.
    pub(super) fn hasten(&self, job: Option<&str>) {
        self.0.tally.hints.add();
        if let Ok(link) = &self.0.link {
            link.poller.hasten(job);
        }
    }

    /// Returns where the daemon's time comes from.
    pub(super) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.0.clock)
    }

    /// Returns the time that runs live in.
    pub fn now(&self) -> jiff::Timestamp {
        self.0.clock.now()
    }

    fn journal(&self) -> &Journal {
        &self.0.journal
    }
}

/// Returns how many rows of a list to give, of as many as are wanted: a hundred unless said.
fn at_most(wanted: Option<usize>) -> usize {
    wanted.unwrap_or(100).min(MOST)
}
