//! A simulator with Jobs of given ages that end at given times, and a poller that looks at them.

use std::sync::Arc;
use std::time::Duration;

use duvoscript::api::{Client, Settings};
use duvoscript::catalog::{Call, by_name};
use duvoscript::clock::{Clock, VirtualClock};
use duvoscript::ids::Chance;
use duvoscript::report::Failure;
use duvoscript::run::Poller;
use duvoscript::script::WaitJob;
use duvoscript::secret::Secret;
use duvoscript::simulator::{self, Scenario, Simulator};
use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use url::Url;

use crate::tap::Tap;

const COMPANY: &str = r#"
    [[team]]
    name = "Returns"

    [[member]]
    name = "Kim"
    email = "kim@example.com"
    role = "admin"

    [[assignment]]
    name = "Clerk"
"#;

/// A Job to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// How long ago it was created.
    pub(crate) age: Duration,
    /// When it ends from now on; never, if `None`.
    pub(crate) ends: Option<Duration>,
}

impl Plan {
    pub(crate) fn of(age: u64, ends: impl Into<Option<u64>>) -> Self {
        Self {
            age: Duration::from_secs(age),
            ends: ends.into().map(Duration::from_secs),
        }
    }
}

/// A world with Jobs.
pub(crate) struct World {
    pub(crate) clock: VirtualClock,
    pub(crate) poller: Poller,
    pub(crate) tap: Tap,
    pub(crate) client: Client,
    /// The ids of the Jobs, in the order of their plans.
    pub(crate) jobs: Vec<String>,
    address: String,
    pub(crate) simulator: Simulator,
}

/// A wait that is over.
#[derive(Debug)]
pub(crate) struct Ended {
    /// When, since the start.
    pub(crate) at: Duration,
    pub(crate) outcome: Result<Value, Failure>,
}

impl World {
    /// Starts a world under a limit of requests a minute.
    pub(crate) async fn with(limit: u32, plans: &[Plan]) -> Self {
        let clock = VirtualClock::new("2026-01-05T08:00:00Z".parse().unwrap());
        let mut settings = simulator::Settings::new().on_virtual(&clock);
        settings.rate_limit = Some(limit);
        settings.scenario = Scenario::parse("world.toml", COMPANY).unwrap();
        let simulator = Simulator::start(settings).await.unwrap();
        let address = simulator.url().trim_start_matches("http://").to_owned();
        let jobs = settle(&simulator, &address, &clock, plans).await;
        let tap = Tap::before(address.parse().unwrap(), clock.clone()).await;
        let url = Url::parse(&format!("http://{}", tap.address)).unwrap();
        let mut settings = Settings::new(url, Secret::new(simulator.key().to_owned()));
        settings.team = simulator.state()["teams"]["teams"][0]["id"]
            .as_str()
            .map(str::to_owned);
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let chance = Arc::new(Chance::from_seed(1));
        let client = Client::new(settings, Arc::clone(&shared), chance).unwrap();
        Self {
            poller: Poller::new(client.clone(), shared),
            clock,
            tap,
            client,
            jobs,
            address,
            simulator,
        }
    }

    /// Waits for a Job in a task of its own, which takes part in the clock.
    pub(crate) fn wait(&self, job: usize, timeout: u64) -> JoinHandle<Ended> {
        let id = self.jobs[job].clone();
        self.wait_for(&wait(&id, &[], timeout))
    }

    pub(crate) fn wait_for(&self, wait: &WaitJob) -> JoinHandle<Ended> {
        let (poller, clock, wait) = (self.poller.clone(), self.clock.clone(), wait.clone());
        let awake = clock.join();
        tokio::spawn(async move {
            let outcome = poller.wait(&wait, &|_| ()).await;
            let at = clock.elapsed();
            drop(awake);
            let outcome = outcome.map(|body| serde_json::from_slice(&body).unwrap());
            Ended { at, outcome }
        })
    }

    /// Lays down rules for faults.
    pub(crate) async fn spoil(&self, rules: Value) {
        control(&self.address, "POST", "faults", &rules).await;
    }
}

/// Returns a wait for a Job, in seconds.
pub(crate) fn wait(job: &str, until: &[&str], timeout: u64) -> WaitJob {
    WaitJob {
        job: job.to_owned(),
        until: until.iter().map(ToString::to_string).collect(),
        timeout: Duration::from_secs(timeout),
    }
}

/// Puts Jobs into a simulator, all at once.
async fn settle(
    simulator: &Simulator,
    address: &str,
    clock: &VirtualClock,
    plans: &[Plan],
) -> Vec<String> {
    let mut state = simulator.state();
    let ids: Vec<_> = (1..=plans.len())
        .map(|number| uuid::Uuid::from_u128(number as u128).to_string())
        .collect();
    let mut order: Vec<_> = (0..plans.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(plans[*index].age));
    let now = clock.now();
    for index in order {
        let (plan, id) = (plans[index], &ids[index]);
        let created = now.checked_sub(plan.age).unwrap();
        let row = json!({
            "id": id,
            "team_id": state["teams"]["teams"][0]["id"],
            "number": index + 1,
            "agent_id": state["assignments"]["rows"][0]["id"],
            "setup_id": state["setups"]["rows"][0]["id"],
            "user_id": null,
            "title": "A return",
            "status": "running",
            "source": "api",
            "created_at": created,
            "updated_at": created,
            "messages": [],
            "requests": [],
            "plan": [],
            "course": 0,
            "prompts": 0,
        });
        push(&mut state["jobs"]["rows"], row);
        push(&mut state["jobs"]["unfinished"], json!(id));
        if let Some(ends) = plan.ends {
            let at = now.checked_add(ends).unwrap();
            push(
                &mut state["events"],
                json!([at, { "Step": { "job": id, "course": 0 } }]),
            );
        }
    }
    control(address, "PUT", "state", &state).await;
    ids
}

fn push(list: &mut Value, item: Value) {
    list.as_array_mut().unwrap().push(item);
}

/// Asks the simulator itself for something.
async fn control(address: &str, method: &str, name: &str, body: &Value) {
    let body = body.to_string();
    let request = format!(
        "{method} /_sim/{name} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut line = TcpStream::connect(address).await.unwrap();
    line.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    line.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// Returns a call of the catalog.
pub(crate) fn call(name: &str, path: &[&str], fields: Value) -> Call {
    Call {
        endpoint: by_name(name).unwrap(),
        path: path.iter().map(ToString::to_string).collect(),
        fields: fields.as_object().cloned().unwrap_or_else(Map::new),
    }
}
