//! What a behaviour gives back: an answer, or a refusal in the API's envelope.
//!
//! The vendor's document allows `error` and `message` in the envelope and nothing else, so the
//! request id travels in `x-request-id` only, and `error` holds the machine-readable word. Some
//! operations have `error` alone.

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::catalog::Endpoint;

/// A successful answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    /// Status; `None` takes the first that the catalog names.
    pub(crate) status: Option<u16>,
    /// What it holds.
    pub(crate) content: Content,
}

/// What an answer holds.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// JSON.
    Json(Value),
    /// Bytes of the endpoint's media type, or of this one.
    Bytes(&'static str, Bytes),
    /// The address of the endpoint that does this today.
    Elsewhere(String),
    /// Nothing.
    Nothing,
}

impl Reply {
    /// Returns a JSON answer with another status than the first of the catalog.
    pub(crate) fn with_status(status: u16, value: Value) -> Self {
        Self {
            status: Some(status),
            content: Content::Json(value),
        }
    }

    /// Returns an answer without a body.
    pub(crate) fn nothing() -> Self {
        Self {
            status: None,
            content: Content::Nothing,
        }
    }

    /// Returns an answer of bytes.
    pub(crate) fn bytes(media: &'static str, bytes: impl Into<Bytes>) -> Self {
        Self {
            status: None,
            content: Content::Bytes(media, bytes.into()),
        }
    }

    /// Returns a permanent redirect that keeps method and body.
    pub(crate) fn elsewhere(path: String) -> Self {
        Self {
            status: Some(308),
            content: Content::Elsewhere(path),
        }
    }
}

impl From<Value> for Reply {
    fn from(value: Value) -> Self {
        Self {
            status: None,
            content: Content::Json(value),
        }
    }
}

/// A refused request.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    /// Statuses that say it, the best first.
    wanted: &'static [u16],
    /// Word for machines.
    code: &'static str,
    /// Sentence for people.
    message: String,
    /// Whether the envelope has no `message`, and the sentence stands in `error`.
    is_bare: bool,
    /// Further fields of the envelope, where the document has them.
    more: Map<String, Value>,
}

impl Refusal {
    /// Returns a refusal with one status, whatever the endpoint documents.
    pub(crate) fn new(
        wanted: &'static [u16],
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            wanted,
            code,
            message: message.into(),
            is_bare: false,
            more: Map::new(),
        }
    }

    /// Returns the refusal of a request that is wrong in itself.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(&[400], "validation_error", message)
    }

    /// Returns the refusal of a call on something that is not there, or not visible to the key.
    pub(crate) fn missing(what: &str, id: impl std::fmt::Display) -> Self {
        Self::new(&[404, 403, 400], "not_found", format!("no {what} `{id}`"))
    }

    /// Returns the refusal of something that clashes with what is there.
    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(&[409, 400], "conflict", message)
    }

    /// Returns the refusal of a call that needs another state.
    pub(crate) fn state(message: impl Into<String>) -> Self {
        Self::new(&[409, 400], "invalid_state", message)
    }

    /// Returns the refusal of something that the key's user may not do.
    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(&[403, 404], "forbidden", message)
    }

    /// Returns the refusal of something too large.
    pub(crate) fn too_large(message: impl Into<String>) -> Self {
        Self::new(&[413, 400], "too_large", message)
    }

    /// Leaves `message` out of the envelope: the sentence stands in `error`.
    #[must_use]
    pub(crate) fn bare(mut self) -> Self {
        self.is_bare = true;
        self
    }

    /// Adds a field to the envelope.
    #[must_use]
    pub(crate) fn with(mut self, field: &str, value: Value) -> Self {
        self.more.insert(field.into(), value);
        self
    }

    /// Returns the status for an endpoint: the best one that it documents, else the best one.
    pub(crate) fn status(&self, endpoint: Option<&Endpoint>) -> u16 {
        let best = self.wanted.first().copied().unwrap_or(400);
        let documented =
            |status: &&u16| endpoint.is_some_and(|entry| entry.errors.contains(status));
        self.wanted.iter().find(documented).copied().unwrap_or(best)
    }

    /// Returns the envelope for an endpoint.
    pub(crate) fn envelope(&self, endpoint: Option<&Endpoint>) -> Value {
        let is_terse = endpoint.is_some_and(|entry| is_terse(entry, self.status(endpoint)));
        let mut envelope = self.more.clone();
        if self.is_bare || is_terse {
            envelope.insert("error".into(), self.message.clone().into());
        } else {
            envelope.insert("error".into(), self.code.into());
            envelope.insert("message".into(), self.message.clone().into());
        }
        Value::Object(envelope)
    }
}

/// Dashboards, old processes and wrong kinds of snapshots have `error` alone.
fn is_terse(endpoint: &Endpoint, status: u16) -> bool {
    endpoint.path.contains("/artifacts")
        || endpoint.path.starts_with("/v2/clarity/processes")
        || (status == 400 && endpoint.path.contains("/snapshots/{kind}"))
}
