//! Walks over the API step by step through the real client, and has every exchange judged.
//!
//! A step that fails does not end the walk: what depends on it fails too and is told, and the rest
//! is still seen. After the first success of an endpoint its query fields are tried one by one, and
//! its refusals.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use duvoscript::api::{Client, Patience, Response, Settings, Upload};
use duvoscript::catalog::{self, Call, Endpoint, Kind, Repeat};
use duvoscript::clock::{Clock, SystemClock, VirtualClock};
use duvoscript::ids::Chance;
use duvoscript::report::Failure;
use duvoscript::secret::Secret;
use serde_json::Value;

use super::coverage::Coverage;
use super::document::Promises;
use super::exceptions::{self, Allowance};
use super::judge::{self, Complaint};
use super::learned::{Learned, TEAM, pick};
use super::recorder::{Recorder, plain_client};
use super::sample::{self, Extent};
use super::steps::{Act, Made, Step};
use super::variants;

/// Fewer than the rate limit allows at once: nobody here has a minute to wait.
const CALLS_A_CLIENT: usize = 200;

/// A walk, with what was learned and seen on it.
pub(crate) struct Walk<'a> {
    promises: &'a Promises,
    pub(crate) coverage: Coverage,
    recorder: Recorder,
    key: String,
    clock: VirtualClock,
    pub(crate) client: Client,
    /// A client whose key is wrong.
    stranger: Client,
    pub(crate) learned: Learned,
    tried: BTreeSet<&'static str>,
    /// The last call of every reading endpoint.
    reads: BTreeMap<&'static str, Call>,
    calls: usize,
    place: String,
}

/// What is wanted of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Success,
    Refusal(u16),
}

impl<'a> Walk<'a> {
    /// Starts a walk over a simulator, whose time goes by on `clock` alone.
    pub(crate) async fn start(
        promises: &'a Promises,
        (url, key): (&str, &str),
        clock: VirtualClock,
    ) -> Self {
        let recorder = Recorder::start(url).await;
        let of_key = |key| client(recorder.url(), key, None);
        let (client, stranger) = (of_key(key), of_key("wrong-key"));
        Self {
            promises,
            coverage: Coverage::default(),
            recorder,
            key: key.to_owned(),
            clock,
            client,
            stranger,
            learned: Learned::default(),
            tried: BTreeSet::new(),
            reads: BTreeMap::new(),
            calls: 0,
            place: String::new(),
        }
    }

    /// Takes steps, one after the other.
    pub(crate) async fn take(&mut self, steps: Vec<Step>) {
        for step in steps {
            self.place = step.place;
            self.act(step.act).await;
        }
    }

    async fn act(&mut self, act: Act) {
        match act {
            Act::Call(made) => {
                if let Some(answer) = self.succeed(&made).await {
                    self.learn(&made, &answer);
                }
            }
            Act::Refused(status, made) => {
                if let Some(call) = self.call_of(&made) {
                    self.send(&call, Wanted::Refusal(status)).await;
                }
            }
            Act::Until(pointer, value, made) => self.until(&pointer, &value, &made).await,
            Act::Wait(span) => self.clock.advance(span),
            Act::Put(url, media, content) => {
                let put = |client: reqwest::Client, url: &str| {
                    client.put(url).header("content-type", media).body(content)
                };
                self.visit(&url, put).await;
            }
            Act::Again => self.again().await,
            Act::Open(url) => self.visit(&url, |client, url| client.get(url)).await,
        }
    }

    async fn succeed(&mut self, made: &Made) -> Option<Value> {
        let call = self.call_of(made)?;
        let answer = self.send(&call, Wanted::Success).await?;
        if made.endpoint.repeat == Repeat::Read {
            self.reads.insert(made.endpoint.name, call.clone());
        }
        if self.tried.insert(made.endpoint.name) {
            variants::attempt(self, &call).await;
        }
        Some(answer)
    }

    /// Reads everything once more; what is no longer there may be refused.
    async fn again(&mut self) {
        for call in self.reads.clone().values() {
            let key = self.next_key();
            let outcome = self.client.call(call, None, &key).await;
            let refused = outcome.as_ref().err().and_then(|failure| failure.status);
            let wanted = refused.map_or(Wanted::Success, Wanted::Refusal);
            self.judge(call.endpoint, outcome, wanted, false);
        }
    }

