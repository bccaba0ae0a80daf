//! How the daemon stands at present, for those who look at it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::watch;

use super::start::{Parts, Settings};
use crate::report::{Problem, Sources, render};
use crate::serve::view::{DaemonView, FaultView, LeftAlone};

/// The most runs that are told to be left alone.
const MOST_TOLD: usize = 1000;

/// What is known of a daemon beside the journal.
#[derive(Debug)]
pub(in crate::serve) struct Standing {
    since: Timestamp,
    project: PathBuf,
    world: Value,
    workers: usize,
    now: Mutex<Now>,
    /// Ticks when anything changes that people see.
    news: watch::Sender<u64>,
    /// Why the daemon cannot go on.
    broken: watch::Sender<Option<Arc<Problem>>>,
}

/// What changes.
#[derive(Debug, Default)]
struct Now {
    is_draining: bool,
    faults: Vec<FaultView>,
    left_alone: BTreeMap<String, String>,
    /// What keeps it from a part of its work, by that part.
    troubles: BTreeMap<&'static str, String>,
}

impl Standing {
    /// Returns the standing of a daemon that begins.
    pub(super) fn new(parts: &Parts, settings: &Settings) -> Self {
        Self {
            since: parts.clock.now(),
            project: parts.project.root().to_owned(),
            world: parts.world.clone(),
            workers: settings.workers,
            now: Mutex::default(),
            news: watch::Sender::new(0),
            broken: watch::Sender::new(None),
        }
    }

    /// Returns it for people.
    pub(in crate::serve) fn view(&self) -> DaemonView {
        let now = self.now();
        let left_alone = now.left_alone.iter().take(MOST_TOLD);
        DaemonView {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            since: self.since,
            project: self.project.display().to_string(),
            world: self.world.clone(),
            workers: self.workers,
            is_draining: now.is_draining,
            faults: now.faults.clone(),
            left_alone: left_alone
                .map(|(run, why)| LeftAlone {
                    run: run.clone(),
                    why: why.clone(),
                })
                .collect(),
        }
    }

    /// Returns what keeps the daemon from its work.
    pub(in crate::serve) fn troubles(&self) -> Vec<String> {
        let now = self.now();
        let mut troubles: Vec<_> = now.troubles.values().cloned().collect();
        let faults = now.faults.iter().map(|fault| match &fault.at {
            Some(at) => format!("{at}: {}", fault.what),
            None => fault.what.clone(),
        });
        troubles.extend(faults);
        troubles
    }

    /// Returns whether the daemon takes no further runs.
    pub(in crate::serve) fn is_draining(&self) -> bool {
        self.now().is_draining
    }

    /// Returns what ticks when anything changes that people see.
    pub(in crate::serve) fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    /// Tells that something has changed.
    pub(in crate::serve) fn tell(&self) {
        self.news.send_modify(|tick| *tick = tick.wrapping_add(1));
    }

    /// Notes that the daemon takes no further runs.
    pub(super) fn drain(&self) {
        self.now().is_draining = true;
        self.tell();
    }

    /// Notes what is wrong with the declarations, as they were read last.
    pub(super) fn judge(&self, faults: &[Problem], sources: &Sources) {
        let view = |problem: &Problem| FaultView {
            what: problem.what.clone(),
            at: problem.at.as_ref().map(|place| {
                let line = place.line;
                format!("{}:{line}:{}", place.source, place.column)
            }),
            shown: render(problem, sources, false),
        };
        self.now().faults = faults.iter().map(view).collect();
        self.tell();
    }

    /// Notes that a run is due and not touched; returns whether that is new.
    pub(super) fn leave_alone(&self, run: &str, why: &str) -> bool {
        let before = self.now().left_alone.insert(run.to_owned(), why.to_owned());
        self.tell();
        before.as_deref() != Some(why)
    }

    /// Returns whether a run is not touched.
    pub(super) fn is_left_alone(&self, run: &str) -> bool {
        self.now().left_alone.contains_key(run)
    }

    /// Forgets all that was left alone: it is looked at anew.
    pub(super) fn look_again(&self) -> usize {
        let forgotten = std::mem::take(&mut self.now().left_alone);
        forgotten.len()
    }

    /// Returns how many runs are left alone.
    pub(super) fn left_alone(&self) -> usize {
        self.now().left_alone.len()
    }

    /// Notes what keeps the daemon from a part of its work; none: nothing does any more.
    pub(super) fn trouble(&self, part: &'static str, what: Option<String>) {
        let mut now = self.now();
        let before = now.troubles.remove(part);
        if before == what {
            now.troubles.extend(what.map(|what| (part, what)));
            return;
        }
        if let Some(what) = what {
            tracing::warn!(part, "{what}");
            now.troubles.insert(part, what);
        }
        drop(now);
        self.tell();
    }

    /// Notes why the daemon cannot go on; the first reason stays.
    pub(super) fn break_down(&self, problem: &Problem) {
        self.now().troubles.insert("journal", problem.what.clone());
        self.broken.send_if_modified(|broken| {
            let is_first = broken.is_none();
            if is_first {
                *broken = Some(Arc::new(problem.clone()));
            }
            is_first
        });
    }

    /// Returns what tells why the daemon cannot go on.
    pub(super) fn broken(&self) -> watch::Receiver<Option<Arc<Problem>>> {
        self.broken.subscribe()
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
