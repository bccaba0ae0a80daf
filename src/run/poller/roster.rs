//! Who waits for which Job, who of them leads, and what comes next.
//!
//! All of it changes under one lock that nobody holds while waiting. Waits, hints and looks get
//! numbers from one count, so that it is known which of them began before which.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime;

use super::PollerView;
use super::bell::Bell;
use super::job::{Job, Wait};
use super::listing::Listing;
use super::look::Look;
use super::rate::Rate;
use crate::report::Failure;

/// How long a leader may be late before another takes its place.
const GRACE: Duration = Duration::from_secs(5);
/// How long a look of the leader may take before another takes its place.
const LONGEST_LOOK: Duration = Duration::from_secs(120);
/// The longest sleep at once.
const LONGEST_SLEEP: Duration = Duration::from_secs(24 * 60 * 60);

/// What came of a wait.
pub(super) type Outcome = Result<Vec<u8>, Failure>;

/// What one who waits does next.
#[derive(Debug)]
pub(super) enum Turn {
    /// Returns: the wait is over.
    Return(Outcome),
    /// Gives up: the time is up, with the last known state and why it could not be seen.
    GiveUp(Option<String>, Option<Failure>),
    /// Sleeps until the bell rings.
    Sleep(Duration),
    /// Looks for all, as their leader.
    Look(Order),
}

/// A look to make.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) look: Look,
    /// Its number.
    pub(super) number: u64,
    /// When the wait of whoever makes it ends.
    pub(super) end: Duration,
}

/// One who waits, as the roster finds it.
#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) job: String,
    pub(super) number: u64,
}

/// All who wait.
#[derive(Debug, Default)]
pub(super) struct Roster {
    pub(super) jobs: BTreeMap<String, Job>,
    /// What came of the waits that are over, until they are told.
    pub(super) over: HashMap<u64, Outcome>,
    leader: Option<Leader>,
    pub(super) listing: Listing,
    rate: Rate,
    count: u64,
    /// The number of the last hint at all Jobs.
    hinted_all: u64,
    looks: u64,
    /// When a look was answered last.
    pub(super) answered: Option<Duration>,
    pub(super) failures_in_a_row: u32,
    pub(super) paused_until: Duration,
}

/// The one who looks for all.
#[derive(Debug)]
struct Leader {
    number: u64,
    runtime: Option<runtime::Id>,
    bell: Arc<Bell>,
    /// Until when it should have been heard of again.
    lease: Duration,
    is_looking: bool,
}

impl Leader {
    fn new(number: u64, wait: &Wait) -> Self {
        Self {
            number,
            runtime: wait.runtime,
            bell: Arc::clone(&wait.bell),
            lease: Duration::ZERO,
            is_looking: false,
        }
    }

    fn until(self, lease: Duration) -> Self {
        Self { lease, ..self }
    }

    /// Returns how long a follower may sleep without looking after its leader.
    ///
    /// Those on the same runtime never do: whatever keeps the leader from going on keeps them too.
    fn watch(&self, follower: &Self, now: Duration) -> Duration {
        if self.runtime == follower.runtime {
            return LONGEST_SLEEP;
        }
        self.lease.saturating_sub(now) + Duration::from_millis(1)
    }
}

impl Roster {
    /// Adds one who waits.
    pub(super) fn enter(&mut self, job: &str, wait: Wait) -> Ticket {
        let number = self.next_number();
        let entry = self.jobs.entry(job.to_owned()).or_insert_with(Job::new);
        let start = wait.start;
        entry.waits.insert(number, wait);
        entry.plan();
        self.wake_leader(start);
        Ticket {
            job: job.to_owned(),
            number,
        }
    }

    /// Takes one who waits out; when it led, the one who has waited longest leads.
    pub(super) fn leave(&mut self, ticket: &Ticket, now: Duration) {
        self.over.remove(&ticket.number);
        self.end(&ticket.job, ticket.number);
        if self.leader.as_ref().map(|leader| leader.number) != Some(ticket.number) {
            return;
        }
        let waits = self.jobs.values().flat_map(|job| &job.waits);
        let next = waits.min_by_key(|(number, _)| **number);
        self.leader = next.map(|(number, wait)| Leader::new(*number, wait).until(now + GRACE));
        self.wake_leader(now);
    }

