//! A real HTTP hop between client and simulator that writes down what passes, unchanged.
//!
//! The client's own bytes are judged, not what it meant to send; so are the simulator's.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use http::header::{CONNECTION, TRANSFER_ENCODING};
use http::{HeaderMap, StatusCode};
use tokio::net::TcpListener;

use super::exchange::{Exchange, Message};

/// A hop that runs until it is dropped.
pub(crate) struct Recorder {
    url: String,
    seen: Arc<Mutex<Vec<Exchange>>>,
    server: tokio::task::JoinHandle<()>,
}

#[derive(Clone)]
struct Hop {
    target: String,
    out: reqwest::Client,
    seen: Arc<Mutex<Vec<Exchange>>>,
}

impl Recorder {
    /// Starts a hop before an origin, such as `http://127.0.0.1:8080`.
    pub(crate) async fn start(target: &str) -> Self {
        let seen = Arc::<Mutex<Vec<Exchange>>>::default();
        let hop = Hop {
            target: target.trim_end_matches('/').to_owned(),
            out: plain_client(),
            seen: Arc::clone(&seen),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(pass).with_state(hop);
        let server = tokio::spawn(async move {
            axum::serve(listener, app).await.unwrap();
        });
        Self { url, seen, server }
    }

    /// Returns the origin of the hop.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Returns what has passed since the last time, in order.
    pub(crate) fn take(&self) -> Vec<Exchange> {
        std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Returns an HTTP client that changes nothing: no redirects, no decompression, no TLS, no proxy.
pub(crate) fn plain_client() -> reqwest::Client {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .no_gzip()
        .no_proxy()
        .build()
        .unwrap()
}

async fn pass(State(hop): State<Hop>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let asked = Message {
        headers: head.headers,
        body: to_bytes(body, usize::MAX).await.unwrap(),
    };
    let path_and_query = head.uri.path_and_query().map_or("/", |both| both.as_str());
    let answer = hop
        .out
        .request(
            head.method.clone(),
            format!("{}{path_and_query}", hop.target),
        )
        .headers(asked.headers.clone())
        .body(asked.body.clone())
        .send()
        .await;
    let Ok(answer) = answer else {
        return refuse();
    };
    let (status, headers) = (answer.status(), answer.headers().clone());
    let Ok(body) = answer.bytes().await else {
        return refuse();
    };
    let answered = Message { headers, body };
    let response = respond(status, &answered);
    let exchange = Exchange {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        asked,
        status,
        answered,
    };
    hop.seen
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(exchange);
    response
}

fn respond(status: StatusCode, answered: &Message) -> Response {
    let mut response = Response::new(Body::from(answered.body.clone()));
    *response.status_mut() = status;
    let mut headers: HeaderMap = answered.headers.clone();
    // These two speak of one connection, not of the message.
    headers.remove(CONNECTION);
    headers.remove(TRANSFER_ENCODING);
    *response.headers_mut() = headers;
    response
}

/// What breaks behind the hop is told as a status that no endpoint documents.
fn refuse() -> Response {
    let mut response = Response::new(Body::from("the simulator broke the connection"));
    *response.status_mut() = StatusCode::IM_A_TEAPOT;
    response
}

#[cfg(test)]
mod tests {
    use axum::routing::post;

    use super::*;

    #[tokio::test]
    async fn what_passes_is_written_down_and_unchanged() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = format!("http://{}", listener.local_addr().unwrap());
        let answer = |body: String| async move {
            (
                StatusCode::CONFLICT,
                [("x-request-id", "7")],
                format!("<{body}>"),
            )
        };
        let app = Router::new().route("/v2/a%2Fb", post(answer));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let recorder = Recorder::start(&target).await;
        let sent = plain_client()
            .post(format!("{}/v2/a%2Fb?c=%20d", recorder.url()))
            .header("idempotency-key", "k")
            .body("hello");
        let got = sent.send().await.unwrap();
        assert_eq!(got.status(), StatusCode::CONFLICT);
        assert_eq!(got.headers()["x-request-id"], "7");
        assert_eq!(got.text().await.unwrap(), "<hello>");
        let seen = recorder.take();
        assert_eq!(seen.len(), 1);
        assert_eq!(
            (seen[0].path.as_str(), seen[0].query.as_str()),
            ("/v2/a%2Fb", "c=%20d")
        );
        assert_eq!(seen[0].asked.headers["idempotency-key"], "k");
        assert_eq!(seen[0].asked.body, "hello");
        assert_eq!(seen[0].answered.body, "<hello>");
        assert!(recorder.take().is_empty());
    }
}
