//! What the tests of this folder share: random expressions, and a judge that shares no code with
//! what it judges: it looks at every minute of the zone's clock.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{DateTime, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::{Gap, Repeated, Rules};
use crate::ids::Chance;

/// The zones whose clocks are known for trouble, each with a day near which they change.
pub(super) const NIGHTS: [(&str, [i16; 3]); 12] = [
    ("America/New_York", [2026, 3, 8]),
    ("America/New_York", [2026, 11, 1]),
    ("Europe/Prague", [2026, 3, 29]),
    ("Europe/Prague", [2026, 10, 25]),
    ("Australia/Lord_Howe", [2026, 4, 5]),
    ("Australia/Lord_Howe", [2026, 10, 4]),
    ("Africa/Cairo", [2026, 4, 24]),
    ("Africa/Cairo", [2026, 10, 30]),
    ("Pacific/Apia", [2011, 12, 30]),
    ("Asia/Kathmandu", [2028, 2, 29]),
    ("Europe/Prague", [2027, 2, 28]),
    ("UTC", [2026, 12, 31]),
];

/// Returns the start of a day of the list, as an instant of its zone.
pub(super) fn noon_before([year, month, day]: [i16; 3], zone: &TimeZone) -> Timestamp {
    let narrow = |part: i16| i8::try_from(part).unwrap();
    let day = date(year, narrow(month), narrow(day));
    let noon = (day - 2.days()).at(12, 0, 0, 0);
    zone.to_timestamp(noon).unwrap()
}

/// Draws a number below a bound.
pub(super) fn below(chance: &Chance, bound: u64) -> u64 {
    chance.bits() % bound
}

/// What a random field may look like: lowest and highest value.
const BOUNDS: [(u64, u64); 5] = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 6)];

/// Draws an expression of five fields, once for this program and once for those that do not know
/// `a/n`, and do not take `*/1` for `*`.
pub(super) fn expression(chance: &Chance) -> (String, String) {
    let fields: Vec<_> = (0..5).map(|index| field(chance, index)).collect();
    let join = |texts: Vec<&str>| texts.join(" ");
    (
        join(fields.iter().map(|(ours, _)| ours.as_str()).collect()),
        join(fields.iter().map(|(_, theirs)| theirs.as_str()).collect()),
    )
}

fn field(chance: &Chance, index: usize) -> (String, String) {
    let same = |text: String| (text.clone(), text);
    match below(chance, 8) {
        0..=2 => same("*".into()),
        3 => match 1 + below(chance, BOUNDS[index].1) {
            1 => ("*/1".into(), "*".into()),
            step => same(format!("*/{step}")),
        },
        _ => {
            let parts: Vec<_> = (0..=below(chance, 3))
                .map(|_| part(chance, index))
                .collect();
            let join = |texts: Vec<&str>| texts.join(",");
            (
                join(parts.iter().map(|(ours, _)| ours.as_str()).collect()),
                join(parts.iter().map(|(_, theirs)| theirs.as_str()).collect()),
            )
        }
    }
}

fn part(chance: &Chance, index: usize) -> (String, String) {
    let (low, high) = BOUNDS[index];
    let one = low + below(chance, high - low + 1);
    let two = one + below(chance, high - one + 1);
    let step = 1 + below(chance, 9);
    let same = |text: String| (text.clone(), text);
    match below(chance, 6) {
        0 => same(format!("{one}-{two}")),
        1 => same(format!("{one}-{two}/{step}")),
        2 => (format!("{one}/{step}"), format!("{one}-{high}/{step}")),
        3 if index == 4 => same(
            ["sun", "Mon", "TUE", "wed", "thu", "fri", "sat"][usize::try_from(one).unwrap()].into(),
        ),
        3 if index == 3 => same(
            [
                "jan", "FEB", "Mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
            ][usize::try_from(one).unwrap() - 1]
                .into(),
        ),
        4 if index == 4 => same("7".into()),
        _ => same(one.to_string()),
    }
}

