//! What becomes of a look: what is known of the Jobs, and whose wait is over.
//!
//! A look only counts for the waits that began before it, or a wait could end with a state that the
//! Job had before its script last acted on it.

use std::time::Duration;

use super::job::{Job, Moment};
use super::look::{Look, Row, Shown, Sight};
use super::roster::{Order, Outcome, Roster};
use crate::report::{Failure, FailureKind};

/// The pause after a look that failed, before another at what has failed; it doubles up to the second.
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(5));

impl Roster {
    /// Takes over what came of a look, and tells those whose wait is over.
    pub(super) fn learn(&mut self, order: &Order, sight: Result<Sight, Failure>, now: Moment) {
        match sight {
            Err(failure) if may_pass(failure.kind) => return self.miss(order, &failure, now),
            Err(failure) => self.refuse(order, &failure, now),
            Ok(Sight::Job(row, body)) => self.see_job(&row, &body, order.number, now),
            Ok(Sight::Page(shown)) => self.see_page(&shown, order.number, now),
        }
        self.answered = Some(now.elapsed);
        (self.failures_in_a_row, self.paused_until) = (0, Duration::ZERO);
    }

    fn see_job(&mut self, row: &Row, body: &[u8], look: u64, now: Moment) {
        let Some(job) = self.jobs.get_mut(&row.id) else {
            return;
        };
        job.meet(row, look, now);
        job.plan();
        for number in job.reached(&row.status, look) {
            self.tell(&row.id, number, Ok(body.to_vec()));
        }
    }

    fn see_page(&mut self, shown: &Shown, look: u64, now: Moment) {
        for row in &shown.rows {
            if let Some(job) = self.jobs.get_mut(&row.id) {
                job.meet(row, look, now);
            }
        }
        self.listing.learn(&mut self.jobs, shown);
        for row in &shown.rows {
            if let Some(job) = self.jobs.get_mut(&row.id) {
                job.is_ripe = !job.reached(&row.status, look).is_empty();
                job.plan();
            }
        }
    }

    /// Puts off what could not be seen; a page's Jobs with it.
    fn miss(&mut self, order: &Order, failure: &Failure, now: Moment) {
        let pause = PAUSES.0 * 2_u32.pow(self.failures_in_a_row.min(8));
        self.paused_until = now.elapsed.saturating_add(pause.min(PAUSES.1));
        self.failures_in_a_row += 1;
        let is_meant = |id: &String, job: &Job| match &order.look {
            Look::Job(meant) => id == meant,
            Look::Page(page) => job.page == Some(*page),
        };
        for (_, job) in self.jobs.iter_mut().filter(|(id, job)| is_meant(id, job)) {
            job.miss(failure, order.number, now);
            job.plan();
        }
        if let Look::Page(_) = order.look {
            self.listing.miss(now.elapsed);
        }
    }

    /// Ends the waits that a refusal is meant for. Without a list, Jobs are asked for one by one.
    fn refuse(&mut self, order: &Order, failure: &Failure, now: Moment) {
        match &order.look {
            _ if failure.kind == FailureKind::Auth => self.end_all(failure),
            Look::Job(id) => self.end_before(id, order.number, failure),
            Look::Page(_) => self.listing.rest(now.elapsed),
        }
    }

    /// Ends the waits for a Job that began before a look.
    fn end_before(&mut self, job: &str, look: u64, failure: &Failure) {
        let waits = self.jobs.get(job).map(|job| job.waits.range(..look));
        let numbers = waits.into_iter().flatten().map(|(number, _)| *number);
        for number in numbers.collect::<Vec<_>>() {
            self.tell(job, number, Err(failure.clone()));
        }
    }

    fn end_all(&mut self, failure: &Failure) {
        let jobs: Vec<_> = self.jobs.keys().cloned().collect();
        for job in jobs {
            self.end_before(&job, u64::MAX, failure);
        }
    }

    fn tell(&mut self, job: &str, number: u64, outcome: Outcome) {
        if let Some(wait) = self.end(job, number) {
            self.over.insert(number, outcome);
            wait.bell.ring();
        }
    }
}

/// Returns whether a look that failed in this way may succeed the next time.
fn may_pass(kind: FailureKind) -> bool {
    match kind {
        FailureKind::Network
        | FailureKind::Unavailable
        | FailureKind::RateLimited
        | FailureKind::Timeout
        | FailureKind::Protocol => true,
        FailureKind::Auth
        | FailureKind::Permission
        | FailureKind::NotFound
        | FailureKind::Conflict
        | FailureKind::Invalid
        | FailureKind::Io
        | FailureKind::Refused => false,
    }
}

#[cfg(test)]
mod tests;
