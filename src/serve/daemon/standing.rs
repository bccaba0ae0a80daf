//! How the daemon stands at present, for those who look at it.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::Value;

use super::start::{Parts, Settings};
use crate::serve::view::{DaemonView, FaultView, LeftAlone};

/// What is known of a daemon beside the journal.
#[derive(Debug)]
pub(in crate::serve) struct Standing {
    since: Timestamp,
    project: PathBuf,
    world: Value,
    workers: usize,
    now: Mutex<Now>,
}

/// What changes.
#[derive(Debug, Default)]
struct Now {
    is_draining: bool,
    faults: Vec<FaultView>,
    left_alone: Vec<LeftAlone>,
    troubles: Vec<String>,
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
        }
    }

    /// Returns it for people.
    pub(in crate::serve) fn view(&self) -> DaemonView {
        let now = self.now();
        DaemonView {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            since: self.since,
            project: self.project.display().to_string(),
            world: self.world.clone(),
            workers: self.workers,
            is_draining: now.is_draining,
            faults: now.faults.clone(),
            left_alone: now.left_alone.clone(),
        }
    }

    /// Returns what keeps the daemon from its work.
    pub(in crate::serve) fn troubles(&self) -> Vec<String> {
        self.now().troubles.clone()
    }

    /// Returns whether the daemon takes no further runs.
    pub(in crate::serve) fn is_draining(&self) -> bool {
        self.now().is_draining
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