    fn learn(&mut self, made: &Made, answer: &Value) {
        for (name, pointer) in &made.learns {
            if !self.learned.learn(name, answer, pointer) {
                self.complain(made.endpoint, &format!("the answer holds no `{pointer}`"));
            }
            if name == TEAM {
                self.renew_clients();
            }
        }
    }

    async fn until(&mut self, pointer: &str, value: &str, made: &Made) {
        const MOST: usize = 200;
        let mut seen = Value::Null;
        for _ in 0..MOST {
            let Some(answer) = self.succeed(made).await else {
                return;
            };
            seen = pick(&answer, pointer).cloned().unwrap_or_default();
            if seen == value {
                self.learn(made, &answer);
                return;
            }
            self.clock.advance(Duration::from_secs(1));
        }
        self.complain(
            made.endpoint,
            &format!("`{pointer}` never became `{value}`, but is {seen}"),
        );
    }

    /// Sends what is no call of the API to a URL that an answer has named.
    async fn visit(
        &mut self,
        url: &str,
        request: impl FnOnce(reqwest::Client, &str) -> reqwest::RequestBuilder,
    ) {
        let found = self.learned.filled_in(&Value::from(url));
        let status = match found.as_ref().map(Value::as_str) {
            Ok(Some(url)) => match request(plain_client(), url).send().await {
                Ok(answer) => answer.status().to_string(),
                Err(error) => error.to_string(),
            },
            _ => "it is not known".to_owned(),
        };
        // The URL may lead through the recorder, but no endpoint of the API is behind it.
        drop(self.recorder.take());
        if !status.starts_with(['2', '3']) {
            let complaint = Complaint::anywhere(url, format!("cannot be used: {status}"));
            self.coverage.complain(&self.place, complaint);
        }
    }

    /// Returns a written call as one that can be made, checked as a script's would be.
    fn call_of(&mut self, made: &Made) -> Option<Call> {
        let endpoint = made.endpoint;
        let built = self.learned.path_of(made).and_then(|path| {
            let ids = |name: &str| self.learned.id(name);
            let mut fields = sample::fields(endpoint.given_fields(), Extent::Least, &ids);
            for (name, value) in &made.fields {
                fields.insert(name.clone(), self.learned.filled_in(value)?);
            }
            let checked = catalog::check_call(endpoint, &path, &mut fields);
            checked.map_err(|fault| fault.to_string())?;
            Ok(Call {
                endpoint,
                path,
                fields,
            })
        });
        built.map_err(|what| self.complain(endpoint, &what)).ok()
    }

    /// Takes new clients, which work in the team that was learned.
    fn renew_clients(&mut self) {
        let team = Some(self.learned.team()).filter(|team| !team.is_empty());
        self.client = client(self.recorder.url(), &self.key, team.clone());
        self.stranger = client(self.recorder.url(), "wrong-key", team);
    }

    /// Makes a call and returns its answer when it is the wanted success.
    pub(crate) async fn send(&mut self, call: &Call, wanted: Wanted) -> Option<Value> {
        let key = self.next_key();
        let outcome = self.client.call(call, upload(call), &key).await;
        self.judge(call.endpoint, outcome, wanted, false)
    }

    /// The same, by somebody whose key is not known.
    pub(crate) async fn send_as_stranger(&mut self, call: &Call) -> Option<Value> {
        let key = self.next_key();
        let outcome = self.stranger.call(call, upload(call), &key).await;
        self.judge(call.endpoint, outcome, Wanted::Refusal(401), false)
    }

    /// Returns an idempotency key that no other call has.
    pub(crate) fn next_key(&mut self) -> String {
        self.calls += 1;
        // A new client has a new rate budget.
        if self.calls.is_multiple_of(CALLS_A_CLIENT) {
            self.renew_clients();
        }
        format!("conformance-{}", self.calls)
    }

