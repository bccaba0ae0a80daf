//! A world for one run: an empty folder, simulated time, and a simulator that starts at the first call.
//!
//! It reaches nothing outside: no environment, no hosts, no words on the terminal.

use std::collections::BTreeMap;
use std::sync::mpsc::channel;
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Duration;

use duvoscript::api::{self, Client};
use duvoscript::clock::{Clock, VirtualClock};
use duvoscript::ids::Chance;
use duvoscript::report::Failure;
use duvoscript::run::{EphemeralHost, Link, Permissions, Project, Silence, Surroundings};
use duvoscript::script::{Control, Ended, Limits, Script, execute};
use duvoscript::secret::{Secret, Veil};
use duvoscript::simulator::{Scenario, Settings, Simulator};
use jiff::Timestamp;
use serde_json::{Map, Value};
use tokio::runtime::{Builder, Runtime};
use url::Url;

/// What a run may use up: little, so that many runs fit into a second.
const LIMITS: Limits = Limits {
    operations: 100_000,
    memory_bytes: 32 << 20,
};

/// How much simulated time a run may take.
const PATIENCE: Duration = Duration::from_secs(40 * 24 * 3600);

/// Where the simulators run.
static SIMULATORS: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().build().unwrap()
});

/// Runs a script in a world of its own.
pub(crate) fn run(script: &Script, arguments: &Map<String, Value>, scenario: Scenario) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    let clock = VirtualClock::new(Timestamp::from_second(1_767_600_000).unwrap());
    let around = Surroundings {
        connect: connector(scenario, clock.clone()),
        clock: Arc::new(clock),
        chance: Arc::new(Chance::from_seed(1)),
        project: Arc::new(Project::open(folder.path()).unwrap()),
        console: Arc::new(Silence),
        environment: BTreeMap::new(),
        permissions: Permissions::default(),
        veil: Veil::default(),
    };
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let host = Arc::new(EphemeralHost::new(around, runtime).ending(Some(PATIENCE)));
    let control = Arc::new(Control::default());
    let ended = execute(script, arguments, host.clone(), &LIMITS, control);
    host.end();
    ended
}

/// Returns what starts the simulator, and makes the way to it.
fn connector(
    scenario: Scenario,
    clock: VirtualClock,
) -> Box<dyn Fn() -> Result<Link, Failure> + Send + Sync> {
    let simulator = OnceLock::new();
    Box::new(move || {
        let simulator = simulator.get_or_init(|| start(scenario.clone(), &clock));
        let url = Url::parse(simulator.url()).unwrap();
        let settings = api::Settings::new(url, Secret::new(simulator.key().to_owned()));
        let clock: Arc<dyn Clock> = Arc::new(clock.clone());
        let client = Client::new(settings, clock.clone(), Arc::new(Chance::from_seed(2)))?;
        Ok(Link::new(client, clock))
    })
}

fn start(scenario: Scenario, clock: &VirtualClock) -> Simulator {
    let mut settings = Settings::new().on_virtual(clock);
    settings.rate_limit = None;
    settings.room = 32 << 20;
    settings.scenario = scenario;
    let (sender, started) = channel();
    // Whoever asks is inside the runtime of its run, and must not wait in another one.
    SIMULATORS.spawn(async move { sender.send(Simulator::start(settings).await) });
    started.recv().unwrap().unwrap()
}
