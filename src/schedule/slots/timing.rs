//! When a schedule fires: by an expression, at a fixed pace, once, or when the daemon starts.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::local::When;
use super::moments::{CronMoments, EveryMoments, Moment};
use crate::schedule::cron::{Cron, REBOOT};
use crate::schedule::fault::Fault;
use crate::schedule::zone::Rules;
use crate::script;

/// When a schedule fires.
#[derive(Clone, Debug, PartialEq)]
pub enum Timing {
    /// At the local times of an expression.
    Cron(Cron),
    /// At a fixed pace, in absolute time: no clock change moves it.
    Every {
        /// From one slot to the next; whole seconds.
        period: Duration,
        /// An instant with a slot; all others are counted from it.
        anchor: Timestamp,
    },
    /// Once.
    Once(When),
    /// When the daemon starts: it has no slots.
    Reboot,
}

impl Timing {
    /// Reads a cron expression, or `@reboot`.
    pub fn cron(text: &str) -> Result<Self, Fault> {
        if text.trim().eq_ignore_ascii_case(REBOOT) {
            return Ok(Self::Reboot);
        }
        Cron::parse(text).map(Self::Cron)
    }

    /// Reads a pace, such as `15m`, that is counted from an anchor.
    pub fn every(text: &str, anchor: Timestamp) -> Result<Self, Fault> {
        let fault = |what: String| Fault::new(what, 0..text.len());
        let period = script::duration(text).map_err(fault)?;
        if period.is_zero() || period.subsec_nanos() > 0 {
            return Err(fault(format!(
                "`{text}` is no pace: it must be whole seconds, at least one"
            )));
        }
        Ok(Self::Every { period, anchor })
    }

    /// Reads the one time at which it fires, such as `2026-12-24T18:00`.
    pub fn once(text: &str) -> Result<Self, Fault> {
        match When::parse(text)? {
            When::Day(_) => {
                let fault = Fault::new(format!("`{text}` lacks the time of day"), 0..text.len());
                Err(fault.hint(format!("write `{text}T09:00`")))
            }
            when => Ok(Self::Once(when)),
        }
    }

    /// Returns where `every` counts from when no anchor is given: midnight of the zone's first of
    /// January 2026.
    pub fn default_anchor(zone: &TimeZone) -> Timestamp {
        let day = When::Day(jiff::civil::date(2026, 1, 1));
        day.start(zone).unwrap_or_default()
    }

    /// Returns what is odd about it, though it has a meaning.
    pub fn warnings(&self) -> &[Fault] {
        match self {
            Self::Cron(cron) => cron.warnings(),
            Self::Every { .. } | Self::Once(_) | Self::Reboot => &[],
        }
    }

    /// Returns the moments after an instant.
    pub(super) fn moments<'a>(
        &'a self,
        zone: &'a TimeZone,
        rules: Rules,
        after: i64,
    ) -> Box<dyn Iterator<Item = Moment> + 'a> {
        match self {
            Self::Cron(cron) => Box::new(CronMoments::new(cron, zone, rules, after)),
            Self::Every { period, anchor } => {
                let period = i64::try_from(period.as_secs()).unwrap_or(i64::MAX);
                Box::new(EveryMoments::new(zone, period, anchor.as_second(), after))
            }
            Self::Once(when) => {
                let moments = when.moments(zone, rules).into_iter();
                Box::new(moments.filter(move |moment| moment.at > after))
            }
            Self::Reboot => Box::new(std::iter::empty()),
        }
    }
}

impl std::fmt::Display for Timing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Cron(cron) => write!(f, "cron {cron}"),
            Self::Every { period, .. } => match SignedDuration::try_from(*period) {
                Ok(period) => write!(f, "every {period:#}"),
                Err(_) => write!(f, "every {} s", period.as_secs()),
            },
            Self::Once(when) => write!(f, "at {when}"),
            Self::Reboot => f.write_str("at each start of the daemon"),
        }
    }
}
