//! Small pieces of markup and text that several views need: times, lengths, states, links.

use jiff::Timestamp;
use maud::{Markup, html};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::clock::{self, distance, moment};

/// What stands for itself in a part of a path.
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

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

/// Returns the length between two times, or nothing where the second is the earlier one.
pub(super) fn took(from: Timestamp, to: Timestamp) -> String {
    clock::between(from, to)
        .map(clock::length)
        .unwrap_or_default()
}

/// Returns a time as it lies from now: `3 min ago`, `in 2 d`. The script keeps it up to date.
pub(super) fn when(at: Timestamp, now: Timestamp) -> Markup {
    html! {
        time datetime=(at) title=(moment(at)) data-when { (distance(at, now)) }
    }
}

/// Returns a time of day with its date where it is not today's, in UTC.
pub(super) fn time_of_day(at: Timestamp, now: Timestamp) -> String {
    let is_today = at.strftime("%F").to_string() == now.strftime("%F").to_string();
    let form = if is_today { "%H:%M:%S" } else { "%b %d %H:%M" };
    at.strftime(form).to_string()
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
