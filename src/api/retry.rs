//! Decides whether a call is sent again, and when.
//!
//! [`may_repeat`] is the only place that says so; what a failure calls `retryable` is the same.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use http::HeaderMap;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use super::Patience;
use crate::catalog::Repeat;
use crate::ids::Chance;

/// What went wrong with an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The request certainly did not reach the server.
    Unsent,
    /// The connection broke, or nothing came, after the request may have arrived.
    Lost,
    /// The server answered with this status.
    Status(u16),
    /// Nothing that would be better the next time.
    Lasting,
}

/// Returns whether a call of a class may be sent again after some trouble.
pub(super) fn may_repeat(trouble: Trouble, repeat: Repeat) -> bool {
    match trouble {
        Trouble::Unsent | Trouble::Status(429) => true,
        Trouble::Lost | Trouble::Status(500 | 502 | 503 | 504) => repeat != Repeat::Once,
        Trouble::Status(_) | Trouble::Lasting => false,
    }
}

/// Returns whether a call that met some trouble may have been done all the same.
pub(super) fn may_have_been_done(trouble: Trouble) -> bool {
    !may_repeat(trouble, Repeat::Once)
}

/// The attempts of one call.
pub(super) struct Tries {
    /// Attempts so far.
    pub(super) count: u32,
    started: Duration,
    backoff: ExponentialBackoff,
}

impl Tries {
    /// Starts to count.
    pub(super) fn new() -> Self {
        let backoff = ExponentialBuilder::new()
            .with_min_delay(Duration::from_millis(500))
            .with_max_delay(Duration::from_secs(20))
            .without_max_times();
        Self {
            count: 0,
            started: Duration::ZERO,
            backoff: backoff.build(),
        }
    }

    /// Counts an attempt that leaves now.
    pub(super) fn leave(&mut self, now: Duration) {
        if self.count == 0 {
            self.started = now;
        }
        self.count += 1;
    }

    /// Returns how long to wait after some trouble: what the server asked for, or a jittered,
    /// growing delay; the latter too where it asks for no pause at all, or else it would be hammered.
    pub(super) fn delay(&mut self, asked: Option<Duration>, chance: &Chance) -> Duration {
        asked.filter(|asked| !asked.is_zero()).unwrap_or_else(|| {
            let delay = self.backoff.next().unwrap_or_default();
            delay.mul_f64(0.5 + chance.fraction() / 2.0)
        })
    }

    /// Returns whether another attempt after a delay still lies within the patience.
    pub(super) fn is_in_time(
        &self,
        trouble: Trouble,
        delay: Duration,
        now: Duration,
        patience: &Patience,
    ) -> bool {
        let longest = match trouble {
            Trouble::Unsent => patience.unreachable,
            Trouble::Status(429) => patience.limited,
            Trouble::Lost | Trouble::Status(_) | Trouble::Lasting => patience.failing,
        };
        now.saturating_sub(self.started).saturating_add(delay) <= longest
    }
}

/// Returns how long the server asks to wait: `Retry-After` in seconds or as a date.
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers
        .get(http::header::RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let until = DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(Duration::try_from(until.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cannot_have_happened_is_sent_again_for_once() {
        use Trouble::{Lasting, Lost, Status, Unsent};
        let cases = [
            (Unsent, true, true),
            (Status(429), true, true),
            (Lost, true, false),
            (Status(500), true, false),
            (Status(502), true, false),
            (Status(503), true, false),
            (Status(504), true, false),
            (Status(501), false, false),
            (Status(409), false, false),
            (Status(404), false, false),
            (Lasting, false, false),
        ];
        for (trouble, read, once) in cases {
            assert_eq!(may_repeat(trouble, Repeat::Read), read, "{trouble:?}");
            assert_eq!(may_repeat(trouble, Repeat::Idempotent), read, "{trouble:?}");
            assert_eq!(may_repeat(trouble, Repeat::Once), once, "{trouble:?}");
        }
    }

    #[test]
    fn delays_grow_and_a_seed_repeats_them() {
        let delays = |seed| {
            let (mut tries, chance) = (Tries::new(), Chance::from_seed(seed));
            (0..8)
                .map(|_| tries.delay(None, &chance))
                .collect::<Vec<_>>()
        };
        assert_eq!(delays(1), delays(1));
        assert_ne!(delays(1), delays(2));
        let (first, last) = (delays(1)[0], delays(1)[7]);
        assert!((250..=500).contains(&first.as_millis()), "{first:?}");
        assert!((10_000..=20_000).contains(&last.as_millis()), "{last:?}");
    }

    #[test]
    fn reads_seconds_and_dates() {
        let now: Timestamp = "2026-01-05T08:00:00Z".parse().unwrap();
        let asked = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("retry-after", text.parse().unwrap());
            retry_after(&headers, now)
        };
        assert_eq!(asked("7"), Some(Duration::from_secs(7)));
        assert_eq!(
            asked("Mon, 05 Jan 2026 08:01:30 GMT"),
            Some(Duration::from_secs(90))
        );
        assert_eq!(asked("Mon, 05 Jan 2026 07:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(asked("soon"), None);
        assert_eq!(asked("-3"), None);
    }
}