    /// Says what one who waits does next, under a limit of requests a minute.
    pub(super) fn turn(&mut self, ticket: &Ticket, now: Duration, limit: u32) -> Turn {
        if let Some(outcome) = self.over.remove(&ticket.number) {
            return Turn::Return(outcome);
        }
        let job = self.jobs.get(&ticket.job);
        let Some((job, wait)) = job.and_then(|job| Some((job, job.waits.get(&ticket.number)?)))
        else {
            // Whoever has left waits for nothing.
            return Turn::GiveUp(None, None);
        };
        let end = wait.end();
        if now >= end {
            return Turn::GiveUp(job.status.clone(), job.failure.clone());
        }
        let this = Leader::new(ticket.number, wait);
        match &self.leader {
            Some(leader) if leader.number != this.number && now <= leader.lease => {
                Turn::Sleep(leader.watch(&this, now).min(end.saturating_sub(now)))
            }
            _ => self.lead(this, now, end, limit),
        }
    }

    /// Says what the leader does next; its own wait ends at `end`.
    fn lead(&mut self, leader: Leader, now: Duration, end: Duration, limit: u32) -> Turn {
        let paused = self.paused_until;
        let due = first_due(&self.jobs, paused);
        let rest = due.map_or(LONGEST_SLEEP, |(_, job)| {
            job.due_after(paused).saturating_sub(now)
        });
        let rest = rest.max(self.rate.wait(now, limit)).min(LONGEST_SLEEP);
        let rest = rest.min(end.saturating_sub(now));
        let Some(due) = due.filter(|_| rest.is_zero()) else {
            self.leader = Some(leader.until(now + rest + GRACE));
            return Turn::Sleep(rest);
        };
        let look = self.listing.choose(&self.jobs, due, now);
        self.leader = Some(Leader {
            is_looking: true,
            ..leader.until(now + LONGEST_LOOK)
        });
        self.rate.take(now, limit);
        self.looks += 1;
        let number = self.next_number();
        Turn::Look(Order { look, number, end })
    }

    /// Takes a wait away from its Job, and a Job away that nobody waits for any more.
    pub(super) fn end(&mut self, id: &str, number: u64) -> Option<Wait> {
        let job = self.jobs.get_mut(id)?;
        let wait = job.waits.remove(&number);
        if job.waits.is_empty() {
            self.jobs.remove(id);
        } else {
            job.plan();
        }
        wait
    }

    /// Has a Job, or all of them, looked at soon.
    pub(super) fn hint(&mut self, job: Option<&str>, now: Duration) {
        // Nothing has happened since all were hinted at: one more hint says nothing new.
        if self.count > 0 && self.hinted_all == self.count {
            return;
        }
        let number = self.next_number();
        if let Some(id) = job {
            let Some(job) = self.jobs.get_mut(id) else {
                return;
            };
            job.hint(number, now);
        } else {
            self.hinted_all = number;
            self.jobs.values_mut().for_each(|job| job.hint(number, now));
        }
        self.wake_leader(now);
    }

    /// Returns what is known of a Job, in a few words; nothing while its answer is on its way.
    pub(super) fn known(&self, job: &str) -> Option<String> {
        self.jobs.get(job).filter(|job| !job.is_ripe)?.known()
    }

    /// Returns what there is to show of it all.
    pub(super) fn view(&self, now: Duration) -> PollerView {
        PollerView {
            waits: self.jobs.values().map(|job| job.waits.len()).sum(),
            jobs: self.jobs.len(),
            looks: self.looks,
            last_look: self.answered.map(|at| now.saturating_sub(at)),
        }
    }

    /// Has the leader find what is new; it should not take long to.
    fn wake_leader(&mut self, now: Duration) {
        let Some(leader) = &mut self.leader else {
            return;
        };
        if !leader.is_looking {
            leader.lease = leader.lease.min(now + GRACE);
        }
        leader.bell.ring();
    }

    fn next_number(&mut self) -> u64 {
        self.count += 1;
        self.count
    }
}

/// Returns the Job that has been due for longest; of several the oldest.
fn first_due(jobs: &BTreeMap<String, Job>, paused: Duration) -> Option<(&String, &Job)> {
    jobs.iter().min_by(|(_, one), (_, other)| {
        let age = |job: &Job| (job.created, job.number());
        let due = one.due_after(paused).cmp(&other.due_after(paused));
        due.then_with(|| age(one).cmp(&age(other)))
    })
}
