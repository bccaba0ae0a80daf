//! Watches the Jobs that runs wait for which were put away: one poller for all, with the daemon's rate
//! budget. What it sees is brought to the run when that is taken up again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use super::standing::Standing;
use crate::clock::Clock;
use crate::journal::{Journal, JournalError, WaitRow};
use crate::report::Failure;
use crate::run::{Away, Link};
use crate::script::WaitJob;

/// The kind of wait that is for a Job.
const KIND: &str = "job";

/// The most waits that are taken over when the daemon begins.
const MOST: usize = 100_000;

/// The waits that are watched; clones are the same.
#[derive(Clone)]
pub(super) struct Jobs(Arc<Shared>);

struct Shared {
    link: Result<Link, Failure>,
    clock: Arc<dyn Clock>,
    standing: Arc<Standing>,
    runtime: Handle,
    runs: Mutex<HashMap<String, Watched>>,
}

/// The waits of one run.
#[derive(Default)]
struct Watched {
    away: Away,
    waits: HashMap<u32, AbortHandle>,
}

/// What the journal keeps of such a wait.
#[derive(Deserialize)]
struct About {
    job: String,
    until: Vec<String>,
}

impl Jobs {
    /// Returns what watches nothing yet; the looks are made on a runtime.
    pub(super) fn new(
        link: Result<Link, Failure>,
        clock: Arc<dyn Clock>,
        standing: Arc<Standing>,
        runtime: Handle,
    ) -> Self {
        Self(Arc::new(Shared {
            link,
            clock,
            standing,
            runtime,
            runs: Mutex::default(),
        }))
    }

    /// Watches what unattended runs wait for already, but for those that somebody executes.
    pub(super) fn begin(&self, journal: &Journal, world: &str) -> Result<(), JournalError> {
        let mut is_ours = HashMap::new();
        for wait in journal.open_waits(KIND, MOST)? {
            let ours = if let Some(ours) = is_ours.get(&wait.run) {
                *ours
            } else {
                let row = journal.run(&wait.run)?;
                let ours = row.is_some_and(|row| row.unattended && row.world == world);
                *is_ours.entry(wait.run.clone()).or_insert(ours)
            };
            if ours {
                self.watch(journal, &wait);
            }
        }
        Ok(())
    }

    /// Returns what was seen for a run that is taken up; its waits are watched on until it is put
    /// away again.
    pub(super) fn hand_over(&self, run: &str) -> Away {
        let mut runs = self.runs();
        let watched = runs.get_mut(run);
        watched.map_or_else(Away::default, |watched| std::mem::take(&mut watched.away))
    }

    /// Watches what a run waits for that was put away, and nothing else of it.
    pub(super) fn follow(&self, run: &str, journal: &Journal) -> Result<(), JournalError> {
        let mut waits = journal.waits(run)?;
        waits.retain(|wait| wait.kind == KIND);
        let mut runs = self.runs();
        if let Some(watched) = runs.get_mut(run) {
            watched.waits.retain(|ticket, task| {
                let is_open = waits.iter().any(|wait| wait.ticket == *ticket);
                if !is_open {
                    task.abort();
                }
                is_open
            });
            if waits.is_empty() {
                runs.remove(run);
            }
        }
        drop(runs);
        for wait in waits {
            self.watch(journal, &wait);
        }
        Ok(())
    }

    fn watch(&self, journal: &Journal, wait: &WaitRow) {
        let Ok(About { job, until }) = serde_json::from_str(&wait.about) else {
            return;
        };
        let link = match &self.0.link {
            Ok(link) => link.clone(),
            Err(failure) => {
                let what = format!("runs wait for Jobs, and nobody can look: {failure}");
                return self.0.standing.trouble("jobs", Some(what));
            }
        };
        let mut runs = self.runs();
        let watched = runs.entry(wait.run.clone()).or_default();
        if watched.waits.contains_key(&wait.ticket) {
            return;
        }
        let left = wait.wake_at.map_or(Duration::MAX, |until| {
            Duration::try_from(until.duration_since(self.0.clock.now())).unwrap_or_default()
        });
        let sought = WaitJob {
            job,
            until,
            timeout: left,
        };
        let (jobs, journal) = (self.clone(), journal.clone());
        let (run, ticket) = (wait.run.clone(), wait.ticket);
        let task = self.0.runtime.spawn(async move {
            let outcome = link.poller.wait(&sought, &|_| {}).await;
            jobs.bring(&run, ticket, outcome);
            let woken = tokio::task::spawn_blocking(move || journal.make_ready(&run)).await;
            if let Ok(Err(error)) = woken {
                jobs.0.standing.break_down(&error.into());
            }
        });
        watched.waits.insert(ticket, task.abort_handle());
    }

    fn bring(&self, run: &str, ticket: u32, outcome: Result<Vec<u8>, Failure>) {
        if let Some(watched) = self.runs().get_mut(run) {
            watched.waits.remove(&ticket);
            watched.away.bring(ticket, outcome);
        }
    }

    fn runs(&self) -> MutexGuard<'_, HashMap<String, Watched>> {
        self.0.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
