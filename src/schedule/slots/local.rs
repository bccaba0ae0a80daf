//! A point in time as people write it: in local time, as a day, or with its offset from UTC.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::moments::Moment;
use crate::schedule::fault::Fault;
use crate::schedule::zone::{Gap, Moved, Repeated, Rules, Stretch, local_of, seconds_of};

/// A point in time as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// A day of the zone.
    Day(Date),
    /// A local time of the zone.
    Local(DateTime),
    /// An instant, wherever.
    Instant(Timestamp),
}

impl When {
    /// Reads `2026-12-24`, `2026-12-24T18:00` or `2026-12-24T18:00+01:00`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let fault = |what: &str| Fault::new(format!("`{text}` {what}"), 0..text.len());
        let form =
            "write `2026-12-24T18:00`, with an offset such as `+01:00` if it is no local time";
        let when = if text.len() <= "2026-12-24".len() {
            text.parse().map(Self::Day).ok()
        } else if let Ok(instant) = text.parse() {
            Some(Self::Instant(instant))
        } else {
            text.parse().map(Self::Local).ok()
        };
        let when = when.filter(|_| !text.contains('['));
        let when = when.ok_or_else(|| fault("is no point in time").hint(form))?;
        let is_whole = match when {
            Self::Day(_) => true,
            Self::Local(local) => local.subsec_nanosecond() == 0,
            Self::Instant(instant) => instant.subsec_nanosecond() == 0,
        };
        if is_whole {
            return Ok(when);
        }
        Err(fault(
            "has a fraction of a second; schedules know whole ones",
        ))
    }

    /// Returns its first instant: that of a day is its first midnight, that of a local time in a
    /// gap is the end of the gap.
    pub fn start(self, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::Day(day) => instant(zone, midnight(day), Repeated::First),
            Self::Local(local) => instant(zone, local, Repeated::First),
            Self::Instant(instant) => Some(instant),
        }
    }

    /// Returns its last instant: that of a day is its last second, that of a repeated local time is
    /// the second one.
    pub fn end(self, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::Day(day) => {
                let next = Self::Day(day.tomorrow().ok()?).start(zone)?;
                next.checked_sub(SignedDuration::from_secs(1)).ok()
            }
            Self::Local(local) => instant(zone, local, Repeated::Last),
            Self::Instant(instant) => Some(instant),
        }
    }

    /// Returns the moments at which it fires, by the rules.
    pub(super) fn moments(self, zone: &TimeZone, rules: Rules) -> Vec<Moment> {
        match self {
            Self::Day(day) => moments(zone, midnight(day), rules),
            Self::Local(local) => moments(zone, local, rules),
            Self::Instant(instant) => {
                let at = instant.as_second();
                let local = at + i64::from(zone.to_offset(instant).seconds());
                vec![Moment::plain(at, local)]
            }
        }
    }
}

impl std::fmt::Display for When {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Day(day) => day.fmt(f),
            Self::Local(local) => local.fmt(f),
            Self::Instant(instant) => instant.fmt(f),
        }
    }
}

fn midnight(day: Date) -> DateTime {
    day.to_datetime(Time::midnight())
}

fn instant(zone: &TimeZone, local: DateTime, repeated: Repeated) -> Option<Timestamp> {
    let gap = Gap::Shift;
    let found = moments(zone, local, Rules { gap, repeated });
    Timestamp::from_second(found.first()?.at).ok()
}

fn moments(zone: &TimeZone, local: DateTime, rules: Rules) -> Vec<Moment> {
    let seconds = seconds_of(local);
    let at = |offset: Offset| seconds - i64::from(offset.seconds());
    match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => vec![Moment::plain(at(offset), seconds)],
        AmbiguousOffset::Fold { before, after } => {
            let (first, second) = (at(before), at(after));
            let moment = |at, moved| Moment {
                moved: Some(moved),
                ..Moment::plain(at, seconds)
            };
            match rules.repeated {
                Repeated::First => vec![moment(first, Moved::First)],
                Repeated::Last => vec![moment(second, Moved::Last)],
                Repeated::Both => vec![
                    moment(first, Moved::FirstOfBoth),
                    moment(second, Moved::SecondOfBoth),
                ],
            }
        }
        AmbiguousOffset::Gap { before, .. } => {
            // By the clock of before, the time lies behind the change.
            let behind = Stretch::around(zone, at(before));
            local_of(seconds)
                .map(|from| Moment::behind_gap(&behind, from, rules.gap))
                .into_iter()
                .collect()
        }
    }
}
