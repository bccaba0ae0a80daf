//! Small pieces of markup and text that several views need: times, lengths, states, links.

use std::time::Duration;

use jiff::Timestamp;
use maud::{Markup, html};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// What stands for itself in a part of a path.
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// Units from the largest, in seconds.
const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];

/// Returns a path, its last part encoded.
pub(super) fn path(before: &str, part: &str) -> String {
    format!("{before}/{}", encoded(part))
}

/// Returns a text as a part of an address.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, PART).to_string()
}

/// Returns the address of the login that leads on to a page.
pub(super) fn login(target: &str) -> String {
    match target {
        "/" => "/login".to_owned(),
        target => format!("/login?to={}", encoded(target)),
    }
}

/// Returns a length in its two largest units: `3 h 20 min`.
pub(super) fn length(length: Duration) -> String {
    if length < Duration::from_secs(1) {
        return format!("{} ms", length.as_millis());
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

/// Returns the length between two times, or nothing where the second is the earlier one.
pub(super) fn between(from: Timestamp, to: Timestamp) -> String {
    let length = Duration::try_from(to.duration_since(from)).ok();
    length.map(self::length).unwrap_or_default()
}

/// Returns a time as it lies from now: `3 min ago`, `in 2 d`. The script keeps it up to date.
pub(super) fn when(at: Timestamp, now: Timestamp) -> Markup {
    let exact = exact(at);
    html! {
        time datetime=(at) title=(exact) data-when { (lies(at, now)) }
    }
}

/// Returns a time to the second, in UTC.
pub(super) fn exact(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// Returns a time of day with its date where it is not today's, in UTC.
pub(super) fn clock(at: Timestamp, now: Timestamp) -> String {
    let is_today = at.strftime("%F").to_string() == now.strftime("%F").to_string();
    let form = if is_today { "%H:%M:%S" } else { "%b %d %H:%M" };
    at.strftime(form).to_string()
}

fn lies(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(at).as_secs();
    let unit = |seconds: u64| {
        // One day may be nearly two: hours tell more.
        let is_told = |unit: u64| seconds >= unit && (unit < 86_400 || seconds >= 2 * unit);
        let unit = UNITS.iter().find(|(unit, _)| is_told(*unit));
        unit.map(|(unit, name)| format!("{} {name}", seconds / unit))
    };
    match (unit(seconds.unsigned_abs()), seconds > 0) {
        (None, _) => "now".to_owned(),
        (Some(past), true) => format!("{past} ago"),
        (Some(future), false) => format!("in {future}"),
    }
}

/// Returns how something stands, as a mark with a word: never by colour alone.
pub(super) fn badge(state: &str) -> Markup {
    html! { span class={ "badge is-" (state) } { (spoken(state)) } }
}

/// Returns a state in words for people.
pub(super) fn spoken(state: &str) -> String {
    state.replace('_', " ")
}

/// Returns the first part of an id, which tells it from others for people.
pub(super) fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}

/// Returns a value as text over several lines.
pub(super) fn pretty(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => serde_json::to_string_pretty(value).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_lie_before_or_behind() {
        let now: Timestamp = "2026-01-05T08:00:00Z".parse().unwrap();
        let of = |seconds: i64| lies(now - jiff::SignedDuration::from_secs(seconds), now);
        assert_eq!([of(0), of(59), of(200)], ["now", "59 s ago", "3 min ago"]);
        assert_eq!([of(-90_000), of(200_000)], ["in 25 h", "2 d ago"]);
        assert_eq!(length(Duration::from_secs(3_725)), "1 h 2 min");
        assert_eq!(length(Duration::from_millis(7)), "7 ms");
    }

    #[test]
    fn what_stands_in_a_path_leads_nowhere_else() {
        assert_eq!(
            path("/schedules", "a/../b?c#d"),
            "/schedules/a%2F..%2Fb%3Fc%23d"
        );
        assert_eq!(
            login("/runs?only=failed"),
            "/login?to=%2Fruns%3Fonly%3Dfailed"
        );
    }
}
