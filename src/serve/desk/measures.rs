//! How much of everything there is, for those who watch over many daemons.

use std::time::Duration;

use super::Desk;
use crate::journal::{Fate, RunFilter, RunState, SlotFilter};
use crate::serve::refused::Refused;

/// How far back late slots count.
const RECENT: Duration = Duration::from_secs(24 * 60 * 60);
/// The most that is counted.
const MOST: usize = 100_000;

/// How much of everything there is.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::serve) struct Measures {
    /// Runs that are due and wait for a seat.
    pub(in crate::serve) due: u64,
    /// Slots of the last day that ran late.
    pub(in crate::serve) late: u64,
    /// Runs that are executed.
    pub(in crate::serve) running: u64,
    /// Runs that were put away.
    pub(in crate::serve) waiting: u64,
    /// Runs that failed since the daemon began.
    pub(in crate::serve) failed: u64,
    /// Further attempts since the daemon began.
    pub(in crate::serve) retries: u64,
    /// Requests left in the window of the rate limit; none without a way to the API.
    pub(in crate::serve) budget_left: Option<f64>,
    /// Seconds since Jobs were seen last; none when they never were.
    pub(in crate::serve) poller_age: Option<f64>,
    /// Seconds that a change takes to be on the disk.
    pub(in crate::serve) commit: Option<f64>,
}

impl Desk {
    /// Counts everything.
    pub(in crate::serve) fn measures(&self) -> Result<Measures, Refused> {
        let shared = &self.0;
        let count = |state| -> Result<u64, Refused> {
            let filter = RunFilter {
                states: vec![state],
                limit: Some(MOST),
                ..RunFilter::default()
            };
            Ok(shared.journal.runs(&filter)?.len() as u64)
        };
        let late = shared.journal.slots(&SlotFilter {
            fates: vec![Fate::Late],
            from: shared.clock.now().checked_sub(RECENT).ok(),
            limit: Some(MOST),
            ..SlotFilter::default()
        })?;
        let (running, due) = shared.floor.count();
        let link = shared.link.as_ref().ok();
        let last_look = link.and_then(|link| link.poller.view().last_look);
        Ok(Measures {
            due: due as u64,
            late: late.len() as u64,
            running: running as u64,
            waiting: count(RunState::Waiting)?,
            failed: shared.tally.failed.get(),
            retries: shared.tally.retries.get(),
            budget_left: link.map(|link| f64::from(link.client.budget().remaining)),
            poller_age: last_look.map(|age| age.as_secs_f64()),
            commit: Some(self.commit()?.as_secs_f64()),
        })
    }

    /// Measures how long a change takes to be on the disk, with one that changes nothing.
    fn commit(&self) -> Result<Duration, Refused> {
        let shared = &self.0;
        let start = shared.clock.elapsed();
        shared.journal.adopt(&[], shared.clock.now(), false)?;
        shared.journal.force()?;
        Ok(shared.clock.elapsed().saturating_sub(start))
    }
}
