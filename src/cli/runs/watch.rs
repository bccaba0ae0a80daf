//! Waits for what another process does to a run: by the ticks of the journal, and by a look at times
//! for what does not tick, such as the death of a process.

use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::watch::Receiver;

use crate::cli::connect::run_runtime;
use crate::clock::{Clock, SystemClock};
use crate::journal::{Journal, JournalError, RunRow};
use crate::report::Problem;

/// How long nothing may tick before a look.
const PERIOD: Duration = Duration::from_millis(400);

/// A wait for changes in a journal.
pub(super) struct Watch {
    runtime: Runtime,
    clock: SystemClock,
    changes: Receiver<u64>,
}

impl Watch {
    /// Begins to watch; what changes from now on is not missed.
    pub(super) fn new(journal: &Journal) -> Result<Self, Problem> {
        Ok(Self {
            runtime: run_runtime()?,
            clock: SystemClock::new(),
            changes: journal.changes(),
        })
    }

    /// Waits until something may have changed.
    pub(super) fn wait(&mut self) {
        let Self {
            runtime,
            clock,
            changes,
        } = self;
        runtime.block_on(async {
            let changed = async {
                if changes.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                () = changed => {}
                () = clock.sleep(PERIOD) => {}
            }
        });
    }

    /// Waits until nobody executes a run, but no longer than its patience; returns how it stands.
    pub(super) fn until_free(
        &mut self,
        journal: &Journal,
        run: &RunRow,
        patience: Duration,
    ) -> Result<RunRow, JournalError> {
        let begun = self.clock.elapsed();
        loop {
            let now = journal.run(&run.id)?.unwrap_or_else(|| run.clone());
            let is_late = self.clock.elapsed().saturating_sub(begun) > patience;
            if is_late || !journal.is_owned(&now) {
                return Ok(now);
            }
            self.wait();
        }
    }
}
