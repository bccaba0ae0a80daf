//! Times as people say them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;

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

fn distance(time: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(time.as_second());
    let (count, unit) = match seconds.saturating_abs() {
        0..MINUTE => (seconds, "s"),
        MINUTE..HOUR => (seconds / MINUTE, "min"),
        HOUR..DAY => (seconds / HOUR, "h"),
        _ => (seconds / DAY, "days"),
    };
    match count {
        0 => "now".into(),
        1 if unit == "days" => "1 day ago".into(),
        -1 if unit == "days" => "in 1 day".into(),
        1.. => format!("{count} {unit} ago"),
        ..0 => format!("in {} {unit}", -count),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_from_here() {
        let now: Timestamp = "2026-01-05T08:00:00Z".parse().unwrap();
        let short = |text: &str| short(time(text).unwrap(), now, &TimeZone::UTC);
        assert_eq!(short("2026-01-05T08:00:00Z"), "now");
        assert_eq!(short("2026-01-05T07:59:30.5Z"), "30 s ago");
        assert_eq!(short("2026-01-05T08:57:00+01:00"), "3 min ago");
        assert_eq!(short("2026-01-05T10:30:00Z"), "in 2 h");
        assert_eq!(short("2026-01-04T07:00:00Z"), "1 day ago");
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
