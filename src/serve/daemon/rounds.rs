//! The daemon's round: what is due gets into line, and whoever has a free seat takes the next. Between
//! two rounds nothing happens: the next one begins when something is due, or somebody did something.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::works::Works;
use crate::clock;
use crate::journal::{Due, JournalError};

/// The most runs that stand in line; the others wait in the journal.
const LONGEST_LINE: usize = 4096;
/// Rounds do not follow faster, so that many changes at once are one.
const GAP: Duration = Duration::from_millis(4);
/// The longest rest, for what nobody tells of.
const LONGEST_REST: SignedDuration = SignedDuration::from_secs(60);
/// The rest when runs are due that cannot be taken up now.
const SHORT_REST: SignedDuration = SignedDuration::from_secs(1);

impl Works {
    /// Makes rounds until it is told to end.
    pub(super) async fn make_rounds(self: Arc<Self>, ended: CancellationToken) {
        let mut changes = self.journal.changes();
        while !ended.is_cancelled() {
            changes.mark_unchanged();
            let works = Arc::clone(&self);
            let round = tokio::task::spawn_blocking(move || works.round()).await;
            let next = match round {
                Ok(Ok(next)) => next,
                Ok(Err(error)) => {
                    self.fault(error);
                    self.soon()
                }
                Err(_) => self.soon(),
            };
            tokio::select! {
                biased;
                () = ended.cancelled() => return,
                () = clock::until(self.clock.as_ref(), next) => continue,
                () = self.bell.notified() => {}
                _ = changes.changed() => self.standing.tell(),
            }
            self.clock.sleep(GAP).await;
        }
    }

    /// Makes a round; returns when the next one is due by itself.
    fn round(self: &Arc<Self>) -> Result<Timestamp, JournalError> {
        let now = self.clock.now();
        let turn = self.keeper().turn(now)?;
        self.send_pings(turn.pings);
        let due = self.due(now)?;
        self.standing.trouble("lock", None);
        let touched = due.into_iter();
        let touched = touched.filter(|due| !self.standing.is_left_alone(&due.run));
        self.floor.fill(touched.map(|due| (due.schedule, due.run)));
        self.fill_seats();
        let rest = self.rest(now)?;
        Ok(turn.next.map_or(rest, |next| next.min(rest)))
    }

    /// Returns runs that are due. Where some schedules have so many that they fill the line, those of
    /// the others get into line too, so that each has its turn.
    fn due(&self, now: Timestamp) -> Result<Vec<Due>, JournalError> {
        let most = LONGEST_LINE + self.standing.left_alone();
        let mut due = Vec::new();
        let mut names = BTreeSet::new();
        loop {
            let but: Vec<_> = names.iter().cloned().collect();
            let portion = self.journal.due(now, &but, most)?;
            let is_full = portion.len() == most;
            let schedules = portion.iter().map(|due| due.schedule.clone());
            names.extend(schedules.map(Option::unwrap_or_default));
            due.extend(portion);
            if !is_full {
                return Ok(due);
            }
        }
    }

    /// Gives every free seat to whoever is next.
    fn fill_seats(self: &Arc<Self>) {
        while let Some(seat) = self.floor.next() {
            let works = Arc::clone(self);
            let worker = thread::Builder::new().name("run".into());
            if let Err(fault) = worker.spawn(move || works.work(seat)) {
                // The seat is free again, and the run due in the next round.
                let what = format!("no thread is left for runs: {fault}");
                return self.standing.trouble("threads", Some(what));
            }
            self.standing.trouble("threads", None);
        }
    }

    /// Returns when the next round is due by itself. What is due now waits for a seat, which rings,
    /// or is left alone.
    fn rest(&self, now: Timestamp) -> Result<Timestamp, JournalError> {
        let longest = now.saturating_add(LONGEST_REST).unwrap_or(now);
        let next = self.journal.next_due()?.unwrap_or(longest);
        Ok(match self.floor.count() {
            _ if next > now => next.min(longest),
            (_, 0) => self.soon(),
            _ => longest,
        })
    }

    fn soon(&self) -> Timestamp {
        let now = self.clock.now();
        now.saturating_add(SHORT_REST).unwrap_or(now)
    }
}
