//! For tests: a simulator on a virtual clock, and a client that believes nothing.
//!
//! Every answer is judged against the catalog to the letter: no missing, no unknown field, right types.

use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value, json};

use super::judge::{Unknown, judge};
use super::{Settings, Simulator};
use crate::catalog::{self, Call};
use crate::clock::VirtualClock;

/// A simulator under test.
pub(crate) struct Trial {
    pub(crate) simulator: Simulator,
    clock: VirtualClock,
    pub(crate) team: String,
    pub(crate) me: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Came {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) bytes: Bytes,
}

impl Came {
    /// Returns the JSON that came.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }
}

impl Trial {
    /// Starts the built-in company.
    pub(crate) async fn company() -> Self {
        Self::with(|_| {}).await
    }

    /// Starts the built-in company with changed settings.
    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let clock = VirtualClock::new("2026-01-05T08:00:00Z".parse().unwrap());
        let mut settings = Settings::new().on_virtual(&clock);
        settings.rate_limit = None;
        change(&mut settings);
        let simulator = Simulator::start(settings).await.unwrap();
        let mut trial = Self {
            simulator,
            clock,
            team: String::new(),
            me: String::new(),
        };
        trial.team = text(&trial.call("teams.list", &[], json!({})).await["teams"][0]["id"]);
        trial.me = text(&trial.call("teams.profile", &[], json!({})).await["profile"]["id"]);
        trial
    }

    /// Moves the clock.
    pub(crate) fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Calls an endpoint that must succeed; its answer must have the documented shape.
    pub(crate) async fn call(&self, name: &str, path: &[&str], fields: Value) -> Value {
        let endpoint = catalog::by_name(name).unwrap_or_else(|| panic!("no {name}"));
        let came = self.send(name, path, fields).await;
        assert!(
            endpoint.status.contains(&came.status),
            "{name}: {} {}",
            came.status,
            came.json()
        );
        let mut answer = came.json();
        if let Some(shape) = endpoint.answer.as_ref().filter(|_| !came.bytes.is_empty()) {
            judge(shape, &mut answer, name, Unknown::Refused)
                .unwrap_or_else(|fault| panic!("{name}: {fault}: {answer}"));
        }
        answer
    }

    /// Calls an endpoint that must refuse, with a documented status; returns status and envelope.
    pub(crate) async fn refused(&self, name: &str, path: &[&str], fields: Value) -> (u16, Value) {
        let came = self.send(name, path, fields).await;
        let envelope = came.json();
        assert!(came.status >= 400, "{name}: {} {envelope}", came.status);
        assert!(envelope["error"].is_string(), "{name}: {envelope}");
        (came.status, envelope)
    }

    /// Calls an endpoint through the catalog.
    pub(crate) async fn send(&self, name: &str, path: &[&str], fields: Value) -> Came {
        let endpoint = catalog::by_name(name).unwrap_or_else(|| panic!("no {name}"));
        let call = Call {
            endpoint,
            path: path.iter().map(|part| (*part).to_owned()).collect(),
            fields: fields.as_object().cloned().unwrap_or_default(),
        };
        let split = call.split();
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(split.query)
            .finish();
        let target = format!("{}?{query}", call.path(&self.team));
        let body = split.body.filter(|_| endpoint.body.is_some());
        if endpoint.body_media.starts_with("multipart/") {
            return self
                .send_form(endpoint.method.as_str(), &target, body.unwrap_or_default())
                .await;
        }
        let text = body.map_or_else(String::new, |body| Value::Object(body).to_string());
        self.raw(
            endpoint.method.as_str(),
            &target,
            &[("content-type", "application/json")],
            text,
        )
        .await
    }

    async fn send_form(&self, method: &str, target: &str, fields: Map<String, Value>) -> Came {
        let mut body = String::new();
        for (name, value) in fields {
            let file = if name == "file" {
                "; filename=\"SKILL.md\""
            } else {
                ""
            };
            let value = value.as_str().unwrap_or_default().to_owned();
            _ = write!(
                body,
                "--xx\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n"
            );
        }
        body += "--xx--\r\n";
        self.raw(
            method,
            target,
            &[("content-type", "multipart/form-data; boundary=xx")],
            body,
        )
        .await
    }

    /// Sends a request with the key; panics when the connection breaks.
    pub(crate) async fn raw(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Came {
        self.attempt(method, target, headers, body)
            .await
            .expect("the connection broke")
    }

    /// Sends a request with the key.
    pub(crate) async fn attempt(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Came, hyper::Error> {
        let address = self
            .simulator
            .url()
            .trim_start_matches("http://")
            .to_owned();
        let stream = tokio::net::TcpStream::connect(&address).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let mut request = http::Request::builder()
            .method(method)
            .uri(target)
            .header("host", address);
        if !headers.iter().any(|(name, _)| *name == "authorization") {
            request = request.header("authorization", format!("Bearer {}", self.simulator.key()));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = sender
            .send_request(request.body(Full::new(body.into())).unwrap())
            .await?;
        let (parts, body) = response.into_parts();
        Ok(Came {
            status: parts.status.as_u16(),
            headers: parts.headers,
            bytes: body.collect().await?.to_bytes(),
        })
    }

    /// Moves the clock by a quarter of a second.
    pub(crate) fn clock_step(&self) {
        self.clock.advance(Duration::from_millis(250));
    }

    /// Returns the id of the thing of a name in a list.
    pub(crate) async fn find(&self, list: &str, name: &str) -> String {
        let endpoint = catalog::by_name(list).unwrap();
        let answer = self.call(list, &[], json!({})).await;
        let rows = answer[endpoint.list.unwrap()].as_array().unwrap().clone();
        let row = rows
            .iter()
            .find(|row| row["name"] == name)
            .unwrap_or_else(|| panic!("no {name} in {list}"));
        text(&row["id"])
    }
}

/// Returns the text of a value.
pub(crate) fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text: {value}"))
        .to_owned()
}
