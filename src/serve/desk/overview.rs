//! Everything at a glance, and whether the daemon does its work.

use std::time::Duration;

use super::Desk;
use crate::journal::{RunFilter, RunState};
use crate::serve::refused::Refused;
use crate::serve::view::{Health, Overview, RunBrief};

/// How far back ended runs are shown.
const RECENT: Duration = Duration::from_secs(24 * 60 * 60);
/// The most runs of a sort that are shown.
const SHOWN: usize = 50;

impl Desk {
    /// Returns everything at a glance.
    pub fn overview(&self) -> Result<Overview, Refused> {
        let now = self.0.clock.now();
        let recent = |states: &[RunState]| {
            let since = now.checked_sub(RECENT).ok();
            self.some(RunFilter {
                since,
                ..in_states(states)
            })
        };
        let of = |states: &[RunState]| self.some(in_states(states));
        Ok(Overview {
            now,
            daemon: self.0.standing.view(),
            running: of(&[RunState::Running])?,
            due: of(&[RunState::Queued])?,
            waiting: of(&[RunState::Waiting])?,
            stuck: of(&[RunState::Paused, RunState::Uncertain, RunState::Diverged])?,
            failed: recent(&[RunState::Failed])?,
            done: recent(&[RunState::Done])?,
            next: self.journal().next_due()?,
        })
    }

    /// Returns whether the daemon does its work.
    pub fn health(&self) -> Health {
        let standing = &self.0.standing;
        let mut faults = standing.troubles();
        if let Err(error) = self.journal().flush() {
            faults.push(error.to_string());
        }
        Health {
            ok: faults.is_empty(),
            faults,
            is_draining: standing.is_draining(),
        }
    }

    fn some(&self, wanted: RunFilter) -> Result<Vec<RunBrief>, Refused> {
        let limit = Some(SHOWN);
        self.runs(RunFilter { limit, ..wanted })
    }
}

fn in_states(states: &[RunState]) -> RunFilter {
    RunFilter {
        states: states.to_vec(),
        ..RunFilter::default()
    }
}
