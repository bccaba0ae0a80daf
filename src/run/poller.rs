//! The poller: looks at the Jobs that all runs of the process wait for, with one key's rate budget.
//!
//! It has no thread and no task of its own. One of those who wait leads: it looks for all, and when
//! it goes, for whatever reason, the next one leads. The others sleep until they are told, or until
//! their time is up.

mod bell;
mod job;
mod learn;
mod listing;
mod look;
mod pace;
mod rate;
mod roster;

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;

use self::bell::Bell;
use self::job::{Moment, Wait};
use self::roster::{Order, Roster, Ticket, Turn};
use crate::api::Client;
use crate::clock::Clock;
use crate::report::{Failure, FailureKind};
use crate::script::WaitJob;

/// The poller of one client; clones are the same poller.
#[derive(Clone, Debug)]
pub struct Poller(Arc<Shared>);

/// What a poller is doing, for showing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollerView {
    /// Waits that are not over.
    pub waits: usize,
    /// Jobs that they are for.
    pub jobs: usize,
    /// Looks made so far; each is one request.
    pub looks: u64,
    /// Time since a look was answered last.
    pub last_look: Option<Duration>,
}

#[derive(Debug)]
struct Shared {
    client: Client,
    clock: Arc<dyn Clock>,
    roster: Mutex<Roster>,
}

impl Poller {
    /// Returns a poller that nobody waits with.
    pub fn new(client: Client, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Shared {
            client,
            clock,
            roster: Mutex::default(),
        }))
    }

    /// Waits until a Job is in a wanted state or ended; returns the whole answer of `jobs.get`.
    ///
    /// Looks that fail are made again until the time is up; a Job that is not there, or that the key
    /// may not see, ends the wait at once. On simulated time, whoever waits is one participant of
    /// the clock. `progress` is told what is new. The wait may be dropped at any moment.
    pub async fn wait(
        &self,
        wait: &WaitJob,
        progress: &(dyn Fn(&str) + Sync),
    ) -> Result<Vec<u8>, Failure> {
        let place = Place::take(&self.0, wait);
        let mut told = String::new();
        loop {
            let turn = place.turn();
            let goes_on = matches!(turn, Turn::Sleep(_) | Turn::Look(_));
            let known = self.0.lock().known(&wait.job);
            if let Some(known) = known.filter(|known| goes_on && *known != told) {
                progress(&format!("waiting for job {} ({known})", wait.job));
                told = known;
            }
            match turn {
                Turn::Return(outcome) => return outcome,
                Turn::GiveUp(status, failure) => {
                    return Err(too_late(wait, status.as_deref(), failure.as_ref()));
                }
                Turn::Sleep(longest) => _ = place.bell.sleep(longest).await,
                Turn::Look(order) => place.look(&order).await,
            }
        }
    }

    /// Has a Job, or all that are waited for, looked at as soon as the rate limit allows.
    ///
    /// Hints are for free: any number of them makes a look at a Job a second at most.
    pub fn hasten(&self, job: Option<&str>) {
        let now = self.0.clock.elapsed();
        self.0.lock().hint(job, now);
    }

    /// Returns what the poller is doing.
    pub fn view(&self) -> PollerView {
        let now = self.0.clock.elapsed();
        self.0.lock().view(now)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Roster> {
        self.roster.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of one who waits: given up when it is dropped, and the lead with it.
struct Place<'a> {
    shared: &'a Shared,
    ticket: Ticket,
    bell: Arc<Bell>,
}

impl<'a> Place<'a> {
    fn take(shared: &'a Shared, wait: &WaitJob) -> Self {
        let start = shared.clock.elapsed();
        let bell = Arc::new(Bell::new(Arc::clone(&shared.clock)));
        let entry = Wait {
            until: wait.until.clone(),
            start,
            deadline: start.saturating_add(wait.timeout),
            is_answered: false,
            bell: Arc::clone(&bell),
            runtime: Handle::try_current().ok().map(|runtime| runtime.id()),
        };
        let ticket = shared.lock().enter(&wait.job, entry);
        Self {
            shared,
            ticket,
            bell,
        }
    }

    fn turn(&self) -> Turn {
        let limit = self.shared.client.budget().limit;
        let now = self.shared.clock.elapsed();
        self.shared.lock().turn(&self.ticket, now, limit)
    }

    /// Makes a look for all, unless the own wait ends before it is made.
    async fn look(&self, order: &Order) {
        let Shared { client, clock, .. } = self.shared;
        // The look is at work while whoever makes it sleeps until the end of its own wait: the two
        // take part in the clock each for itself. Dropped last, when the sleep is over.
        let _awake = clock.join();
        let mut look = pin!(look::perform(client, &order.look));
        loop {
            let left = order.end.saturating_sub(clock.elapsed());
            tokio::select! {
                biased;
                sight = &mut look => {
                    let now = Moment::of(&**clock);
                    return self.shared.lock().learn(order, sight, now);
                }
                is_rung = self.bell.sleep(left) => if !is_rung { return },
            }
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let now = self.shared.clock.elapsed();
        self.shared.lock().leave(&self.ticket, now);
    }
}

fn too_late(wait: &WaitJob, status: Option<&str>, cause: Option<&Failure>) -> Failure {
    let waited = format!(
        "{:#}",
        jiff::SignedDuration::try_from(wait.timeout).unwrap_or_default()
    );
    let job = &wait.job;
    let mut what = match status {
        Some(status) => format!("job `{job}` is still `{status}` after {waited}"),
        None => format!("job `{job}` could not be seen in {waited}"),
    };
    if let Some(cause) = cause {
        what = format!("{what}; the last look failed: {}", cause.message);
    }
    let mut failure = Failure::new(FailureKind::Timeout, what).at("jobs.wait");
    failure.retryable = true;
    failure.hint("the Job goes on; give the wait a longer `timeout`, or stop the Job with `duvo::jobs::stop`")
}
