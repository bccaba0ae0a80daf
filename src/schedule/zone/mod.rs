//! Local times as instants, also in the nights when clocks change.
//!
//! A zone's time is cut into stretches without a change ([`Stretch`]): inside one, local times and
//! instants go side by side, so everything that is special happens where two of them meet.

mod rules;
mod stretch;

pub use rules::{Gap, Moved, Repeated, Rules};
pub(in crate::schedule) use stretch::Stretch;

use jiff::civil::{DateTime, date};
use jiff::tz::TimeZone;

use super::fault::Fault;
use crate::report::nearest;

/// Finds a time zone by its IANA name.
pub fn zone(name: &str) -> Result<TimeZone, Fault> {
    let found = TimeZone::get(name);
    found.map_err(|_| {
        let fault = Fault::new(format!("there is no time zone `{name}`"), 0..name.len());
        let known: Vec<String> = jiff::tz::db()
            .available()
            .map(|known| known.to_string())
            .collect();
        match near(name, &known) {
            Some(near) => fault.hint(format!("did you mean `{near}`?")),
            None => fault.hint("zones have IANA names, such as `Europe/Prague` or `UTC`"),
        }
    })
}

/// Returns the name that is meant by a misspelt one, or by the city alone.
fn near<'a>(name: &str, known: &'a [String]) -> Option<&'a str> {
    let city = |known: &&'a str| {
        known
            .rsplit('/')
            .next()
            .is_some_and(|city| city.eq_ignore_ascii_case(name))
    };
    let mut known = known.iter().map(String::as_str);
    nearest(name, known.clone()).or_else(|| known.find(city))
}

/// Returns the seconds since 1970 of a local time, as if it were UTC.
pub(in crate::schedule) fn seconds_of(local: DateTime) -> i64 {
    local
        .duration_since(date(1970, 1, 1).at(0, 0, 0, 0))
        .as_secs()
}

/// Returns the local time that lies so many seconds after 1970.
pub(in crate::schedule) fn local_of(seconds: i64) -> Option<DateTime> {
    let instant = jiff::Timestamp::from_second(seconds).ok()?;
    Some(jiff::tz::Offset::UTC.to_datetime(instant))
}
