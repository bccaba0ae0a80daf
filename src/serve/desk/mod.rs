//! The desk: all that people may see and do, whichever way they come; nothing else of the daemon
//! reads the journal for them.
//!
//! Every method blocks for as long as the journal takes, so that async code calls it through
//! [`Desk::ask`].

mod acts;
mod inbox;
mod lists;
mod overview;
mod pages;
mod runs;

use std::sync::Arc;

pub use acts::Signalled;
pub use pages::{RunPage, SlotPage};

use super::daemon::Standing;
use super::refused::{Refused, Why};
use crate::clock::Clock;
use crate::ids::Chance;
use crate::inbox::Inbox;
use crate::journal::Journal;
use crate::run::Project;

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
    pub(super) inbox: Inbox,
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
        self.0.journal.changes()
    }

    /// Returns the time that runs live in.
    pub fn now(&self) -> jiff::Timestamp {
        self.0.clock.now()
    }

    fn journal(&self) -> &Journal {
        &self.0.journal
    }
}
