//! Answers on their way out: as values while they can still be spoiled, then as bytes.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::Frame;

use super::admission::Rate;
use crate::catalog::Endpoint;
use crate::simulator::reply::{Content, Refusal, Reply};

/// The body of an HTTP answer; an error in it breaks the connection.
pub(super) type Payload = UnsyncBoxBody<Bytes, Broken>;

/// A connection that is broken on purpose.
#[derive(Debug, thiserror::Error)]
#[error("the connection is broken on purpose")]
pub(super) struct Broken;

/// An answer.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content: Content,
}

impl Answer {
    /// Returns the answer that a behaviour gave.
    pub(super) fn of(outcome: Result<Reply, Refusal>, endpoint: Option<&'static Endpoint>) -> Self {
        match outcome {
            Ok(reply) => {
                let usual = endpoint
                    .and_then(|entry| entry.status.first())
                    .copied()
                    .unwrap_or(200);
                Self {
                    status: reply.status.unwrap_or(usual),
                    content: reply.content,
                }
            }
            Err(refusal) => Self {
                status: refusal.status(endpoint),
                content: Content::Json(refusal.envelope(endpoint)),
            },
        }
    }

    /// Turns the answer into HTTP.
    pub(super) fn into_http(self, request_id: &str, rate: Option<Rate>) -> http::Response<Payload> {
        let mut builder = http::Response::builder()
            .status(self.status)
            .header("x-request-id", request_id);
        if let Some(rate) = rate {
            builder = builder
                .header("x-ratelimit-limit", rate.limit)
                .header("x-ratelimit-remaining", rate.remaining)
                .header("x-ratelimit-reset", rate.reset);
            if let Some(seconds) = rate.retry_after {
                builder = builder.header("retry-after", seconds);
            }
        }
        let (media, bytes) = match self.content {
            Content::Json(value) => (
                Some("application/json; charset=utf-8"),
                serde_json::to_vec(&value).unwrap_or_default().into(),
            ),
            Content::Bytes(media, bytes) => (Some(media), bytes),
            Content::Elsewhere(path) => {
                builder = builder.header("location", path);
                (None, Bytes::new())
            }
            Content::Nothing => (None, Bytes::new()),
        };
        if let Some(media) = media {
            builder = builder.header("content-type", media);
        }
        // All parts are ours and fit into a response.
        builder.body(whole(bytes)).unwrap_or_default()
    }
}

/// Returns a body that comes as it is.
pub(super) fn whole(bytes: Bytes) -> Payload {
    Full::new(bytes)
        .map_err(|never: Infallible| match never {})
        .boxed_unsync()
}

/// Returns a body that breaks off in the middle.
pub(super) fn truncated(bytes: &Bytes) -> Payload {
    let half = bytes.slice(..bytes.len() / 2);
    let parts = [Ok(Frame::data(half)), Err(Broken)];
    StreamBody::new(futures_util::stream::iter(parts)).boxed_unsync()
}

/// Returns a body that comes in ten pieces, spread over a time.
pub(super) fn slow(bytes: Bytes, over: Duration) -> Payload {
    let piece = (bytes.len() / 10).max(1);
    let stream = futures_util::stream::unfold(bytes, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        // Slowness is about sockets, so it is real time on every clock.
        crate::clock::Clock::sleep(&crate::clock::SystemClock::new(), over / 10).await;
        let next = rest.split_to(piece.min(rest.len()));
        Some((Ok(Frame::data(next)), rest))
    });
    StreamBody::new(stream).boxed_unsync()
}
