//! One request and its answer, as they went over the wire.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, StatusCode};
use serde_json::Value;

/// A request and its answer.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) method: Method,
    /// Path, percent-encoded as it was sent.
    pub(crate) path: String,
    /// Query, without the `?`; empty when there is none.
    pub(crate) query: String,
    pub(crate) asked: Message,
    pub(crate) status: StatusCode,
    pub(crate) answered: Message,
}

/// The headers and the body of a request or an answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Message {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Message {
    /// Returns a header's text; empty when there is none.
    pub(crate) fn header(&self, name: &HeaderName) -> &str {
        let value = self.headers.get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// Returns the media type, without parameters.
    pub(crate) fn media(&self) -> &str {
        let media = self.header(&http::header::CONTENT_TYPE);
        media.split(';').next().unwrap_or_default().trim()
    }

    /// Returns the body as JSON; `null` when it is empty or none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}
