//! A simulator on a virtual clock, and a bare HTTP connection to it that takes whatever comes.

use std::time::Duration;

use bytes::Bytes;
use duvoscript::catalog::{self, Call};
use duvoscript::clock::{Clock, VirtualClock};
use duvoscript::simulator::{Settings, Simulator};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::Mutex;

/// A simulator under test.
pub(crate) struct Place {
    pub(crate) simulator: Simulator,
    pub(crate) clock: VirtualClock,
    pub(crate) team: String,
    line: Mutex<Option<SendRequest<Full<Bytes>>>>,
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Came {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) bytes: Bytes,
}

impl Came {
    /// Returns the JSON that came; `null` when it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }

    /// Returns a header's text; empty when there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

impl Place {
    /// Starts the built-in company, without a rate limit, at the morning of a Monday.
    pub(crate) async fn company() -> Self {
        Self::with(|_| {}).await
    }

    /// Starts the built-in company with changed settings.
    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::at("2026-01-05T08:00:00Z".parse().unwrap(), change).await
    }

    /// Starts the built-in company at a time.
    pub(crate) async fn at(start: Timestamp, change: impl FnOnce(&mut Settings)) -> Self {
        let clock = VirtualClock::new(start);
        let mut settings = Settings::new().on_virtual(&clock);
        settings.rate_limit = None;
        change(&mut settings);
        let simulator = Simulator::start(settings).await.unwrap();
        let mut place = Self {
            simulator,
            clock,
            team: String::new(),
            line: Mutex::default(),
        };
        let teams = place.done("teams.list", &[], json!({})).await;
        place.team = teams["teams"][0]["id"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        place
    }

    /// Returns host and port.
    pub(crate) fn address(&self) -> &str {
        self.simulator.url().trim_start_matches("http://")
    }

    /// Returns the time on the simulator's clock.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Moves the clock.
    pub(crate) fn pass(&self, span: Duration) {
        self.clock.advance(span);
    }

    /// Calls an endpoint of the catalog, whatever comes of it.
    pub(crate) async fn call(&self, name: &str, path: &[&str], fields: Value) -> Came {
        let endpoint = catalog::by_name(name).unwrap_or_else(|| panic!("no endpoint `{name}`"));
        let call = Call {
            endpoint,
            path: path.iter().map(|part| (*part).to_owned()).collect(),
            fields: fields.as_object().cloned().unwrap_or_default(),
        };
        let (target, body) = target(&call, &self.team);
        self.send(endpoint.method.as_str(), &target, &[], body)
            .await
    }

    /// Calls an endpoint that must succeed, and returns its answer.
    pub(crate) async fn done(&self, name: &str, path: &[&str], fields: Value) -> Value {
        let came = self.call(name, path, fields).await;
        assert!(came.status < 300, "{name}: {} {}", came.status, came.json());
        came.json()
    }

    /// Returns the id of the thing of a name in a list.
    pub(crate) async fn find(&self, list: &str, name: &str) -> String {
        let endpoint = catalog::by_name(list).unwrap();
        let answer = self.done(list, &[], json!({})).await;
        let rows = answer[endpoint.list.unwrap()].as_array().unwrap();
        let row = rows.iter().find(|row| row["name"] == name);
        let id = row.and_then(|row| row["id"].as_str());
        id.unwrap_or_else(|| panic!("no `{name}` in {list}"))
            .to_owned()
    }

    /// Sends a request with the key; panics when the connection breaks.
    pub(crate) async fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Came {
        self.attempt(method, target, headers, body)
            .await
            .unwrap_or_else(|error| panic!("{method} {target}: {error}"))
    }

    /// Sends a request with the key, over the connection of the last one if that still stands.
    pub(crate) async fn attempt(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Came, hyper::Error> {
        let kept = self.line.lock().await.take();
        let mut line = match kept.filter(|line| !line.is_closed()) {
            Some(line) => line,
            None => connect(self.address()).await,
        };
        line.ready().await?;
        let mut request = http::Request::builder()
            .method(method)
            .uri(target)
            .header("host", self.address());
        let key = format!("Bearer {}", self.simulator.key());
        let usual = [
            ("authorization", key.as_str()),
            ("content-type", "application/json"),
        ];
        for (name, value) in usual {
            if !headers.iter().any(|(given, _)| *given == name) {
                request = request.header(name, value);
            }
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body.into())).unwrap();
        let (parts, body) = line.send_request(request).await?.into_parts();
        let bytes = body.collect().await?.to_bytes();
        *self.line.lock().await = Some(line);
        Ok(Came {
            status: parts.status.as_u16(),
            headers: parts.headers,
            bytes,
        })
    }

    /// Lays down rules for faults.
    pub(crate) async fn spoil(&self, rules: Value) {
        let came = self
            .send("POST", "/_sim/faults", &[], rules.to_string())
            .await;
        assert_eq!(came.status, 200, "{}", came.json());
    }

    /// Returns the entries of the ledger.
    pub(crate) fn ledger(&self) -> Vec<Value> {
        self.simulator
            .ledger()
            .as_array()
            .cloned()
            .unwrap_or_default()
    }
}

/// Returns path with query, and the JSON body, of a call.
pub(crate) fn target(call: &Call, team: &str) -> (String, String) {
    let split = call.split();
    let mut target = call.path(team);
    if !split.query.is_empty() {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(split.query)
            .finish();
        target = format!("{target}?{query}");
    }
    let body = split
        .body
        .map_or_else(String::new, |body| Value::Object(body).to_string());
    (target, body)
}

async fn connect(address: &str) -> SendRequest<Full<Bytes>> {
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream));
    let (line, connection) = handshake.await.unwrap();
    tokio::spawn(connection);
    line
}

/// Waits in real time, for what sockets do.
pub(crate) async fn pause(milliseconds: u64) {
    let clock = duvoscript::clock::SystemClock::new();
    clock.sleep(Duration::from_millis(milliseconds)).await;
}
