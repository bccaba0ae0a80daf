//! A daemon with a project, a journal and a simulator of its own, all in this process.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use duvoscript::api;
use duvoscript::clock::{Clock, ScaledClock, SystemClock};
use duvoscript::ids::Chance;
use duvoscript::journal::Journal;
use duvoscript::run::{Link, Project};
use duvoscript::script::Limits;
use duvoscript::secret::{Secret, Veil};
use duvoscript::serve::{Daemon, Hooks, Listen, Parts, Served, Settings};
use duvoscript::simulator::{self, Scenario, Simulator};
use serde_json::json;
use tempfile::TempDir;

/// Text that must stay text wherever it is shown.
pub(crate) const MARKER: &str =
    "<img src=x onerror=\"window.broken=1\"><script>window.broken=1</script>";

/// What lets in.
pub(crate) const TOKEN: &str = "a token for the tests of the page";

const PROJECT: [(&str, &str); 4] = [
    ("duvoscript.toml", include_str!("project/duvoscript.toml")),
    ("scripts/report.rhai", include_str!("project/report.rhai")),
    ("scripts/close.rhai", include_str!("project/close.rhai")),
    ("scripts/fail.rhai", include_str!("project/fail.rhai")),
];

/// A daemon that serves until it is dropped.
pub(crate) struct Bed {
    pub(crate) daemon: Daemon,
    pub(crate) served: Served,
    pub(crate) journal: Journal,
    _simulator: Simulator,
    _folder: TempDir,
}

impl Bed {
    /// Starts it; simulated time goes twenty times as fast as real time.
    pub(crate) async fn new() -> Self {
        // Whoever comes second finds it installed.
        _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        write_project(folder.path());
        let clock: Arc<dyn Clock> = Arc::new(ScaledClock::new(SystemClock::new().now(), 20.0));
        let chance = Arc::new(Chance::from_seed(7));
        let simulator = simulator(Arc::clone(&clock)).await;
        let key = Secret::new(simulator.key().to_owned());
        let settings = api::Settings::new(simulator.url().parse().unwrap(), key);
        let client = api::Client::new(settings, Arc::clone(&clock), Arc::clone(&chance)).unwrap();
        let journal =
            Journal::open(&folder.path().join(".duvoscript"), Arc::clone(&clock)).unwrap();
        let parts = Parts {
            journal: journal.clone(),
            clock: Arc::clone(&clock),
            chance,
            project: Arc::new(Project::open(folder.path()).unwrap()),
            world: json!({ "simulator": simulator.url() }),
            link: Ok(Link::new(client, clock)),
            environment: BTreeMap::new(),
            veil: Veil::default(),
        };
        let settings = Settings {
            workers: 4,
            per_schedule: 2,
            grace: Duration::from_secs(2),
            limits: Limits::default(),
        };
        let daemon = Daemon::start(parts, &settings).unwrap();
        Self {
            served: serve(&daemon).await,
            daemon,
            journal,
            _simulator: simulator,
            _folder: folder,
        }
    }

    /// Begins a run of a script of the project, and returns its id.
    pub(crate) fn start(&self, script: &str) -> String {
        let run = self.daemon.desk().start(script, &BTreeMap::new()).unwrap();
        run.id
    }

    /// Waits until a run stands so.
    pub(crate) async fn until(&self, run: &str, state: &str) {
        for _ in 0..400 {
            if self.daemon.desk().run(run).unwrap().brief.state == state {
                return;
            }
            pause().await;
        }
        let run = self.daemon.desk().run(run).unwrap();
        panic!(
            "it is {}: {:?} {:?}",
            run.brief.state, run.brief.reason, run.problem
        );
    }

    /// Waits until so many things wait for a person, and returns their ids.
    pub(crate) async fn asked(&self, count: usize) -> Vec<String> {
        for _ in 0..400 {
            let items = self.daemon.desk().inbox().await.unwrap().items;
            if items.len() == count {
                return items.into_iter().map(|item| item.id).collect();
            }
            pause().await;
        }
        panic!("{:?}", self.daemon.desk().inbox().await.unwrap());
    }
}

/// Waits a moment of real time.
pub(crate) async fn pause() {
    SystemClock::new().sleep(Duration::from_millis(50)).await;
}

/// Writes the project of the tests into a folder.
pub(crate) fn write_project(folder: &Path) {
    std::fs::create_dir(folder.join("scripts")).unwrap();
    for (name, text) in PROJECT {
        std::fs::write(
            folder.join(name),
            text.replace("MARKER", &MARKER.replace('"', "\\\"")),
        )
        .unwrap();
    }
}

async fn simulator(clock: Arc<dyn Clock>) -> Simulator {
    let text = include_str!("project/company.toml").replace("MARKER", MARKER);
    let settings = simulator::Settings {
        clock,
        scenario: Scenario::parse("company.toml", &text).unwrap(),
        ..simulator::Settings::new()
    };
    Simulator::start(settings).await.unwrap()
}

async fn serve(daemon: &Daemon) -> Served {
    let listen = Listen {
        address: "127.0.0.1:0".parse().unwrap(),
        tls: None,
        insecure_remote: false,
        hosts: Vec::new(),
    };
    let hooks = Hooks {
        secret: Secret::new("a secret of the hooks".to_owned()),
        signature: None,
    };
    let token = Secret::new(TOKEN.to_owned());
    Served::start(daemon.desk(), &listen, token, hooks)
        .await
        .unwrap()
}
