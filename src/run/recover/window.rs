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

    /// Judges whether the trace of another call may explain what came after it.
    pub(super) fn holds_other(&self, at: &Value) -> Verdict {
        if self.is_untouched(at) {
            Verdict::No
        } else {
            Verdict::Perhaps
        }
    }

    /// Judges whether something has not been changed since the intent.
    pub(super) fn is_untouched(&self, changed: &Value) -> bool {
        read(changed).is_some_and(|(at, _)| self.intent.duration_since(at) > LEFT_ALONE)
    }

    /// Judges whether something has not happened after the intent, or as good as with it.
    pub(super) fn is_no_later(&self, at: &Value) -> bool {
        read(at).is_some_and(|(at, _)| at.duration_since(self.intent) <= RESOLUTION)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn window() -> Window {
        let intent = at("2026-01-05T08:00:00.75Z");
        Window::new(intent, intent, None)
    }

    #[test]
    fn a_time_that_was_cut_short_is_not_older() {
        let holds = |text: &str| window().holds(&text.into());
        let cases = [
            ("2026-01-05T08:00:00.75Z", Verdict::Yes),
            ("2026-01-05T08:00:00Z", Verdict::Yes),
            ("2026-01-05T08:00:00.7Z", Verdict::Yes),
            ("2026-01-05T10:00:00.7501+02:00", Verdict::Yes),
            ("2026-01-05T08:15:00Z", Verdict::Yes),
            ("2026-01-05T08:00:00.70Z", Verdict::Perhaps),
            ("2026-01-05T07:59:59Z", Verdict::Perhaps),
            ("2026-01-05T08:16:00Z", Verdict::Perhaps),
            ("yesterday", Verdict::Perhaps),
            ("2026-01-05T07:55:00Z", Verdict::No),
        ];
        for (text, verdict) in cases {
            assert_eq!(holds(text), verdict, "{text}");
        }
        assert_eq!(window().holds(&Value::Null), Verdict::Perhaps);
    }

    #[test]
    fn a_trace_comes_after_the_intent_and_soon() {
        let holds = |text: &str| window().holds_trace(&text.into());
        assert_eq!(holds("2026-01-05T08:00:01Z"), Verdict::Yes);
        assert_eq!(holds("2026-01-05T07:59:59Z"), Verdict::No);
        assert_eq!(holds("2026-01-05T08:03:00Z"), Verdict::Perhaps);
    }

    #[test]
    fn what_was_changed_just_before_may_have_been_changed_since() {
        let is_untouched = |text: &str| window().is_untouched(&text.into());
        assert!(is_untouched("2026-01-05T07:59:00Z"));
        assert!(!is_untouched("2026-01-05T07:59:55Z"));
        assert!(!is_untouched("2026-01-05T08:00:01Z"));
        assert!(!is_untouched("never"));
    }

    #[test]
    fn what_happened_with_the_intent_is_no_later() {
        let is_no_later = |text: &str| window().is_no_later(&text.into());
        assert!(is_no_later("2026-01-05T07:00:00Z"));
        assert!(is_no_later("2026-01-05T08:00:00.75Z"));
        assert!(is_no_later("2026-01-05T08:00:02Z"));
        assert!(!is_no_later("2026-01-05T08:00:03Z"));
        assert!(!is_no_later("never"));
    }

    #[test]
    fn only_a_real_difference_of_the_clocks_counts() {
        let now = at("2026-01-05T09:00:00Z");
        let intent = at("2026-01-05T08:00:00Z");
        let opening = |server: &str| Window::new(intent, now, Some(at(server))).opening();
        let plain = Window::new(intent, now, None).opening();
        assert_eq!(opening("2026-01-05T08:59:59Z"), plain);
        assert_eq!(
            opening("2026-01-05T08:50:00Z"),
            plain - SignedDuration::from_mins(10)
        );
        assert_eq!(
            opening("2026-01-05T10:00:00Z"),
            plain + SignedDuration::from_hours(1)
        );
    }
}
