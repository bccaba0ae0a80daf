//! A schedule's times: an expression, a zone and an instant, one a line.
//!
//! What is no zone stands for any, and what is no instant for any of the last and next decades, so
//! that few inputs are wasted.

use duvoscript::schedule::{Day, Gap, Plan, Repeated, Rules, Timing, When, zone};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

/// How many slots are looked at.
const SLOTS: usize = 40;

/// Reads an expression, and goes through the slots that follow.
pub fn fuzz(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else {
        return;
    };
    let mut lines = text.splitn(3, '\n');
    let expression = lines.next().unwrap_or_default();
    let zone = some_zone(lines.next().unwrap_or_default());
    let after = some_instant(lines.next().unwrap_or_default());
    _ = Day::parse(expression);
    if let Ok(when) = When::parse(expression) {
        _ = (when.start(&zone), when.end(&zone));
    }
    let timings = [
        Timing::cron(expression),
        Timing::every(expression, after),
        Timing::once(expression),
    ];
    for timing in timings.into_iter().flatten() {
        for gap in Gap::ALL {
            for repeated in Repeated::ALL {
                let mut plan = Plan::new("fuzzed", timing.clone(), zone.clone());
                plan.rules = Rules { gap, repeated };
                look(&plan, after);
            }
        }
    }
}

/// Panics unless slots come after the instant, one after the other, at the time that the wall shows.
fn look(plan: &Plan, after: Timestamp) {
    let mut last = after;
    for slot in plan.after(after).take(SLOTS) {
        assert!(slot.at > last, "{} comes after {last}", slot.at);
        let wall = plan.zone.to_datetime(slot.at);
        assert_eq!(slot.local, wall, "{}", slot.at);
        last = slot.at;
    }
}

fn some_zone(text: &str) -> TimeZone {
    zone(text.trim()).unwrap_or_else(|_| {
        let mut names = jiff::tz::db().available().collect::<Vec<_>>();
        names.sort();
        let name = &names[number(text) % names.len()];
        TimeZone::get(name.as_str()).unwrap()
    })
}

fn some_instant(text: &str) -> Timestamp {
    let second = text.trim().parse().ok();
    let exact = second.and_then(|second| Timestamp::from_second(second).ok());
    exact.unwrap_or_else(|| {
        let minutes = i64::try_from(number(text) % (80 * 365 * 24 * 60)).unwrap();
        Timestamp::UNIX_EPOCH + minutes.minutes()
    })
}

/// Returns a number that hangs on a text.
fn number(text: &str) -> usize {
    text.bytes().fold(7, |sum: usize, byte| {
        sum.wrapping_mul(31).wrapping_add(usize::from(byte))
    })
}