/// An expression as the judge sees it.
pub(super) struct Judge {
    /// Which values each field holds, found by trying them all.
    held: Vec<Vec<bool>>,
    is_either: bool,
    is_interval: bool,
}

impl Judge {
    pub(super) fn new(expression: &str) -> Self {
        let fields: Vec<&str> = expression.split_whitespace().collect();
        let held = |(field, (low, high)): (&&str, (u64, u64))| {
            let holds = |value| field.split(',').any(|part| holds(part, value, low, high));
            (0..64).map(holds).collect()
        };
        Self {
            held: fields.iter().zip(BOUNDS).map(held).collect(),
            is_either: ![fields[2], fields[4]]
                .iter()
                .any(|field| ["*", "*/1"].contains(field)),
            is_interval: fields[..2].iter().any(|field| field.contains(['*', '/'])),
        }
    }

    /// Returns whether a local minute is one of the expression.
    pub(super) fn allows(&self, local: DateTime) -> bool {
        let allows = |index: usize, value: i8| self.held[index][usize::try_from(value).unwrap()];
        let weekday = local.weekday();
        let day = allows(2, local.day());
        let week = allows(4, weekday.to_sunday_zero_offset())
            || (weekday == jiff::civil::Weekday::Sunday && allows(4, 7));
        let fits = if self.is_either {
            day || week
        } else {
            day && week
        };
        fits && allows(0, local.minute()) && allows(1, local.hour()) && allows(3, local.month())
    }

    /// Returns all instants within some days, by a look at every minute.
    pub(super) fn slots(
        &self,
        zone: &TimeZone,
        rules: Rules,
        from: Timestamp,
        days: i64,
    ) -> Vec<Timestamp> {
        let minutes = days * 24 * 60;
        let instants: Vec<_> = (1..=minutes)
            .map(|minute| from + minute.minutes())
            .collect();
        let mut shown: BTreeMap<DateTime, Vec<Timestamp>> = BTreeMap::new();
        for instant in &instants {
            shown
                .entry(zone.to_datetime(*instant))
                .or_default()
                .push(*instant);
        }
        let (first, last) = (*shown.keys().next().unwrap(), *shown.keys().last().unwrap());
        let mut slots = BTreeSet::new();
        let mut local = first;
        while local <= last {
            let at = shown.get(&local).map(Vec::as_slice);
            if self.allows(local) {
                match (at, rules.repeated, self.is_interval) {
                    (None, ..) if self.is_interval || rules.gap == Gap::Skip => {}
                    (None, ..) => {
                        let behind = instants.iter().find(|at| zone.to_datetime(**at) > local);
                        slots.extend(behind);
                    }
                    (Some(at), _, true) | (Some(at), Repeated::Both, false) => slots.extend(at),
                    (Some(at), Repeated::First, false) => slots.extend(at.first()),
                    (Some(at), Repeated::Last, false) => slots.extend(at.last()),
                }
            }
            local += 1.minute();
        }
        slots.into_iter().collect()
    }
}

/// Returns whether a part of a field holds a value, by trying.
fn holds(part: &str, value: u64, low: u64, high: u64) -> bool {
    let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| {
        (range, Some(step.parse::<u64>().unwrap()))
    });
    let (first, last) = match range.split_once('-') {
        Some((first, last)) => (number(first), number(last)),
        None if range == "*" => (low, high),
        None if step.is_some() => (number(range), high),
        None => (number(range), number(range)),
    };
    (first..=last).contains(&value) && (value - first).is_multiple_of(step.unwrap_or(1))
}

fn number(text: &str) -> u64 {
    let weekdays = "sun mon tue wed thu fri sat";
    let months = "jan feb mar apr may jun jul aug sep oct nov dec";
    let text = text.to_lowercase();
    let index = |names: &str| names.split(' ').position(|name| name == text);
    let index = |names: &str| index(names).and_then(|index| u64::try_from(index).ok());
    let value = index(weekdays).or_else(|| index(months).map(|month| month + 1));
    value.unwrap_or_else(|| text.parse().unwrap())
}
