//! The time in which a call that was cut off can have had its effect.
//!
//! All times are the server's. What lies at the edge of the window is neither in nor out: clocks
//! differ, and a call may have waited for the rate limit before it left.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// Clocks that are set at all differ by less; what is older was there before.
const BEFORE: Duration = Duration::from_secs(5 * 60);

/// Within this time after its intent a call has left, or been given up.
const AFTER: Duration = Duration::from_secs(15 * 60);

/// The same for a trace that somebody else may leave, too: usually a call does not wait so long.
const TRACE_AFTER: Duration = Duration::from_secs(2 * 60);

/// What was changed longer before an intent was not changed by its call.
const LEFT_ALONE: SignedDuration = SignedDuration::from_secs(10);

/// A server tells its time in whole seconds; smaller differences say nothing.
const RESOLUTION: SignedDuration = SignedDuration::from_secs(2);

/// How sure something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Yes,
    No,
    /// It may be so, or not.
    Perhaps,
}

impl Verdict {
    /// Returns the verdict of a plain fact.
    pub(super) fn of(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }

    /// Returns whether both hold.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            (Self::Perhaps, _) | (_, Self::Perhaps) => Self::Perhaps,
        }
    }

    /// Returns the verdict with a doubt in place of a denial.
    pub(super) fn mild(self) -> Self {
        if self == Self::No {
            Self::Perhaps
        } else {
            self
        }
    }
}

/// The time since an intent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    intent: Timestamp,
}

impl Window {
    /// Returns the window of an intent of the local time, when the local clock shows `now` and the
    /// server's, as far as it is known, shows `server`.
    pub(super) fn new(intent: Timestamp, now: Timestamp, server: Option<Timestamp>) -> Self {
        let ahead = server.map(|server| server.duration_since(now));
        let ahead = ahead.filter(|ahead| ahead.abs() > RESOLUTION);
        let moved = ahead.and_then(|ahead| intent.checked_add(ahead).ok());
        Self {
            intent: moved.unwrap_or(intent),
        }
    }

    /// Returns the earliest time that counts at all.
    pub(super) fn opening(&self) -> Timestamp {
        self.intent.checked_sub(BEFORE).unwrap_or(Timestamp::MIN)
    }

    /// Judges whether something that came to be at a time may be the call's work.
    pub(super) fn holds(&self, at: &Value) -> Verdict {
        let Some((at, slack)) = read(at) else {
            return Verdict::Perhaps;
        };
        if at < self.opening() {
            Verdict::No
        } else {
            Verdict::of(self.is_within(at, slack, AFTER)).mild()
        }
    }

    /// Judges whether a trace was left since the intent, and soon enough to be the call's.
    pub(super) fn holds_trace(&self, at: &Value) -> Verdict {
        let Some((at, slack)) = read(at) else {
            return Verdict::Perhaps;
        };
        if is_before(at, slack, self.intent) {
            Verdict::No
        } else {
            Verdict::of(self.is_within(at, slack, TRACE_AFTER)).mild()
        }
    }

    /// Judges whether something has not been changed since the intent.
    pub(super) fn is_untouched(&self, changed: &Value) -> bool {
        read(changed).is_some_and(|(at, _)| self.intent.duration_since(at) > LEFT_ALONE)
    }

    fn is_within(&self, at: Timestamp, slack: Duration, after: Duration) -> bool {
        let end = self.intent.checked_add(after).unwrap_or(Timestamp::MAX);
        !is_before(at, slack, self.intent) && at <= end
    }
}

fn is_before(at: Timestamp, slack: Duration, intent: Timestamp) -> bool {
    at.checked_add(slack).unwrap_or(Timestamp::MAX) < intent
}

/// Reads a time, and by how much it may have been cut.
fn read(value: &Value) -> Option<(Timestamp, Duration)> {
    let text = value.as_str()?;
    let at = text.parse().ok()?;
    let digits = text.split_once('.').map_or(0, |(_, rest)| {
        rest.chars().take_while(char::is_ascii_digit).count()
    });
    let cut = u32::try_from(digits.min(9)).unwrap_or_default();
    Some((at, Duration::from_nanos(10_u64.pow(9 - cut))))
}
