//! Times in few words: how long something took, how long ago it was, and when exactly.

use std::time::Duration;

use jiff::Timestamp;

use crate::journal::RunRow;

/// Units from the largest, in seconds.
const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];

/// Returns a length in its two largest units: `3 h 20 min`, `1.4 s`, `12 ms`.
pub(in crate::cli) fn length(length: Duration) -> String {
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

/// Returns how long ago a time was, in its largest unit: `3 min ago`.
pub(in crate::cli) fn age(at: Timestamp, now: Timestamp) -> String {
    let Some(seconds) = between(at, now).map(|age| age.as_secs()) else {
        return moment(at);
    };
    let unit = UNITS.iter().find(|(unit, _)| seconds >= *unit);
    unit.map_or("now".into(), |(unit, name)| {
        format!("{} {name} ago", seconds / unit)
    })
}

/// Returns the length between two times; `None` when the second is the earlier one.
pub(super) fn between(from: Timestamp, to: Timestamp) -> Option<Duration> {
    Duration::try_from(to.duration_since(from)).ok()
}

/// Returns a time to the second, in UTC.
pub(in crate::cli) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// Returns when a run began: how long ago, or exactly where its time is simulated.
pub(super) fn since(run: &RunRow, now: Timestamp) -> String {
    if is_simulated(run) {
        moment(run.created_at)
    } else {
        age(run.created_at, now)
    }
}

/// Returns how long a run has taken so far; `None` while nobody can tell.
pub(super) fn taken(run: &RunRow, now: Timestamp) -> Option<Duration> {
    let until = match run.ended_at {
        Some(ended) => ended,
        None if is_simulated(run) => return None,
        None => now,
    };
    between(run.started_at?, until)
}

/// Returns whether the time of a run is that of a simulator, and no measure for ours.
fn is_simulated(run: &RunRow) -> bool {
    let world: serde_json::Value = serde_json::from_str(&run.world).unwrap_or_default();
    world.get("simulator").is_some()
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
    fn ages_have_one_unit_and_no_future() {
        let now: Timestamp = "2026-01-05T08:00:00Z".parse().unwrap();
        let of = |seconds: i64| age(now - jiff::SignedDuration::from_secs(seconds), now);
        assert_eq!(of(0), "now");
        assert_eq!(of(59), "59 s ago");
        assert_eq!(of(200), "3 min ago");
        assert_eq!(of(90_000), "1 d ago");
        assert_eq!(of(-60), "2026-01-05 08:01:00Z");
    }
}
