//! Cron lines of five fields: minute, hour, day, month, weekday.

use std::collections::BTreeSet;

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime};

/// How far ahead a time is looked for: four years hold every 29th of February.
pub(super) const HORIZON_DAYS: i32 = 4 * 366;

/// A cron line of five fields.
pub(super) struct Cron {
    minutes: BTreeSet<i8>,
    hours: BTreeSet<i8>,
    days: BTreeSet<i8>,
    months: BTreeSet<i8>,
    weekdays: BTreeSet<i8>,
    /// With both days given, one that fits is enough.
    is_either_day: bool,
}

impl Cron {
    pub(super) fn parse(line: &str) -> Option<Self> {
        let fields: Vec<_> = line.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields[..] else {
            return None;
        };
        let mut weekday_set = cron_field(weekdays, 0, 7)?;
        if weekday_set.remove(&7) {
            weekday_set.insert(0);
        }
        Some(Self {
            minutes: cron_field(minutes, 0, 59)?,
            hours: cron_field(hours, 0, 23)?,
            days: cron_field(days, 1, 31)?,
            months: cron_field(months, 1, 12)?,
            weekdays: weekday_set,
            is_either_day: !days.starts_with('*') && !weekdays.starts_with('*'),
        })
    }

    pub(super) fn moments(&self, from: DateTime) -> Vec<DateTime> {
        let days = (0..HORIZON_DAYS).filter_map(|days| from.date().checked_add(days.days()).ok());
        let mut found = Vec::new();
        for date in days.filter(|date| self.fits(*date)).take(2) {
            for hour in &self.hours {
                found.extend(
                    self.minutes
                        .iter()
                        .map(|minute| date.at(*hour, *minute, 0, 0)),
                );
            }
        }
        found
    }

    fn fits(&self, date: Date) -> bool {
        let day = self.days.contains(&date.day());
        let weekday = self
            .weekdays
            .contains(&date.weekday().to_sunday_zero_offset());
        let fits_day = if self.is_either_day {
            day || weekday
        } else {
            day && weekday
        };
        self.months.contains(&date.month()) && fits_day
    }
}

fn cron_field(text: &str, bottom: i8, top: i8) -> Option<BTreeSet<i8>> {
    let mut values = BTreeSet::new();
    for part in text.split(',') {
        let (range, step) = part.split_once('/').unwrap_or((part, "1"));
        let step: usize = step.parse().ok().filter(|step| *step > 0)?;
        let (first, last) = match range.split_once('-') {
            Some((first, last)) => (first.parse().ok()?, last.parse().ok()?),
            None if range == "*" => (bottom, top),
            None if part.contains('/') => (range.parse().ok()?, top),
            None => (range.parse().ok()?, range.parse().ok()?),
        };
        if first < bottom || last > top || first > last {
            return None;
        }
        values.extend((first..=last).step_by(step));
    }
    Some(values)
}