    /// Judges what has passed since the last call, and whether it came out as wanted; `is_wrong`
    /// tells that the request breaks the rules on purpose.
    pub(crate) fn judge(
        &mut self,
        endpoint: &'static Endpoint,
        outcome: Result<Response, Failure>,
        wanted: Wanted,
        is_wrong: bool,
    ) -> Option<Value> {
        let mut last = 0;
        for exchange in self.recorder.take() {
            last = exchange.status.as_u16();
            let found = judge::judge(self.promises, &exchange, is_wrong);
            match judge::endpoint_of(&exchange) {
                Some(endpoint) if found.is_empty() => {
                    self.coverage.note(endpoint, last);
                    self.note_filled(endpoint, &exchange.answered.json());
                }
                _ => {}
            }
            for complaint in found {
                self.coverage.complain(&self.place, complaint);
            }
        }
        self.judge_redirected(endpoint, &outcome, last);
        let is_refused = exceptions::has(endpoint, Allowance::AlwaysRefused);
        match (outcome, wanted) {
            (Ok(response), Wanted::Success) => {
                return Some(serde_json::from_slice(&response.body).unwrap_or_default());
            }
            (Err(failure), Wanted::Refusal(status)) if failure.status == Some(status) => {}
            (Err(failure), _) if is_refused && failure.status == Some(405) => {
                return Some(Value::Null);
            }
            (Err(failure), Wanted::Success) => {
                self.complain(endpoint, &format!("failed: {failure}"));
            }
            (Err(failure), Wanted::Refusal(status)) => {
                self.complain(endpoint, &format!("{status} wanted, but: {failure}"));
            }
            (Ok(response), Wanted::Refusal(status)) => {
                self.complain(
                    endpoint,
                    &format!("{status} wanted, but {} came", response.status),
                );
            }
        }
        None
    }

    /// What the client makes of a successor's answer is judged by the old endpoint's promises.
    fn judge_redirected(
        &mut self,
        endpoint: &'static Endpoint,
        outcome: &Result<Response, Failure>,
        last: u16,
    ) {
        if !exceptions::has(endpoint, Allowance::Redirect) {
            return;
        }
        let Some(operation) = self.promises.of(endpoint) else {
            return;
        };
        let found = match outcome {
            Ok(response) => {
                let answer = serde_json::from_slice(&response.body).unwrap_or_default();
                judge::judge_value(operation, response.status, &answer)
            }
            Err(_) => Vec::new(),
        };
        if found.is_empty() && operation.answers.contains_key(&last) {
            self.coverage.note(endpoint, last);
        }
        for complaint in found {
            self.coverage.complain(&self.place, complaint);
        }
    }

    fn note_filled(&mut self, endpoint: &'static Endpoint, answer: &Value) {
        let list = match endpoint.list {
            Some(".") => answer.as_array(),
            Some(key) => answer[key].as_array(),
            None => None,
        };
        if list.is_some_and(|list| !list.is_empty()) {
            self.coverage.note_filled(endpoint);
        }
    }

    fn complain(&mut self, endpoint: &'static Endpoint, what: &str) {
        let complaint = Complaint::new(endpoint, "call", what);
        self.coverage.complain(&self.place, complaint);
    }
}

fn client(url: &str, key: &str, team: Option<String>) -> Client {
    let mut settings = Settings::new(url.parse().unwrap(), Secret::new(key.to_owned()));
    settings.team = team;
    settings.patience = Patience {
        unreachable: Duration::ZERO,
        failing: Duration::ZERO,
        limited: Duration::ZERO,
    };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    Client::new(settings, clock, Arc::new(Chance::from_seed(1))).unwrap()
}

/// The content of a file is what its field holds.
fn upload(call: &Call) -> Option<Upload> {
    let fields = call.endpoint.body.as_ref()?.fields;
    let file = fields
        .iter()
        .find(|field| matches!(field.shape.kind, Kind::File))?;
    let content = call.fields.get(file.name)?.as_str()?;
    Some(Upload {
        part: String::new(),
        file_name: "SKILL.md".into(),
        content_type: "text/markdown".into(),
        bytes: Bytes::from(content.to_owned()),
        fields: Vec::new(),
    })
}
