//! What a failed effect tells the script: the fields of the map that `catch (e)` receives.
//!
//! A failure is a value, not a message for a person: it can be stored, replayed and compared.

use serde::{Deserialize, Serialize};

/// The class of a failure; scripts compare it as text (`e.kind == "not_found"`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The key is missing, wrong or expired (401).
    Auth,
    /// The key may not do this (403).
    Permission,
    /// The thing is not there, or not visible to the key (404, or a `null` resource).
    NotFound,
    /// The thing is in another state than the call needs (409).
    Conflict,
    /// The request, or an argument of a function, is wrong (400, 413, 422, or found before sending).
    Invalid,
    /// The rate limit holds, longer than the deadline (429).
    RateLimited,
    /// The server failed (5xx).
    Unavailable,
    /// A deadline passed.
    Timeout,
    /// The server could not be reached, or the connection broke.
    Network,
    /// The answer is not what the API promises.
    Protocol,
    /// A file or another local thing could not be read or written.
    Io,
    /// The script's header, or the project's rules, do not allow this effect.
    Refused,
}

impl FailureKind {
    /// Returns the kind as scripts see it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Permission => "permission",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Invalid => "invalid",
            Self::RateLimited => "rate_limited",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
            Self::Network => "network",
            Self::Protocol => "protocol",
            Self::Io => "io",
            Self::Refused => "refused",
        }
    }
}

/// A failed effect, as a script can catch it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The class of the failure.
    pub kind: FailureKind,
    /// What happened, in one line, with the values in backticks.
    pub message: String,
    /// HTTP status, when the server answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The API's own code of the error, when it gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The endpoint or function that failed, such as `jobs.start`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The server's id of the request, for the vendor's support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Whether the same call may succeed later.
    #[serde(default)]
    pub retryable: bool,
    /// What a person can do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Failure {
    /// Returns a failure with a kind and a message and nothing else.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            status: None,
            code: None,
            endpoint: None,
            request_id: None,
            retryable: false,
            hint: None,
        }
    }

    /// Returns an `invalid` failure: a wrong argument, found before anything was sent.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Invalid, message)
    }

    /// Names the endpoint or function that failed.
    #[must_use]
    pub fn at(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = Some(endpoint.into());
        self
    }

    /// Adds what a person can do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(endpoint) = &self.endpoint {
            write!(f, "{endpoint}: ")?;
        }
        f.write_str(&self.message)?;
        match self.status {
            Some(status) => write!(f, " ({status} {})", self.kind.as_str()),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}
