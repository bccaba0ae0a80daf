//! Who may come in: the bearer key, the rate limit, and answers to requests that came before.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;

use super::received::Received;
use super::respond::Answer;
use crate::simulator::reply::Refusal;

/// The window of the rate limit.
const WINDOW: Duration = Duration::from_secs(60);
/// How long an `Idempotency-Key` is remembered.
const MEMORY: Duration = Duration::from_secs(24 * 60 * 60);
/// How many keys are remembered at most.
const MOST_KEYS: usize = 20_000;
/// Bytes of answers that are remembered at most.
const MOST_BYTES: usize = 64 * 1024 * 1024;
/// What is announced when there is no limit: high enough that no client holds back.
const UNLIMITED: u32 = 1_000_000;

/// The rate of one key, and the answers that were given under idempotency keys.
#[derive(Debug, Default)]
pub(super) struct Admission {
    window_start: Option<Timestamp>,
    count: u32,
    answers: HashMap<String, Remembered>,
    /// How many bytes the answers may have.
    bytes: usize,
}

#[derive(Debug)]
struct Remembered {
    body: u64,
    answer: Answer,
    until: Timestamp,
}

/// What the rate limit says in the headers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    pub(super) limit: u32,
    pub(super) remaining: u32,
    /// When the window is over, in Unix seconds.
    pub(super) reset: i64,
    /// How long to wait, in seconds, when the limit is passed.
    pub(super) retry_after: Option<i64>,
}

impl Admission {
    /// Counts a request.
    pub(super) fn count(&mut self, limit: Option<u32>, now: Timestamp) -> Rate {
        let ends = |start: Timestamp| start.checked_add(WINDOW).unwrap_or(Timestamp::MAX);
        if self.window_start.is_none_or(|start| ends(start) <= now) {
            (self.window_start, self.count) = (Some(now), 0);
        }
        let end = ends(self.window_start.unwrap_or(now));
        let wanted = limit.unwrap_or(UNLIMITED);
        let is_over = limit.is_some_and(|limit| self.count >= limit);
        if limit.is_some() && !is_over {
            self.count += 1;
        }
        let reset = end.as_second() + i64::from(end.subsec_nanosecond() > 0);
        Rate {
            limit: wanted,
            remaining: wanted.saturating_sub(self.count),
            reset,
            retry_after: is_over.then(|| (reset - now.as_second()).max(1)),
        }
    }

    /// Returns the answer that was given under the request's idempotency key.
    pub(super) fn recall(
        &mut self,
        received: &Received,
        now: Timestamp,
    ) -> Result<Option<Answer>, Refusal> {
        let Some(name) = name(received) else {
            return Ok(None);
        };
        match self.answers.get(&name).filter(|known| known.until > now) {
            None => Ok(None),
            Some(known) if known.body == fingerprint(received) => Ok(Some(known.answer.clone())),
            Some(_) => Err(Refusal::new(
                &[400],
                "idempotency_key_reused",
                "this `Idempotency-Key` was used with another body",
            )),
        }
    }

    /// Remembers a successful answer, with what it brought and shows.
    pub(super) fn remember(
        &mut self,
        received: &Received,
        answer: &Answer,
        weight: usize,
        now: Timestamp,
    ) {
        let Some(name) = name(received) else {
            return;
        };
        if self.answers.len() >= MOST_KEYS {
            self.answers.retain(|_, known| known.until > now);
        }
        self.bytes += weight;
        if self.answers.len() >= MOST_KEYS || self.bytes > MOST_BYTES {
            self.answers.clear();
            self.bytes = weight;
        }
        let until = now.checked_add(MEMORY).unwrap_or(Timestamp::MAX);
        let (body, answer) = (fingerprint(received), answer.clone());
        self.answers.insert(
            name,
            Remembered {
                body,
                answer,
                until,
            },
        );
    }
}

fn name(received: &Received) -> Option<String> {
    let key = received.idempotency_key.as_deref()?;
    Some(format!(
        "{} {} {key}",
        received.method.as_str(),
        received.path
    ))
}

fn fingerprint(received: &Received) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    match &received.body {
        super::received::Body::Bytes(bytes) => bytes.hash(&mut hasher),
        super::received::Body::Form(fields, upload) => {
            serde_json::Value::Object(fields.clone())
                .to_string()
                .hash(&mut hasher);
            upload
                .as_ref()
                .map(|upload| &upload.bytes)
                .hash(&mut hasher);
        }
        super::received::Body::Broken(_) => {}
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_a_minute_and_begins_anew() {
        let mut admission = Admission::default();
        let start: Timestamp = "2026-01-05T08:00:00.500Z".parse().unwrap();
        let first = admission.count(Some(2), start);
        assert_eq!(
            (first.limit, first.remaining, first.retry_after),
            (2, 1, None)
        );
        admission.count(Some(2), start);
        let over = admission.count(Some(2), start);
        assert_eq!((over.remaining, over.retry_after), (0, Some(61)));
        let later = start.checked_add(WINDOW).unwrap();
        assert_eq!(admission.count(Some(2), later).retry_after, None);
        assert!(Admission::default().count(None, start).remaining >= 1_000_000);
    }
}
