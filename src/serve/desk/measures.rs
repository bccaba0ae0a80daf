//! How much of everything there is, for those who watch over many daemons.

use std::time::Duration;

use jiff::Timestamp;

use super::Desk;
use crate::journal::{Fate, RunState};
use crate::serve::refused::Refused;

/// How far back late slots count.
const RECENT: Duration = Duration::from_secs(24 * 60 * 60);

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
        let journal = &shared.journal;
        let recently = shared.clock.now().saturating_sub(RECENT);
        let late = journal.count_slots(Fate::Late, recently.unwrap_or(Timestamp::MIN))?;
        let (running, due) = shared.floor.count();
        let link = shared.link.as_ref().ok();
        let last_look = link.and_then(|link| link.poller.view().last_look);
        Ok(Measures {
            due: due as u64,
            late,
            running: running as u64,
            waiting: journal.count_open(RunState::Waiting)?,
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
