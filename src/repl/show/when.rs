//! Times as people say them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::clock::distance;

const WEEK: i64 = 7 * 24 * 60 * 60;

/// Returns the time that a text is, if it is one: RFC 3339, with a zone.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    let is_time = text.len() >= 20 && text.as_bytes()[10] == b'T';
    is_time.then(|| text.parse().ok()).flatten()
}

/// Returns a time in a zone, and how long ago it was.
pub(super) fn long(time: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let local = jiff::ZonedDateTime::new(time, zone.clone()).strftime("%Y-%m-%d %H:%M:%S");
    format!("{local} ({})", distance(time, now))
}

/// Returns how long ago a time was, or when it was, when that is long ago.
pub(super) fn short(time: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let seconds = now.as_second().saturating_sub(time.as_second());
    if seconds.saturating_abs() < WEEK {
        return distance(time, now);
    }
    let local = jiff::ZonedDateTime::new(time, zone.clone());
    local.strftime("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_from_here() {
        let now: Timestamp = "2026-01-05T08:00:00Z".parse().unwrap();
        let short = |text: &str| short(time(text).unwrap(), now, &TimeZone::UTC);
        assert_eq!(short("2026-01-05T08:00:00Z"), "now");
        assert_eq!(short("2026-01-05T07:59:30.5Z"), "29 s ago");
        assert_eq!(short("2026-01-05T08:57:00+01:00"), "3 min ago");
        assert_eq!(short("2026-01-05T10:30:00Z"), "in 2 h");
        assert_eq!(short("2026-01-04T07:00:00Z"), "25 h ago");
        assert_eq!(short("2025-12-01T07:00:00Z"), "2025-12-01 07:00");
        assert_eq!(short("9999-12-30T07:00:00Z"), "9999-12-30 07:00");
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let long = long(time("2026-01-05T07:57:00Z").unwrap(), now, &berlin);
        assert_eq!(long, "2026-01-05 08:57:00 (3 min ago)");
    }

    #[test]
    fn what_is_no_time_stays() {
        for text in [
            "",
            "2026-01-05",
            "2026-01-05T08:00:00",
            "é026-01-05T08:00:00Z é",
            "x".repeat(30).as_str(),
        ] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
