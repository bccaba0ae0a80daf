//! A simulator in simulated time, the real client, and the steps that lead up to a call.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use duvoscript::api::{Client, Response, Settings as ClientSettings, Upload};
use duvoscript::catalog::{self, Call};
use duvoscript::clock::{Clock, VirtualClock};
use duvoscript::ids::Chance;
use duvoscript::report::Failure;
use duvoscript::run::{Found, Lost, look_up};
use duvoscript::secret::Secret;
use duvoscript::simulator::{Settings, Simulator};
use jiff::Timestamp;
use serde_json::Value;

use crate::learned::{Learned, pick};
use crate::sample::{self, Extent};
use crate::steps::{Act, Made, Step};

/// A simulator with a client.
pub(crate) struct Ground {
    simulator: Simulator,
    pub(crate) clock: VirtualClock,
    client: Client,
    learned: Learned,
    calls: usize,
}

impl Ground {
    /// Starts the built-in company, and takes some steps.
    pub(crate) async fn after(steps: &[Step]) -> Self {
        let clock = VirtualClock::new("2026-01-05T08:00:00Z".parse().unwrap());
        let mut settings = Settings::new().on_virtual(&clock);
        settings.rate_limit = None;
        let simulator = Simulator::start(settings).await.unwrap();
        let mut ground = Self {
            client: client(&simulator, &clock, None),
            simulator,
            clock,
            learned: Learned::default(),
            calls: 0,
        };
        for (list, name, pointer) in [
            ("teams.list", "team_id", "/teams/0/id"),
            ("teams.profile", "user_id", "/profile/id"),
            (
                "organizations.list",
                "org_id",
                "/memberships/0/organization/id",
            ),
        ] {
            let answer = ground.succeed(&read(list)).await;
            assert!(ground.learned.learn(name, &answer, pointer), "{list}");
        }
        let team = Some(ground.learned.team());
        ground.client = client(&ground.simulator, &ground.clock, team);
        // What the company has had from its start is older than anything here.
        ground.clock.advance(Duration::from_secs(3600));
        ground.take(steps).await;
        ground
    }

    /// Takes steps, all of which must succeed.
    pub(crate) async fn take(&mut self, steps: &[Step]) {
        for step in steps {
            match &step.act {
                Act::Call(made) => {
                    let answer = self.succeed(made).await;
                    self.learn(made, &answer);
                }
                Act::Until(pointer, value, made) => self.until(pointer, value, made).await,
                Act::Wait(span) => self.clock.advance(*span),
                Act::Put(url, media, content) => self.put(url, media, content).await,
                Act::Open(url) => self.open(url).await,
                Act::Refused(..) | Act::Again => panic!("{}: no step of a trial", step.place),
            }
        }
    }

    async fn succeed(&mut self, made: &Made) -> Value {
        let call = self.call_of(made);
        let outcome = self.send(&call).await;
        let response = outcome.unwrap_or_else(|failure| panic!("{failure}"));
        serde_json::from_slice(&response.body).unwrap_or_default()
    }

    fn learn(&mut self, made: &Made, answer: &Value) {
        for (name, pointer) in &made.learns {
            let found = self.learned.learn(name, answer, pointer);
            assert!(found, "{}: no `{pointer}` in {answer}", made.endpoint.name);
        }
    }

    async fn until(&mut self, pointer: &str, value: &str, made: &Made) {
        for _ in 0..200 {
            let answer = self.succeed(made).await;
            if pick(&answer, pointer).is_some_and(|seen| seen == value) {
                return self.learn(made, &answer);
            }
            self.clock.advance(Duration::from_secs(1));
        }
        panic!("{}: `{pointer}` never became `{value}`", made.endpoint.name);
    }

    async fn put(&self, url: &str, media: &str, content: &str) {
        let upload = Upload {
            part: String::new(),
            file_name: String::new(),
            content_type: media.to_owned(),
            bytes: content.to_owned().into(),
            fields: Vec::new(),
        };
        let url = self.known(url);
        self.client.upload(&url, media, upload).await.unwrap();
    }

    async fn open(&self, url: &str) {
        let page = duvoscript::api::outside_client();
        page.unwrap().get(self.known(url)).send().await.unwrap();
    }

    fn known(&self, name: &str) -> String {
        let value = self.learned.filled_in(&name.into()).unwrap();
        value.as_str().unwrap().to_owned()
    }

    /// Returns a written call as one that can be made.
    pub(crate) fn call_of(&self, made: &Made) -> Call {
        let endpoint = made.endpoint;
        let path = self.learned.path_of(made).unwrap();
        let ids = |name: &str| self.learned.id(name);
        let mut fields = sample::fields(endpoint.given_fields(), Extent::Least, &ids);
        for (name, value) in &made.fields {
            fields.insert(name.clone(), self.learned.filled_in(value).unwrap());
        }
        catalog::check_call(endpoint, &path, &mut fields).unwrap();
        Call {
            endpoint,
            path,
            fields,
        }
    }

    /// Makes a call.
    pub(crate) async fn send(&mut self, call: &Call) -> Result<Response, Failure> {
        self.calls += 1;
        let key = format!("trial-{}", self.calls);
        self.client.call(call, None, &key).await
    }

    /// Makes a call that is carried out, and whose answer is cut off.
    ///
    /// Returns the answer: the simulator gives it again to whoever has the same key.
    pub(crate) async fn lose(&mut self, call: &Call) -> Value {
        self.spoil(r#"{"kind": "reset_after"}"#).await;
        let outcome = self.send(call).await;
        self.mend().await;
        assert!(outcome.is_err(), "{}: it was not lost", call.endpoint.name);
        let key = format!("trial-{}", self.calls);
        let again = self.client.call(call, None, &key).await;
        let again = again.unwrap_or_else(|failure| panic!("{failure}"));
        serde_json::from_slice(&again.body).unwrap_or_default()
    }

    /// Looks up a call that nothing else is known to have made anything of.
    pub(crate) async fn look_up(&self, call: &Call, intent_at: Timestamp) -> Found {
        let taken = HashSet::new();
        let lost = Lost {
            call,
            intent_at,
            taken: &taken,
        };
        let found = look_up(&self.client, &lost, &self.clock).await;
        found.unwrap_or_else(|failure| panic!("{}: {failure}", call.endpoint.name))
    }

    /// Returns how many calls have come that may change something.
    pub(crate) fn changes(&self) -> usize {
        self.simulator.ledger().as_array().map_or(0, Vec::len)
    }

    /// Returns the time.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn spoil(&self, rule: &str) {
        self.control(reqwest::Method::POST, rule).await;
    }

    async fn mend(&self) {
        self.control(reqwest::Method::DELETE, "").await;
    }

    async fn control(&self, method: reqwest::Method, body: &str) {
        let url = format!("{}/_sim/faults", self.simulator.url());
        let client = duvoscript::api::outside_client().unwrap();
        let sent = client.request(method, url).body(body.to_owned()).send();
        assert!(sent.await.unwrap().status().is_success());
    }
}

fn client(simulator: &Simulator, clock: &VirtualClock, team: Option<String>) -> Client {
    let url = simulator.url().parse().unwrap();
    let mut settings = ClientSettings::new(url, Secret::new(simulator.key().to_owned()));
    settings.team = team;
    let chance = Arc::new(Chance::from_seed(1));
    Client::new(settings, Arc::new(clock.clone()), chance).unwrap()
}

fn read(name: &str) -> Made {
    Made {
        endpoint: catalog::by_name(name).unwrap(),
        args: Vec::new(),
        fields: serde_json::Map::new(),
        learns: Vec::new(),
    }
}
