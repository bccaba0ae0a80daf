//! The client over real HTTP on loopback: a server that answers from a script, and a bare socket for
//! what no HTTP server would do.

mod answers;
mod redirects;
mod requests;
mod retries;
mod successors;
mod teams;
mod transfers;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::{Client, Response, Settings};
use crate::catalog::{self, Call};
use crate::clock::{Clock, VirtualClock};
use crate::ids::Chance;
use crate::report::Failure;
use crate::secret::Secret;

const KEY: &str = "dv_live_sesame";
const TEAM: &str = "7b6a4a0e-0000-4000-8000-000000000001";
const ID: &str = "7b6a4a0e-0000-4000-8000-000000000002";

/// What a server was asked.
#[derive(Clone, Debug)]
struct Seen {
    method: String,
    target: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Seen {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

type Answer = http::Response<Body>;

/// A server that gives its answers in turn, and 418 when it has none left.
#[derive(Clone)]
struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

impl Server {
    async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            seen: Arc::default(),
            answers: Arc::new(Mutex::new(answers.into_iter().collect())),
        };
        let app = Router::new().fallback(serve).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        server
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    fn targets(&self) -> Vec<String> {
        let seen = self.seen();
        seen.iter()
            .map(|seen| format!("{} {}", seen.method, seen.target))
            .collect()
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

async fn serve(State(server): State<Server>, request: Request) -> Answer {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    server.seen.lock().unwrap().push(Seen {
        method: head.method.to_string(),
        target: head.uri.to_string(),
        headers: head.headers,
        body,
    });
    let next = server.answers.lock().unwrap().pop_front();
    next.unwrap_or_else(|| answer(418, json!({"error": "nothing left to say"})))
}

fn answer(status: u16, body: impl Into<Value>) -> Answer {
    text(
        status,
        "application/json; charset=utf-8",
        body.into().to_string(),
    )
}

fn text(status: u16, media: &str, body: impl Into<Body>) -> Answer {
    let builder = http::Response::builder()
        .status(status)
        .header("content-type", media);
    builder.body(body.into()).unwrap()
}

/// A body of which the length is not told beforehand.
fn pieces(count: usize, length: usize) -> Body {
    let piece = Ok::<_, std::convert::Infallible>("z".repeat(length));
    Body::from_stream(futures_util::stream::iter(std::iter::repeat_n(
        piece, count,
    )))
}

fn with(mut answer: Answer, headers: &[(&'static str, &str)]) -> Answer {
    for (name, value) in headers {
        answer.headers_mut().insert(*name, value.parse().unwrap());
    }
    answer
}

fn redirect(status: u16, to: &str) -> Answer {
    with(text(status, "text/plain", ""), &[("location", to)])
}

fn job() -> Answer {
    answer(
        200,
        json!({"run": {"id": ID, "status": "running"}, "pending_human_request": null}),
    )
}

/// A client with simulated time, in which every pause passes at once.
struct Caller {
    client: Client,
    clock: VirtualClock,
}

impl Caller {
    fn of(server: &Server) -> Self {
        Self::with(server.address, |_| {})
    }

    fn with(address: SocketAddr, change: impl FnOnce(&mut Settings)) -> Self {
        let url = Url::parse(&format!("http://{address}")).unwrap();
        let mut settings = Settings::new(url, Secret::new(KEY.to_owned()));
        settings.key_source = Some("the test".into());
        settings.team = Some(TEAM.into());
        change(&mut settings);
        let clock = VirtualClock::new("2026-01-05T08:00:00Z".parse().unwrap());
        let seeded = Arc::new(Chance::from_seed(1));
        let client = Client::new(settings, Arc::new(clock.clone()), seeded).unwrap();
        Self { client, clock }
    }

    async fn call(&self, name: &str, path: &[&str], fields: Value) -> Result<Response, Failure> {
        self.client
            .call(&call(name, path, fields), None, "idem-1")
            .await
    }

    async fn get(&self) -> Result<Response, Failure> {
        self.call("jobs.get", &[ID], json!({})).await
    }

    async fn start(&self) -> Result<Response, Failure> {
        self.call("jobs.start", &[], json!({"agent_id": ID})).await
    }

    fn waited(&self) -> Duration {
        self.clock.elapsed()
    }
}

fn call(name: &str, path: &[&str], fields: Value) -> Call {
    let Value::Object(mut fields) = fields else {
        unreachable!()
    };
    let endpoint = catalog::by_name(name).unwrap_or_else(|| panic!("no endpoint {name}"));
    let path: Vec<_> = path.iter().map(ToString::to_string).collect();
    catalog::check_call(endpoint, &path, &mut fields).unwrap();
    Call {
        endpoint,
        path,
        fields,
    }
}

fn no_fields() -> Value {
    Value::Object(Map::new())
}

/// A bare socket: what happens with each connection in turn. The last one is repeated.
async fn socket(acts: Vec<Act>) -> (SocketAddr, Arc<Mutex<usize>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let count = Arc::new(Mutex::new(0));
    let counter = Arc::clone(&count);
    tokio::spawn(async move {
        let mut open = Vec::new();
        for turn in 0.. {
            let (mut stream, _) = listener.accept().await.unwrap();
            *counter.lock().unwrap() += 1;
            let act = &acts[turn.min(acts.len() - 1)];
            read_head(&mut stream).await;
            match act {
                Act::Close => {}
                Act::Silent => open.push(stream),
                Act::Say(text) => stream.write_all(text.as_bytes()).await.unwrap(),
                Act::SayAndWait(text) => {
                    stream.write_all(text.as_bytes()).await.unwrap();
                    open.push(stream);
                }
            }
        }
    });
    (address, count)
}

#[derive(Clone)]
enum Act {
    /// Reads the request and closes.
    Close,
    /// Reads the request and says nothing.
    Silent,
    /// Says this and closes.
    Say(String),
    /// Says this and says no more.
    SayAndWait(String),
}

async fn read_head(stream: &mut TcpStream) {
    let mut head = Vec::new();
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        let mut piece = [0; 1024];
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return,
            Ok(length) => head.extend_from_slice(&piece[..length]),
        }
    }
}

/// An address on which nobody listens.
fn nobody() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}
