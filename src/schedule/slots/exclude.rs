//! Days on which a schedule does not run.
//!
//! They are days of the schedule's zone, by the local time that was meant: a slot that a gap moved
//! over midnight belongs to the day before.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::{Date, Weekday};

use crate::schedule::fault::Fault;

/// A day that is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Day {
    /// One day.
    Date(Date),
    /// A day of each year: month and day.
    Yearly(i8, i8),
}

impl Day {
    /// Reads `2026-12-24`, or `12-24` for each year.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let date = |text: &str| {
            (text.len() == 10)
                .then(|| text.parse::<Date>().ok())
                .flatten()
        };
        // A leap year has every day that there can be.
        let yearly = || {
            (text.len() == 5)
                .then(|| date(&format!("2000-{text}")))
                .flatten()
        };
        let day = date(text).map(Self::Date);
        let day = day.or_else(|| yearly().map(|day| Self::Yearly(day.month(), day.day())));
        day.ok_or_else(|| {
            let fault = Fault::new(format!("`{text}` is no day"), 0..text.len());
            fault.hint("write `2026-12-24`, or `12-24` for each year")
        })
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Date(date) => date.fmt(f),
            Self::Yearly(month, day) => write!(f, "{month:02}-{day:02}"),
        }
    }
}

/// Why a slot does not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exclusion {
    /// Its day is left out.
    Day(Day),
    /// Its day is a holiday, of this name if it has one.
    Holiday(Option<Arc<str>>),
    /// Its day of the week is left out.
    Weekday(Weekday),
    /// Its local time does not exist, and the rule for gaps is to skip it.
    Gap,
}

impl std::fmt::Display for Exclusion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Day(day) => write!(f, "{day} is excluded"),
            Self::Holiday(Some(name)) => write!(f, "holiday: {name}"),
            Self::Holiday(None) => f.write_str("holiday"),
            Self::Weekday(day) => write!(f, "{day:?} is excluded"),
            Self::Gap => f.write_str("the local time does not exist, and `gap` is `skip`"),
        }
    }
}

/// The days on which a schedule does not run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exclusions {
    /// Single days and holidays; the reason is given with each.
    pub days: BTreeMap<Day, Exclusion>,
    /// Days of the week.
    pub weekdays: Vec<Weekday>,
}

impl Exclusions {
    /// Returns why a day is left out.
    pub fn find(&self, date: Date) -> Option<Exclusion> {
        if self.days.is_empty() && self.weekdays.is_empty() {
            return None;
        }
        let yearly = Day::Yearly(date.month(), date.day());
        let found = self
            .days
            .get(&Day::Date(date))
            .or_else(|| self.days.get(&yearly));
        let weekday = || self.weekdays.contains(&date.weekday());
        found
            .cloned()
            .or_else(|| weekday().then(|| Exclusion::Weekday(date.weekday())))
    }
}
