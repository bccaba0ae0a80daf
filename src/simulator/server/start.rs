//! Starting and stopping a simulator.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::admission::Admission;
use super::fault::{Faults, Rule};
use super::ledger::Ledger;
use super::listen;
use super::room::Room;
use super::routes::Routes;
use super::serve::{Inner, Shared};
use super::webhook::Post;
use crate::report::Problem;
use crate::simulator::scenario::settle;
use crate::simulator::settings::Settings;
use crate::simulator::world::{Dice, World};

/// Why a simulator cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// The port is taken, or not allowed.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Listen {
        /// The port.
        port: u16,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
}

impl From<SimulatorError> for Problem {
    fn from(error: SimulatorError) -> Self {
        let SimulatorError::Listen { source, .. } = &error;
        let mut problem = Self::usage(error.to_string());
        problem.causes.push(source.to_string());
        problem.hints.push("port 0 takes a free one".into());
        problem
    }
}

/// A running simulator; dropping it stops it.
#[derive(Debug)]
pub struct Simulator {
    shared: Arc<Shared>,
    url: String,
    key: String,
    tasks: Vec<JoinHandle<()>>,
}

impl Simulator {
    /// Starts a simulator on the present runtime.
    pub async fn start(settings: Settings) -> Result<Self, SimulatorError> {
        let port = settings.port;
        let cannot = |source| SimulatorError::Listen { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(cannot)?;
        let url = format!("http://{}", listener.local_addr().map_err(cannot)?);
        let inner = fresh(&settings, url.clone());
        let key = inner.world.key.clone();
        let has_background = settings.background;
        let shared = Arc::new(Shared {
            settings,
            routes: Routes::new(),
            planned: Notify::new(),
            inner: Mutex::new(inner),
        });
        let mut tasks = vec![tokio::spawn(listen::listen(listener, Arc::clone(&shared)))];
        if has_background {
            tasks.push(tokio::spawn(listen::run_background(Arc::clone(&shared))));
        }
        Ok(Self {
            shared,
            url,
            key,
            tasks,
        })
    }

    /// Returns the base URL, such as `http://127.0.0.1:4010`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the bearer key that is accepted.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Returns the whole state of the world, as `/_sim/state` does.
    pub fn state(&self) -> Value {
        serde_json::to_value(&self.shared.lock().world).unwrap_or_default()
    }

    /// Adds a fault rule, or a list of them, as `/_sim/faults` does; says what is wrong with it.
    pub fn add_faults(&self, rules: Value) -> Result<(), String> {
        let list = match rules {
            Value::Array(rules) => rules,
            rule => vec![rule],
        };
        let rules = list.into_iter().map(serde_json::from_value);
        let rules: Vec<Rule> = rules
            .collect::<Result<_, _>>()
            .map_err(|fault| fault.to_string())?;
        rules.iter().try_for_each(Rule::check)?;
        self.shared.lock().faults.add(rules);
        Ok(())
    }

    /// Returns the mutations received so far, as `/_sim/ledger` does.
    pub fn ledger(&self) -> Value {
        serde_json::to_value(&self.shared.lock().ledger).unwrap_or_default()["entries"].take()
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Returns a world as it is at the start, with an empty ledger.
pub(super) fn fresh(settings: &Settings, base: String) -> Inner {
    let mut world = World::new(settings.seed, settings.clock.now());
    world.base = base;
    world.deprecated = settings.deprecated;
    let scenario = Arc::new(settings.scenario.clone());
    settle(&mut world, &scenario);
    Inner {
        world,
        admission: Admission::default(),
        ledger: Ledger::default(),
        faults: Faults::new(scenario.fault.clone(), settings.seed),
        post: Post::default(),
        room: Room::new(settings.room),
        dice: Dice::new(settings.seed ^ 0xca11_bac5),
    }
}
