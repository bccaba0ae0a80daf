//! What a client is told once, when it is made.

use std::time::Duration;

use url::Url;

use super::Access;
use crate::secret::Secret;

/// Where the API is, who calls it, and how long to wait for it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Origin of the API, such as `https://api.duvo.ai`; plain http only for loopback.
    pub base_url: Url,
    /// The API key.
    pub key: Secret<String>,
    /// Where the key came from, for hints, such as `DUVO_API_KEY`.
    pub key_source: Option<String>,
    /// The team to work in; `None`: the key's only one.
    pub team: Option<String>,
    /// Limits of one attempt.
    pub timeouts: Timeouts,
    /// Limits of all attempts of a call together.
    pub patience: Patience,
    /// Largest answer that is accepted, in bytes.
    pub max_response: u64,
}

impl Settings {
    /// Returns settings with the usual limits and no team.
    pub fn new(base_url: Url, key: Secret<String>) -> Self {
        Self {
            base_url,
            key,
            key_source: None,
            team: None,
            timeouts: Timeouts::default(),
            patience: Patience::default(),
            max_response: 64 * 1024 * 1024,
        }
    }
}

impl From<Access> for Settings {
    fn from(access: Access) -> Self {
        Self {
            key_source: Some(access.key_source),
            team: access.team,
            ..Self::new(access.base_url, access.key)
        }
    }
}

/// How long one attempt may take, in real time.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// Until the connection stands; 10 s.
    pub connect: Duration,
    /// Until the head of the answer is there; 60 s, and more for a large upload.
    pub headers: Duration,
    /// Between two pieces of a body; 30 s.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            headers: Duration::from_secs(60),
            idle: Duration::from_secs(30),
        }
    }
}

/// How long a call is tried again, counted from its first attempt, by what went wrong.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The server cannot be reached; 30 s, for a wrong address should not take minutes to tell.
    pub unreachable: Duration,
    /// The server fails (500, 502, 503, 504), or the connection breaks; 2 min.
    pub failing: Duration,
    /// The rate limit holds (429); 10 min.
    pub limited: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            unreachable: Duration::from_secs(30),
            failing: Duration::from_secs(120),
            limited: Duration::from_secs(600),
        }
    }
}
