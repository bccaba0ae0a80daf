//! The bridge to the `cron` crate: explicit lists in its numbering, and its times as seconds.
//!
//! The crate is asked for hours only. It finds one in 0.15 µs, and an expression that fires each
//! minute would ask it 60 times as often for what a short list holds.

use std::fmt::Write;
use std::ops::Range;

use ::cron::{Schedule, ScheduleIterator};
use chrono::{DateTime, Utc};

use super::field::{FIELDS, Field, Values};
use crate::schedule::fault::Fault;

const HOUR: i64 = 3600;

/// Returns the hours of an expression for the crate; where either day will do, one schedule goes by
/// the day of the month and one by the day of the week.
pub(super) fn convert(
    values: &[Values; 6],
    is_either: bool,
    whole: &Range<usize>,
) -> Result<Vec<Schedule>, Fault> {
    let [_, _, hours, days, months, weekdays] = *values;
    let list = |index: usize, values: Values| list(&FIELDS[index], values);
    let (hours, months) = (list(2, hours), list(4, months));
    let (days, weekdays) = (list(3, days), list(5, weekdays));
    let lines = if is_either {
        vec![
            format!("0 0 {hours} {days} {months} *"),
            format!("0 0 {hours} * {months} {weekdays}"),
        ]
    } else {
        vec![format!("0 0 {hours} {days} {months} {weekdays}")]
    };
    let schedule = |line: String| {
        let schedule = line.parse::<Schedule>();
        schedule
            .map_err(|fault| Fault::new(format!("it cannot be evaluated: {fault}"), whole.clone()))
    };
    lines.into_iter().map(schedule).collect()
}

/// Writes the values as a list; the crate's Sunday is 1.
fn list(field: &Field, values: Values) -> String {
    if field.is_full(values) {
        return "*".into();
    }
    let shift = u8::from(field.is_week());
    let mut list = String::new();
    for value in values.iter() {
        let comma = if list.is_empty() { "" } else { "," };
        // Writing to a string cannot fail.
        _ = write!(list, "{comma}{}", value + shift);
    }
    list
}

/// Returns the seconds of an hour that minutes and seconds allow.
pub(super) fn seconds_of_hour(seconds: Values, minutes: Values) -> Vec<u16> {
    let of_minute = |minute: u8| {
        let start = u16::from(minute) * 60;
        seconds.iter().map(move |second| start + u16::from(second))
    };
    minutes.iter().flat_map(of_minute).collect()
}

/// The local times of an expression, one after the other.
pub(in crate::schedule) struct Locals<'a> {
    /// One schedule or two, each with its next hour.
    hours: Vec<(Option<i64>, ScheduleIterator<'a, Utc>)>,
    seconds: &'a [u16],
    hour: i64,
    next: usize,
    after: i64,
}

impl<'a> Locals<'a> {
    pub(super) fn new(hours: &'a [Schedule], seconds: &'a [u16], after: i64) -> Self {
        // The crate knows no year before 1970, and looks for what comes after the time it is given.
        let from = after.div_euclid(HOUR).saturating_mul(HOUR).max(0) - 1;
        let start = |schedule: &'a Schedule| {
            let mut hours = schedule.after(&DateTime::<Utc>::from_timestamp(from, 0)?);
            Some((hours.next().map(|hour| hour.timestamp()), hours))
        };
        Self {
            hours: hours.iter().filter_map(start).collect(),
            seconds,
            hour: 0,
            next: seconds.len(),
            after,
        }
    }

    fn next_hour(&mut self) -> Option<i64> {
        let next = self.hours.iter().filter_map(|(next, _)| *next).min()?;
        for (head, hours) in &mut self.hours {
            if *head == Some(next) {
                *head = hours.next().map(|hour| hour.timestamp());
            }
        }
        Some(next)
    }
}

impl Iterator for Locals<'_> {
    type Item = i64;

    fn next(&mut self) -> Option<i64> {
        loop {
            while let Some(second) = self.seconds.get(self.next) {
                self.next += 1;
                let local = self.hour + i64::from(*second);
                if local > self.after {
                    return Some(local);
                }
            }
            self.hour = self.next_hour()?;
            self.next = 0;
        }
    }
}
