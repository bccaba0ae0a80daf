//! What a daemon is made of, and how it begins and ends.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::floor::Floor;
use super::jobs::Jobs;
use super::lock::{Holder, Lock};
use super::pings::Pings;
use super::reload::Files;
use super::standing::Standing;
use super::works::Works;
use crate::clock::Clock;
use crate::ids::Chance;
use crate::inbox::Inbox;
use crate::journal::Journal;
use crate::report::{Failure, Problem};
use crate::run::{Link, Project};
use crate::schedule::{self, Keeper};
use crate::script::Limits;
use crate::secret::Veil;
use crate::serve::desk::{self, Desk};

/// What a daemon is given from outside.
pub struct Parts {
    /// The record of all runs.
    pub journal: Journal,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where random numbers and ids come from.
    pub chance: Arc<Chance>,
    /// The project whose schedules it keeps.
    pub project: Arc<Project>,
    /// Where effects go; runs of other worlds are left alone.
    pub world: Value,
    /// The way to the API, or why there is none.
    pub link: Result<Link, Failure>,
    /// The environment; scripts see what their headers allow.
    pub environment: BTreeMap<String, String>,
    /// The secrets that nothing may keep or show.
    pub veil: Veil,
}

/// How a daemon works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How many runs it executes at once at most.
    pub workers: usize,
    /// How many runs of one schedule it executes at once at most.
    pub per_schedule: usize,
    /// How long runs may take to stop when it ends.
    pub grace: Duration,
    /// What each run may use up.
    pub limits: Limits,
}

/// A daemon at work.
pub struct Daemon {
    works: Arc<Works>,
    desk: Desk,
    lock: Lock,
    holder: Holder,
    grace: Duration,
    ended: CancellationToken,
    reload: Arc<Notify>,
}

impl Daemon {
    /// Takes hold of the state directory and begins; errs when another daemon has it. It works on
    /// the runtime that this is called in.
    pub fn start(parts: Parts, settings: &Settings) -> Result<Self, Problem> {
        let holder = Holder {
            pid: std::process::id(),
            since: parts.clock.now(),
            address: None,
        };
        let lock = Lock::take(parts.journal.state_directory(), &holder)?;
        let standing = Arc::new(Standing::new(&parts, settings));
        let shared = desk(&parts, standing, settings);
        let reload = Arc::new(Notify::new());
        let files = Files::watch(parts.project.root(), Arc::clone(&reload));
        let works = works(parts, &shared);
        works.jobs.begin(&works.journal, &works.world.to_string())?;
        works.reload()?;
        if let Err(problem) = &files {
            let what = problem.what.clone();
            works.standing.trouble("files", Some(what));
        }
        let ended = CancellationToken::new();
        tokio::spawn(Arc::clone(&works).make_rounds(ended.clone()));
        tokio::spawn(Arc::clone(&works).watch_orders());
        tokio::spawn(Arc::clone(&works).watch_declarations(files.ok(), Arc::clone(&reload)));
        Ok(Self {
            works,
            desk: Desk::new(shared),
            lock,
            holder,
            grace: settings.grace,
            ended,
            reload,
        })
    }

    /// Returns the desk of the daemon.
    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Tells others where it listens.
    pub fn listens_at(&mut self, address: &str) -> Result<(), Problem> {
        self.holder.address = Some(address.to_owned());
        self.lock.tell(&self.holder)
    }

    /// Has the declarations read again.
    pub fn reload(&self) {
        self.reload.notify_one();
    }

    /// Waits until the daemon cannot go on, and returns why.
    pub async fn broken(&self) -> Arc<Problem> {
        let mut broken = self.works.standing.broken();
        loop {
            if let Some(problem) = broken.borrow_and_update().clone() {
                return problem;
            }
            if broken.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Takes no further runs, and has those that are executed suspend at their next effect; returns
    /// whether all did within the grace period. The others are taken up again by the next daemon,
    /// like those of one that was killed.
    pub async fn drain(&self) -> bool {
        self.works.standing.drain();
        self.ended.cancel();
        let (floor, grace) = (self.works.floor.clone(), self.grace);
        let drained = tokio::task::spawn_blocking(move || {
            floor.close();
            if floor.wait_until_empty(grace * 3 / 4) {
                return true;
            }
            floor.press();
            floor.wait_until_empty(grace / 4)
        });
        drained.await.unwrap_or(false)
    }
}

fn desk(parts: &Parts, standing: Arc<Standing>, settings: &Settings) -> desk::Shared {
    let client = parts.link.clone().map(|link| link.client);
    desk::Shared {
        journal: parts.journal.clone(),
        clock: Arc::clone(&parts.clock),
        chance: Arc::clone(&parts.chance),
        project: Arc::clone(&parts.project),
        world: parts.world.clone(),
        environment: parts.environment.clone(),
        veil: parts.veil.clone(),
        limits: settings.limits.clone(),
        inbox: Inbox::new(parts.journal.clone(), Arc::clone(&parts.clock), client),
        keeper: Arc::new(Mutex::new(keeper(parts))),
        link: parts.link.clone(),
        floor: Floor::new(settings.workers, settings.per_schedule),
        tally: Arc::default(),
        standing,
    }
}

fn keeper(parts: &Parts) -> Keeper {
    Keeper::new(schedule::Parts {
        journal: parts.journal.clone(),
        clock: Arc::clone(&parts.clock),
        chance: Arc::clone(&parts.chance),
        project: Arc::clone(&parts.project),
        world: parts.world.clone(),
        environment: parts.environment.clone(),
        veil: parts.veil.clone(),
    })
}

fn works(parts: Parts, shared: &desk::Shared) -> Arc<Works> {
    let standing = &shared.standing;
    Arc::new(Works {
        jobs: Jobs::new(
            parts.link.clone(),
            Arc::clone(&parts.clock),
            Arc::clone(standing),
            Handle::current(),
        ),
        pings: Pings::new(Handle::current()),
        journal: parts.journal,
        clock: parts.clock,
        chance: parts.chance,
        world: parts.world,
        link: parts.link,
        environment: parts.environment,
        veil: parts.veil,
        floor: shared.floor.clone(),
        keeper: Arc::clone(&shared.keeper),
        tally: Arc::clone(&shared.tally),
        bell: Notify::new(),
        standing: Arc::clone(standing),
    })
}
