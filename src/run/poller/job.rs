//! What is known of one Job, who waits for it, and when it is due for a look.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::runtime;

use super::bell::Bell;
use super::look::{Page, Row};
use super::pace::{HINTS, LAST_LOOK, QUICKEST, pace};
use crate::catalog::life_cycle;
use crate::clock::Clock;
use crate::report::Failure;

/// A wait lasts at least so long, for a first look at the Job.
const FIRST_LOOK: Duration = Duration::from_secs(10);

/// A moment, in both of the clock's times.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    /// Time of day: the age of a Job is told by it.
    pub(super) day: Timestamp,
    /// Time that never goes back: everything else is told by it.
    pub(super) elapsed: Duration,
}

impl Moment {
    /// Returns the present.
    pub(super) fn of(clock: &dyn Clock) -> Self {
        Self {
            day: clock.now(),
            elapsed: clock.elapsed(),
        }
    }
}

/// One who waits.
#[derive(Debug)]
pub(super) struct Wait {
    pub(super) until: Vec<String>,
    pub(super) start: Duration,
    pub(super) deadline: Duration,
    /// Whether the Job has been looked at since the wait began, or could not be.
    pub(super) is_answered: bool,
    pub(super) bell: Arc<Bell>,
    pub(super) runtime: Option<runtime::Id>,
}

impl Wait {
    /// Returns when the wait ends at the latest.
    pub(super) fn end(&self) -> Duration {
        if self.is_answered {
            self.deadline
        } else {
            self.deadline.max(self.start + FIRST_LOOK)
        }
    }

    /// An unknown state ends no wait; the deadline does.
    pub(super) fn is_reached(&self, status: &str) -> bool {
        let is_terminal = life_cycle("job").is_some_and(|job| job.terminal.contains(&status));
        is_terminal || self.until.iter().any(|wanted| wanted == status)
    }
}

/// A Job that is waited for.
#[derive(Debug)]
pub(super) struct Job {
    /// The waits by their numbers, which grow with time.
    pub(super) waits: BTreeMap<u64, Wait>,
    pub(super) created: Option<Timestamp>,
    pub(super) status: Option<String>,
    /// Why the last look at it came to nothing.
    pub(super) failure: Option<Failure>,
    /// When it was looked at last, or could not be.
    looked: Option<Duration>,
    pace: Duration,
    /// Whether a page has shown a state that some wait wants: only the Job's own answer will do.
    pub(super) is_ripe: bool,
    /// The number and the time of the hint to look that was not followed yet.
    hint: Option<(u64, Duration)>,
    /// The page that shows it, where pages are worth their request.
    pub(super) page: Option<Page>,
    /// Whether no page that shows it is worth its request.
    pub(super) is_alone: bool,
    /// When the next look is due.
    pub(super) due: Duration,
}

impl Job {
    /// Returns a Job that nothing is known of.
    pub(super) fn new() -> Self {
        Self {
            waits: BTreeMap::new(),
            created: None,
            status: None,
            failure: None,
            looked: None,
            pace: QUICKEST,
            is_ripe: false,
            hint: None,
            page: None,
            is_alone: false,
            due: Duration::ZERO,
        }
    }

    /// Returns the number of the first who waits for it.
    pub(super) fn number(&self) -> Option<u64> {
        self.waits.keys().next().copied()
    }

    /// Returns the waits that a state ends, as far as they began before look number `look`.
    pub(super) fn reached(&self, status: &str, look: u64) -> Vec<u64> {
        let waits = self.waits.range(..look);
        let ended = waits.filter(|(_, wait)| wait.is_reached(status));
        ended.map(|(number, _)| *number).collect()
    }

    /// Returns whether it was never looked at.
    pub(super) fn is_new(&self) -> bool {
        self.looked.is_none()
    }

    /// Returns whether it may yet find a page.
    pub(super) fn is_loose(&self) -> bool {
        self.page.is_none() && !self.is_alone && !self.is_ripe
    }

    /// Returns what is known of it, in a few words.
    pub(super) fn known(&self) -> Option<String> {
        match &self.failure {
            Some(failure) => Some(format!("the last look failed: {}", failure.message)),
            None => self.status.clone(),
        }
    }

    /// Takes over what look number `look` has told of it.
    pub(super) fn meet(&mut self, row: &Row, look: u64, now: Moment) {
        let is_as_before = self.failure.is_none() && self.status.as_ref() == Some(&row.status);
        self.created = row.created().or(self.created);
        self.status = Some(row.status.clone());
        self.failure = None;
        self.is_ripe = false;
        self.looked_at(look, !is_as_before, now);
    }

