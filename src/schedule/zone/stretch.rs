//! A stretch of time in which a zone's clock runs without a change.
//!
//! All numbers are seconds: instants since 1970, local times as if they were UTC.

use std::ops::Range;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A stretch of time with one offset from UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::schedule) struct Stretch {
    /// Its instants; the end belongs to the next stretch.
    pub(in crate::schedule) instants: Range<i64>,
    /// Local time minus instant.
    pub(in crate::schedule) offset: i64,
    /// The offsets before and after it.
    before: Option<i64>,
    after: Option<i64>,
}

impl Stretch {
    /// Returns the stretch in which an instant lies.
    pub(in crate::schedule) fn around(zone: &TimeZone, instant: i64) -> Self {
        let at = clamp(instant);
        // A change at this very instant begins the stretch, so it has to be before the next one.
        let next = clamp(instant.saturating_add(1));
        let start = zone.preceding(next).next().map(|change| change.timestamp());
        let end = zone.following(at).next();
        Self {
            instants: start.map_or(i64::MIN, Timestamp::as_second)
                ..end
                    .as_ref()
                    .map_or(i64::MAX, |change| change.timestamp().as_second()),
            offset: i64::from(zone.to_offset(at).seconds()),
            before: start.map(|start| offset(zone, start.as_second() - 1)),
            after: end.map(|change| i64::from(change.offset().seconds())),
        }
    }

    /// Returns the stretch after this one.
    pub(in crate::schedule) fn next(&self, zone: &TimeZone) -> Option<Self> {
        (self.instants.end < i64::MAX).then(|| Self::around(zone, self.instants.end))
    }

    /// Returns the first local time.
    pub(in crate::schedule) fn local_start(&self) -> i64 {
        self.instants.start.saturating_add(self.offset)
    }

    /// Returns the local time at which the stretch is over.
    pub(in crate::schedule) fn local_end(&self) -> i64 {
        self.instants.end.saturating_add(self.offset)
    }

    /// Returns whether the stretch before it has shown this local time already.
    pub(in crate::schedule) fn is_second(&self, local: i64) -> bool {
        self.before
            .is_some_and(|before| local < self.instants.start + before)
    }

    /// Returns whether the next stretch will show this local time again.
    pub(in crate::schedule) fn is_first(&self, local: i64) -> bool {
        self.after
            .is_some_and(|after| local >= self.instants.end + after)
    }
}

fn clamp(instant: i64) -> Timestamp {
    let (first, last) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    Timestamp::from_second(instant.clamp(first, last)).unwrap_or_default()
}

fn offset(zone: &TimeZone, instant: i64) -> i64 {
    i64::from(zone.to_offset(clamp(instant)).seconds())
}
