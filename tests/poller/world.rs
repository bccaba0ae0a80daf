//! A simulator with Jobs of given ages that end at given times, and a poller that looks at them.

use std::sync::Arc;
use std::time::Duration;

use duvoscript::api::{Client, Settings};
use duvoscript::catalog::{Call, by_name};
use duvoscript::clock::{Clock, Participant, VirtualClock};
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
    /// When it goes on from now on; never, if `None`.
    pub(crate) next: Option<Duration>,
    /// Whether it then asks a person, and does not end.
    pub(crate) asks: bool,
    /// Whether it belongs to another user, so that no list shows it.
    pub(crate) is_unlisted: bool,
}

impl Plan {
    /// Plans a Job of an age that ends in so many seconds.
    pub(crate) fn of(age: u64, ends: impl Into<Option<u64>>) -> Self {
        Self {
            age: Duration::from_secs(age),
            next: ends.into().map(Duration::from_secs),
            asks: false,
            is_unlisted: false,
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
    simulator: Simulator,
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
        let settings = simulator::Settings::new().on_virtual(&clock);
        let (simulator, jobs) = serve(settings, limit, plans).await;
        let tap = Tap::before(address(&simulator).parse().unwrap(), clock.clone()).await;
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let client = client(&simulator, &tap.address.to_string(), &shared);
        Self {
            poller: Poller::new(client.clone(), shared),
            clock,
            tap,
            client,
            jobs,
            simulator,
        }
    }

    /// Starts a simulator on any clock, and a poller; returns the ids of the Jobs too.
    pub(crate) async fn bare(
        clock: &Arc<dyn Clock>,
        plans: &[Plan],
    ) -> (Poller, Vec<String>, Simulator) {
        let mut settings = simulator::Settings::new();
        settings.clock = Arc::clone(clock);
        let (simulator, jobs) = serve(settings, 300, plans).await;
        let client = client(&simulator, address(&simulator), clock);
        (Poller::new(client, Arc::clone(clock)), jobs, simulator)
    }

    /// Waits for the end of a Job in a task of its own, which takes part in the clock.
    pub(crate) fn wait(&self, job: usize, timeout: u64) -> JoinHandle<Ended> {
        self.wait_for(&wait(&self.jobs[job], &[], timeout))
    }

    /// Waits for the ends of all Jobs, and returns what came of it in the order of the plans.
    pub(crate) async fn wait_for_all(&self, timeout: u64) -> Vec<Ended> {
        let director = self.take_part();
        let waits: Vec<_> = (0..self.jobs.len())
            .map(|job| self.wait(job, timeout))
            .collect();
        drop(director);
        let mut ended = Vec::new();
        for wait in waits {
            ended.push(soon(wait).await.unwrap());
        }
        ended
    }

    /// Waits in a task of its own, which takes part in the clock.
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

    /// Keeps simulated time from going on by itself for as long as it is kept.
    pub(crate) fn take_part(&self) -> Participant {
        self.clock.join()
    }

    /// Lets time pass for whoever takes part in the clock.
    pub(crate) async fn pass(&self, seconds: f64) {
        soon(self.clock.sleep(Duration::from_secs_f64(seconds))).await;
    }

    /// Lays down rules for faults.
    pub(crate) async fn spoil(&self, rules: Value) {
        control(address(&self.simulator), "POST", "faults", &rules).await;
    }
}

/// Waits for what should take no real time; simulated time that stands still must not hang a test.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    let longest = Duration::from_secs(120);
    tokio::time::timeout(longest, future)
        .await
        .expect("time stands still")
}

/// Returns a wait for a Job, in seconds.
pub(crate) fn wait(job: &str, until: &[&str], timeout: u64) -> WaitJob {
    WaitJob {
        job: job.to_owned(),
        until: until.iter().map(ToString::to_string).collect(),
        timeout: Duration::from_secs(timeout),
    }
}

fn address(simulator: &Simulator) -> &str {
    simulator.url().trim_start_matches("http://")
}

fn client(simulator: &Simulator, address: &str, clock: &Arc<dyn Clock>) -> Client {
    let url = Url::parse(&format!("http://{address}")).unwrap();
    let mut settings = Settings::new(url, Secret::new(simulator.key().to_owned()));
    settings.team = simulator.state()["teams"]["teams"][0]["id"]
        .as_str()
        .map(str::to_owned);
    Client::new(settings, Arc::clone(clock), Arc::new(Chance::from_seed(1))).unwrap()
}

/// Starts a simulator with Jobs; returns their ids too.
async fn serve(
    mut settings: simulator::Settings,
    limit: u32,
    plans: &[Plan],
) -> (Simulator, Vec<String>) {
    settings.rate_limit = Some(limit);
    settings.scenario = Scenario::parse("world.toml", COMPANY).unwrap();
    let now = settings.clock.now();
    let simulator = Simulator::start(settings).await.unwrap();
    let mut state = simulator.state();
    let ids: Vec<_> = (1..=plans.len())
        .map(|number| uuid::Uuid::from_u128(number as u128).to_string())
        .collect();
    let mut order: Vec<_> = (0..plans.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(plans[*index].age));
    for index in order {
        let (plan, id) = (plans[index], &ids[index]);
        let created = now.checked_sub(plan.age).unwrap();
        let row = json!({
            "id": id,
            "team_id": state["teams"]["teams"][0]["id"],
            "number": index + 1,
            "agent_id": state["assignments"]["rows"][0]["id"],
            "setup_id": state["setups"]["rows"][0]["id"],
            "user_id": plan.is_unlisted.then(|| uuid::Uuid::from_u128(u128::MAX)),
            "title": "A return",
            "status": "running",
            "source": "api",
            "created_at": created,
            "updated_at": created,
            "messages": [],
            "requests": [],
            "plan": if plan.asks { json!([{ "approve": "Refund it?" }]) } else { json!([]) },
            "course": 0,
            "prompts": 0,
        });
        push(&mut state["jobs"]["rows"], row);
        push(&mut state["jobs"]["unfinished"], json!(id));
        if let Some(next) = plan.next {
            let at = now.checked_add(next).unwrap();
            push(
                &mut state["events"],
                json!([at, { "Step": { "job": id, "course": 0 } }]),
            );
        }
    }
    control(address(&simulator), "PUT", "state", &state).await;
    (simulator, ids)
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

/// Returns a call of the catalog without fields.
pub(crate) fn call(name: &str, path: &[&str]) -> Call {
    Call {
        endpoint: by_name(name).unwrap(),
        path: path.iter().map(ToString::to_string).collect(),
        fields: Map::new(),
    }
}
