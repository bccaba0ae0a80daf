//! The world of one test: simulated time, a simulator that starts at its first use, a project that
//! is never written to, and a folder for the rest.

use std::path::Path;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jiff::Timestamp;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Handle;
use url::Url;

use crate::api::{self, Client};
use crate::clock::{Clock, VirtualClock};
use crate::ids::Chance;
use crate::report::{Failure, FailureKind, Problem, ProblemKind};
use crate::run::{Link, Project};
use crate::secret::Secret;
use crate::simulator::{Scenario, Settings, Simulator};

/// The world of one test.
pub(super) struct Ground {
    pub(super) clock: VirtualClock,
    pub(super) project: Arc<Project>,
    pub(super) runtime: Handle,
    pub(super) seed: u64,
    folder: TempDir,
    scenario: Mutex<Option<Scenario>>,
    simulator: OnceLock<Simulator>,
    starting: Mutex<()>,
}

/// What all worlds begin with.
#[derive(Clone, Debug)]
pub(super) struct Beginning {
    /// Where their simulators run.
    pub(super) runtime: Handle,
    /// The seed of their chance.
    pub(super) seed: u64,
    /// When their time begins.
    pub(super) start: Timestamp,
}

impl Ground {
    /// Returns a world in which nothing has happened, over a project.
    pub(super) fn new(root: &Path, beginning: &Beginning) -> Result<Self, Problem> {
        let folder = TempDir::with_prefix("duvoscript-test-").map_err(|fault| {
            Problem::usage("cannot make a folder for what a test writes").cause(&fault)
        })?;
        for name in ["files", "state"] {
            std::fs::create_dir(folder.path().join(name)).map_err(|fault| {
                Problem::usage("cannot make a folder for what a test writes").cause(&fault)
            })?;
        }
        let project = Project::open_below(root, &folder.path().join("files"))?;
        Ok(Self {
            clock: VirtualClock::new(beginning.start),
            project: Arc::new(project),
            runtime: beginning.runtime.clone(),
            seed: beginning.seed,
            folder,
            scenario: Mutex::default(),
            simulator: OnceLock::new(),
            starting: Mutex::default(),
        })
    }

    /// Returns the folder of a journal.
    pub(super) fn state(&self, number: usize) -> std::path::PathBuf {
        self.folder.path().join("state").join(number.to_string())
    }

    /// Declares the world; errs when something has happened in it.
    pub(super) fn declare(&self, scenario: Scenario) -> Result<(), Failure> {
        if self.simulator.get().is_some() {
            return Err(Failure::invalid("the world of this test is there already")
                .hint("declare it before the first call and the first run"));
        }
        *lock(&self.scenario) = Some(scenario);
        Ok(())
    }

    /// Returns the simulator, which starts when it is asked for first.
    pub(super) fn simulator(&self) -> Result<&Simulator, Failure> {
        let _alone = lock(&self.starting);
        if let Some(simulator) = self.simulator.get() {
            return Ok(simulator);
        }
        let mut settings = Settings::new().on_virtual(&self.clock);
        settings.seed = self.seed;
        settings.rate_limit = None;
        // What is sent twice shall count twice.
        settings.idempotency = false;
        settings.scenario = lock(&self.scenario)
            .clone()
            .unwrap_or_else(Scenario::company);
        let (sender, started) = channel();
        // Whoever asks may be inside a runtime of its own, which must not wait in another one.
        self.runtime
            .spawn(async move { _ = sender.send(Simulator::start(settings).await) });
        let broken = |what: String| Failure::new(FailureKind::Io, what);
        let started = started
            .recv()
            .map_err(|_| broken("the simulator did not start".into()))?;
        let simulator = started.map_err(|error| broken(error.to_string()))?;
        Ok(self.simulator.get_or_init(|| simulator))
    }

    /// Returns all changes so far.
    pub(super) fn ledger(&self) -> Value {
        self.simulator.get().map_or(Value::Null, Simulator::ledger)
    }

    /// Returns a way to the API of this world; `chance` is for what the client does by chance.
    pub(super) fn link(&self, clock: Arc<dyn Clock>) -> Result<Link, Failure> {
        let simulator = self.simulator()?;
        let url = Url::parse(simulator.url())
            .map_err(|fault| Failure::invalid(format!("the simulator has no address: {fault}")))?;
        let settings = api::Settings::new(url, Secret::new(simulator.key().to_owned()));
        let chance = Arc::new(Chance::from_seed(self.seed ^ 0x00c1_1e27));
        let client = Client::new(settings, Arc::clone(&clock), chance)?;
        Ok(Link::new(client, clock))
    }

    /// Returns the clock of this world.
    pub(super) fn time(&self) -> Arc<dyn Clock> {
        Arc::new(self.clock.clone())
    }
}

/// Returns a runtime of the current thread.
pub(super) fn run_runtime() -> Result<tokio::runtime::Runtime, Problem> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.map_err(|fault| Problem::new(ProblemKind::Bug, "cannot start a runtime").cause(&fault))
}

/// Looks into something that threads share; what a panic left behind is as good as any.
pub(super) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