    /// Notes that look number `look` came to nothing; a second try comes soon.
    pub(super) fn miss(&mut self, failure: &Failure, look: u64, now: Moment) {
        let is_first = self.failure.is_none();
        self.failure = Some(failure.clone());
        self.is_ripe = false;
        self.looked_at(look, is_first, now);
        if is_first {
            self.pace = QUICKEST;
        }
    }

    fn looked_at(&mut self, look: u64, has_changed: bool, now: Moment) {
        self.looked = Some(now.elapsed);
        self.pace = pace(self.age(now.day));
        self.hint = self.hint.filter(|(hint, _)| *hint > look);
        for (number, wait) in &mut self.waits {
            // A wait that began during the look wants one of its own.
            let is_first = !wait.is_answered && *number < look;
            wait.is_answered |= is_first;
            if is_first || has_changed {
                wait.bell.ring();
            }
        }
    }

    fn age(&self, now: Timestamp) -> Duration {
        let age = self.created.map(|created| now.duration_since(created));
        age.and_then(|age| Duration::try_from(age).ok())
            .unwrap_or_default()
    }

    /// Notes a hint to look.
    pub(super) fn hint(&mut self, number: u64, now: Duration) {
        let since = self.hint.map_or(now, |(_, since)| since);
        self.hint = Some((number, since));
        self.plan();
    }

    /// Sets when the next look is due, after anything has changed.
    pub(super) fn plan(&mut self) {
        self.due = self.next_look();
    }

    /// Returns when it is due; a pause after failures is for what has failed.
    pub(super) fn due_after(&self, paused_until: Duration) -> Duration {
        match self.failure {
            Some(_) => self.due.max(paused_until),
            None => self.due,
        }
    }

    fn next_look(&self) -> Duration {
        let new = self.waits.values().filter(|wait| !wait.is_answered);
        let new = new.map(|wait| wait.start).min();
        let Some(looked) = self.looked else {
            return new.unwrap_or_default();
        };
        if self.is_ripe {
            return looked;
        }
        let last_looks = self
            .waits
            .values()
            .map(|wait| wait.deadline.saturating_sub(LAST_LOOK));
        let hinted = self.hint.map(|(_, since)| since.max(looked + HINTS));
        let wanted = last_looks
            .filter(|last| *last > looked)
            .chain(hinted)
            .chain(new);
        wanted.fold(looked + self.pace, Duration::min)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    fn wait(until: &[&str], timeout: u64) -> Wait {
        Wait {
            until: until.iter().map(ToString::to_string).collect(),
            start: Duration::ZERO,
            deadline: Duration::from_secs(timeout),
            is_answered: false,
            bell: Arc::new(Bell::new(Arc::new(SystemClock::new()))),
            runtime: None,
        }
    }

    #[test]
    fn knows_which_states_end_a_wait() {
        let any = wait(&[], 60);
        let terminal = ["completed", "failed", "interrupted", "stopped", "canceled"];
        assert!(terminal.iter().all(|state| any.is_reached(state)));
        let others = ["waiting", "running", "a new one", ""];
        assert!(!others.iter().any(|state| any.is_reached(state)));
        assert!(wait(&["waiting"], 60).is_reached("waiting"));
    }

    #[test]
    fn a_look_counts_only_for_waits_that_began_before_it() {
        let mut job = Job::new();
        job.waits.insert(1, wait(&["waiting"], 60));
        job.waits.insert(3, wait(&["waiting"], 60));
        assert_eq!(job.reached("waiting", 2), [1]);
        let row = serde_json::json!({ "id": "a", "status": "running" });
        let row: Row = serde_json::from_value(row).unwrap();
        let at = |seconds| Moment {
            day: Timestamp::UNIX_EPOCH,
            elapsed: Duration::from_secs(seconds),
        };
        job.meet(&row, 2, at(7));
        job.plan();
        assert_eq!(job.due, Duration::ZERO);
        job.meet(&row, 4, at(8));
        job.plan();
        assert_eq!(job.due, Duration::from_secs(13));
        job.hint(5, Duration::from_millis(8_100));
        assert_eq!(job.due, Duration::from_secs(9));
        job.meet(&row, 6, at(57));
        job.plan();
        assert_eq!(job.due, Duration::from_secs(58));
    }
}
