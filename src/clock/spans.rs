//! Times in few words: how long something took, how far away it lies, and when exactly it was.

use std::time::Duration;

use jiff::Timestamp;

/// Units from the largest, in seconds.
const UNITS: [(u64, &str); 4] = [(DAY, "d"), (3_600, "h"), (60, "min"), (1, "s")];
const DAY: u64 = 86_400;

/// Returns a length in its two largest units: `3 h 20 min`, `1.4 s`, `12 ms`.
pub fn length(length: Duration) -> String {
    if length < Duration::from_secs(1) {
        return format!("{} ms", length.as_millis());
    }
    if length < Duration::from_secs(10) {
        return format!("{:.1} s", length.as_secs_f64());
    }
    let mut left = length.as_secs();
    let mut parts = Vec::new();
    for (unit, name) in UNITS {
        if parts.len() == 2 || (left < unit && parts.is_empty()) {
            continue;
        }
        match left / unit {
            0 => break,
            count => parts.push(format!("{count} {name}")),
        }
        left %= unit;
    }
    parts.join(" ")
}

/// Returns the length between two times; `None` when the second is the earlier one.
pub fn between(from: Timestamp, to: Timestamp) -> Option<Duration> {
    Duration::try_from(to.duration_since(from)).ok()
}

/// Returns how far from now a time lies, in its largest unit: `3 min ago`, `in 2 d`, `now`.
pub fn distance(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(at).as_secs();
    let far = seconds.unsigned_abs();
    // One day may be nearly two: hours tell more.
    let is_told = |unit: u64| far >= unit && (unit < DAY || far >= 2 * unit);
    match UNITS.iter().find(|(unit, _)| is_told(*unit)) {
        None => "now".to_owned(),
        Some((unit, name)) if seconds > 0 => format!("{} {name} ago", far / unit),
        Some((unit, name)) => format!("in {} {name}", far / unit),
    }
}

/// Returns a time to the second, in UTC.
pub fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_two_units_at_most() {
        let of = |milliseconds| length(Duration::from_millis(milliseconds));
        assert_eq!(of(0), "0 ms");
        assert_eq!(of(999), "999 ms");
        assert_eq!(of(1_400), "1.4 s");
        assert_eq!(of(59_000), "59 s");
        assert_eq!(of(60_000), "1 min");
        assert_eq!(of(3_725_000), "1 h 2 min");
        assert_eq!(of(86_400_000 + 5_000), "1 d");
        assert_eq!(of(3 * 86_400_000 + 7_200_000), "3 d 2 h");
    }

    #[test]
    fn times_lie_before_or_behind() {
        let now: Timestamp = "2026-01-05T08:00:00Z".parse().unwrap();
        let of = |seconds: i64| distance(now - jiff::SignedDuration::from_secs(seconds), now);
        assert_eq!([of(0), of(59), of(200)], ["now", "59 s ago", "3 min ago"]);
        assert_eq!([of(-90_000), of(200_000)], ["in 25 h", "2 d ago"]);
        assert_eq!(of(-60), "in 1 min");
        let ends = distance(Timestamp::MAX, Timestamp::MIN);
        assert!(ends.starts_with("in "), "{ends}");
        assert_eq!(between(now, now), Some(Duration::ZERO));
        assert_eq!(between(Timestamp::MAX, now), None);
        assert_eq!(moment(now), "2026-01-05 08:00:00Z");
    }
}
