//! One call over as many attempts as it takes: budget, attempt, retry.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use tracing::{debug, warn};

use super::broken::Broken;
use super::budget::Permit;
use super::client::Shared;
use super::request::Request;
use super::retry::{Tries, Trouble, may_have_been_done, may_repeat, retry_after};
use crate::catalog::Repeat;
use crate::report::{Failure, FailureKind};

/// An answer, whatever its status.
pub(super) struct Raw {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// Path that answered, after redirects.
    pub(super) path: String,
    pub(super) body: Bytes,
    /// The answer itself, when its body is left to be streamed.
    pub(super) rest: Option<Box<reqwest::Response>>,
    /// How often it was sent.
    pub(super) tries: u32,
    /// Whether one that was sent before may have been done, though nobody said so.
    pub(super) is_again: bool,
}

impl Raw {
    /// Returns the server's id of the request.
    pub(super) fn request_id(&self) -> Option<String> {
        let value = self.headers.get("x-request-id").map(HeaderValue::to_str)?;
        value
            .ok()
            .filter(|id| !id.is_empty())
            .map(ToOwned::to_owned)
    }
}

impl Shared {
    /// Sends a request until the answer is final or patience ends; the answer may be a refusal.
    pub(super) async fn exchange(&self, request: &Request) -> Result<Raw, Failure> {
        let mut tries = Tries::new();
        let mut is_again = false;
        loop {
            let permit = self.admit(request).await?;
            tries.leave(self.clock.elapsed());
            let outcome = self.attempt(request, tries.count).await;
            drop(permit);
            let trouble = match &outcome {
                Ok(raw) => Trouble::Status(raw.status.as_u16()),
                Err(broken) => broken.trouble,
            };
            if !may_repeat(trouble, request.repeat) {
                let outcome = outcome.map(|raw| Raw { is_again, ..raw });
                return last(outcome, tries.count, request.repeat);
            }
            is_again |= may_have_been_done(trouble);
            let asked = outcome.as_ref().ok().and_then(|raw| self.pause(raw));
            let delay = tries.delay(asked, &self.chance);
            let is_held = request.is_ours && trouble == Trouble::Status(429);
            if is_held {
                self.budget.hold(delay);
            }
            let now = self.clock.elapsed();
            if request.is_single || !tries.is_in_time(trouble, delay, now, &self.patience) {
                return last(outcome, tries.count, request.repeat);
            }
            warn_of(request, &outcome, tries.count, delay);
            if !is_held {
                self.clock.sleep(delay).await;
            }
        }
    }

    /// Waits for a place in the rate budget, which only the API has.
    async fn admit(&self, request: &Request) -> Result<Option<Permit<'_>>, Failure> {
        if !request.is_ours {
            return Ok(None);
        }
        let permit = self.budget.admit(self.patience.limited).await;
        permit.map(Some).map_err(closed)
    }

    async fn attempt(&self, request: &Request, attempt: u32) -> Result<Raw, Broken> {
        let started = self.clock.elapsed();
        let bearer = request.is_ours.then_some(&self.bearer);
        let outcome = self.receive(request, bearer).await;
        debug!(
            endpoint = request.name,
            status = outcome.as_ref().ok().map(|raw| raw.status.as_u16()),
            attempt,
            duration_ms = self.clock.elapsed().saturating_sub(started).as_secs_f64() * 1e3,
            request_id = outcome.as_ref().ok().and_then(Raw::request_id),
            "request"
        );
        outcome
    }

    async fn receive(
        &self,
        request: &Request,
        bearer: Option<&HeaderValue>,
    ) -> Result<Raw, Broken> {
        let mut response = self.wire.send(request, bearer).await?;
        if request.is_ours {
            self.budget.learn(response.headers());
        }
        let mut raw = Raw {
            status: response.status(),
            headers: std::mem::take(response.headers_mut()),
            path: response.url().path().to_owned(),
            body: Bytes::new(),
            rest: None,
            tries: 1,
            is_again: false,
        };
        if request.is_streamed && raw.status.is_success() {
            raw.rest = Some(Box::new(response));
        } else {
            raw.body = self.wire.read(response, self.max_response).await?;
        }
        Ok(raw)
    }

    /// Returns the pause that a refusal asks for.
    fn pause(&self, raw: &Raw) -> Option<Duration> {
        let asked = retry_after(&raw.headers, self.clock.now());
        asked.or_else(|| match raw.status {
            StatusCode::TOO_MANY_REQUESTS => self.budget.reset(&raw.headers),
            _ => None,
        })
    }
}

fn last(outcome: Result<Raw, Broken>, count: u32, repeat: Repeat) -> Result<Raw, Failure> {
    match outcome {
        Ok(raw) => Ok(Raw {
            tries: count,
            ..raw
        }),
        Err(broken) => {
            let mut failure = broken.failure;
            failure.retryable = may_repeat(broken.trouble, repeat);
            if count > 1 {
                failure.message = format!("{} (tried {count} times)", failure.message);
            }
            Err(failure)
        }
    }
}

fn closed(pause: Duration) -> Failure {
    let message = format!("the server asked for a pause of {} s", pause.as_secs());
    let mut failure = Failure::new(FailureKind::RateLimited, message);
    failure.status = Some(429);
    failure.retryable = true;
    failure.hint("all programs with this key share its limit")
}

fn warn_of(request: &Request, outcome: &Result<Raw, Broken>, attempt: u32, delay: Duration) {
    let why = match outcome {
        Ok(raw) => format!("status {}", raw.status.as_u16()),
        Err(broken) => broken.failure.message.clone(),
    };
    let delay_ms = delay.as_millis();
    warn!(
        endpoint = request.name,
        attempt, delay_ms, why, "will be tried again"
    );
}
