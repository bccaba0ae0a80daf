//! A server that says what a test wants, page by page, with a clock of its own.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use duvoscript::api::{Client, Settings};
use duvoscript::catalog::{Call, by_name};
use duvoscript::clock::{Clock, VirtualClock};
use duvoscript::ids::Chance;
use duvoscript::report::Failure;
use duvoscript::run::{Found, Lost, look_up};
use duvoscript::secret::Secret;
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// The team that calls are made in.
const TEAM: &str = "7b6a4a0e-0000-4000-8000-000000000001";

/// What a path answers, call by call: status and body.
type Answers = VecDeque<(u16, Value)>;

/// A server of a few paths; the last answer of a path is given for ever.
#[derive(Clone)]
pub(crate) struct Stub {
    answers: Arc<Mutex<BTreeMap<String, Answers>>>,
    asked: Arc<Mutex<Vec<String>>>,
    pub(crate) clock: VirtualClock,
    /// How far the server's clock is ahead.
    ahead: SignedDuration,
}

impl Stub {
    /// Returns a server whose clock is ahead by some seconds.
    pub(crate) fn ahead_by(seconds: i64) -> Self {
        let stub = Self::new(seconds);
        stub.says("/v2/profile", json!({ "profile": { "id": "me" } }));
        stub
    }

    /// Returns a server that does not tell who the key belongs to.
    pub(crate) fn of_nobody() -> Self {
        let stub = Self::new(0);
        stub.refuses("/v2/profile", 403, json!({ "error": "forbidden" }));
        stub
    }

    fn new(seconds: i64) -> Self {
        Self {
            answers: Arc::default(),
            asked: Arc::default(),
            clock: VirtualClock::new("2026-01-05T08:00:00Z".parse().unwrap()),
            ahead: SignedDuration::from_secs(seconds),
        }
    }

    /// Adds an answer to a path.
    pub(crate) fn says(&self, path: &str, answer: Value) {
        self.refuses(path, 200, answer);
    }

    /// Adds an answer with a status.
    pub(crate) fn refuses(&self, path: &str, status: u16, answer: Value) {
        let mut answers = self.answers.lock().unwrap();
        let path = path.replace("{team}", TEAM);
        answers.entry(path).or_default().push_back((status, answer));
    }

    /// Returns the paths that were asked for, without queries.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// Returns the server's time, some seconds after its present one.
    pub(crate) fn time(&self, seconds: i64) -> Value {
        let at = self.clock.now() + self.ahead + SignedDuration::from_secs(seconds);
        at.to_string().into()
    }

    /// Looks up a call whose intent is of this moment, plus some seconds.
    pub(crate) async fn look_up(
        &self,
        (name, path, fields): (&str, &[&str], Value),
        seconds: i64,
        taken: &[&str],
    ) -> Result<Found, Failure> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(serve).with_state(self.clone());
        let server = tokio::spawn(async move { axum::serve(listener, app).await });
        let mut settings = Settings::new(url.parse().unwrap(), Secret::new("sesame".into()));
        settings.team = Some(TEAM.into());
        let chance = Arc::new(Chance::from_seed(1));
        let client = Client::new(settings, Arc::new(self.clock.clone()), chance).unwrap();
        let call = Call {
            endpoint: by_name(name).unwrap(),
            path: path.iter().map(|&part| part.to_owned()).collect(),
            fields: fields.as_object().unwrap().clone(),
        };
        let taken: HashSet<_> = taken.iter().map(|&id| id.to_owned()).collect();
        let lost = Lost {
            call: &call,
            intent_at: self.clock.now() + SignedDuration::from_secs(seconds),
            taken: &taken,
        };
        let found = look_up(&client, &lost, &self.clock).await;
        server.abort();
        found
    }
}

async fn serve(State(stub): State<Stub>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    stub.asked.lock().unwrap().push(path.clone());
    let answer = {
        let mut answers = stub.answers.lock().unwrap();
        match answers.get_mut(&path) {
            Some(answers) if answers.len() > 1 => answers.pop_front(),
            Some(answers) => answers.front().cloned(),
            None => None,
        }
    };
    let (status, answer) = answer.unwrap_or((418, json!({ "error": format!("no {path}") })));
    let now: Timestamp = stub.clock.now() + stub.ahead;
    let date = DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&now)
        .unwrap();
    let status = http::StatusCode::from_u16(status).unwrap();
    let headers = [("date", date), ("content-type", "application/json".into())];
    (status, headers, answer.to_string()).into_response()
}
