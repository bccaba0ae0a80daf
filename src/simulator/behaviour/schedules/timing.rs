//! When a schedule fires: the next moment of a frequency, in the time zone of the schedule.
//!
//! It knows no clock: the present comes in, and the next moment goes out.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

use super::cron::{Cron, HORIZON_DAYS};
use crate::simulator::reply::Refusal;

/// When a schedule fires.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Timing {
    pub(crate) frequency: String,
    pub(crate) timezone: String,
    pub(crate) time: Option<String>,
    pub(crate) day: Option<String>,
    pub(crate) day_of_month: Option<i8>,
    pub(crate) cron: Option<String>,
}

impl Timing {
    /// Refuses a timing that lacks what its frequency needs, or makes no sense.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        TimeZone::get(&self.timezone).map_err(|_| {
            Refusal::invalid(format!(
                "`timezone` must be an IANA name, not `{}`",
                self.timezone
            ))
        })?;
        let needs_time =
            ["daily", "workday", "weekly", "monthly"].contains(&self.frequency.as_str());
        if needs_time && self.clock().is_none() {
            return Err(Refusal::invalid(format!(
                "`{}` needs `time` as HH:MM",
                self.frequency
            )));
        }
        match self.frequency.as_str() {
            "weekly" if self.day.is_none() => Err(Refusal::invalid("`weekly` needs `day`")),
            "monthly" if self.day_of_month.is_none() => {
                Err(Refusal::invalid("`monthly` needs `day_of_month`"))
            }
            "custom" if self.cron.as_deref().and_then(Cron::parse).is_none() => {
                Err(Refusal::invalid("`custom` needs `cron` as five fields"))
            }
            _ => Ok(()),
        }
    }

    fn clock(&self) -> Option<Time> {
        let (hour, minute) = self.time.as_deref()?.split_once(':')?;
        if hour.len() != 2 || minute.len() != 2 {
            return None;
        }
        Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
    }

    /// Returns the first moment after `now` at which it fires.
    pub(super) fn next(&self, now: Timestamp) -> Option<Timestamp> {
        let minutes = match self.frequency.as_str() {
            "every_5_minutes" => Some(5),
            "every_15_minutes" => Some(15),
            "hourly" => Some(60),
            _ => None,
        };
        if let Some(minutes) = minutes {
            let step = minutes * 60;
            return Timestamp::from_second((now.as_second() / step + 1) * step).ok();
        }
        let zone = TimeZone::get(&self.timezone).ok()?;
        let local = zone.to_datetime(now);
        let moments = self.moments(local);
        let mut times = moments
            .into_iter()
            .filter_map(|at| zone.to_timestamp(at).ok());
        times.find(|at| *at > now)
    }

    /// The next few local moments from a day on.
    fn moments(&self, from: DateTime) -> Vec<DateTime> {
        if let Some(cron) = self
            .cron
            .as_deref()
            .filter(|_| self.frequency == "custom")
            .and_then(Cron::parse)
        {
            return cron.moments(from);
        }
        let Some(time) = self.clock() else {
            return Vec::new();
        };
        let days = (0..HORIZON_DAYS).filter_map(|days| from.date().checked_add(days.days()).ok());
        let fits = |date: &Date| match self.frequency.as_str() {
            "workday" => !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday),
            "weekly" => self.day.as_deref() == Some(day_name(date.weekday())),
            "monthly" => {
                self.day_of_month.map(|day| day.min(date.days_in_month())) == Some(date.day())
            }
            _ => true,
        };
        days.filter(fits)
            .take(3)
            .map(|date| date.to_datetime(time))
            .collect()
    }
}

fn day_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "monday",
        Weekday::Tuesday => "tuesday",
        Weekday::Wednesday => "wednesday",
        Weekday::Thursday => "thursday",
        Weekday::Friday => "friday",
        Weekday::Saturday => "saturday",
        Weekday::Sunday => "sunday",
    }
}
