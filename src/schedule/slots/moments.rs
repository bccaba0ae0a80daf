//! Where the moments of a timing come from.
//!
//! Each source gives instants that only ever grow; that is what slots promise.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::schedule::cron::{Cron, Locals};
use crate::schedule::zone::{Gap, Moved, Repeated, Rules, Stretch, local_of};

/// A moment of a timing: seconds since 1970, and what the wall's clock shows, as if it were UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) at: i64,
    pub(super) local: i64,
    pub(super) moved: Option<Moved>,
    /// Whether it lay in a gap and does not fire.
    pub(super) is_skipped: bool,
}

impl Moment {
    /// Returns a moment that no rule had to do with.
    pub(super) fn plain(at: i64, local: i64) -> Self {
        Self {
            at,
            local,
            moved: None,
            is_skipped: false,
        }
    }

    /// Returns the moment for a local time that the clock jumped over, before this stretch.
    pub(super) fn behind_gap(stretch: &Stretch, from: DateTime, gap: Gap) -> Self {
        Self {
            moved: Some(Moved::Shifted { from }),
            is_skipped: gap == Gap::Skip,
            ..Self::plain(stretch.instants.start, stretch.local_start())
        }
    }
}

/// The moments of a cron expression in a zone.
pub(super) struct CronMoments<'a> {
    cron: &'a Cron,
    zone: &'a TimeZone,
    rules: Rules,
    stretch: Stretch,
    /// The local times of the stretch and beyond.
    locals: std::iter::Peekable<Locals<'a>>,
}

impl<'a> CronMoments<'a> {
    /// Returns the moments after an instant.
    pub(super) fn new(cron: &'a Cron, zone: &'a TimeZone, rules: Rules, after: i64) -> Self {
        let stretch = Stretch::around(zone, after);
        let locals = cron.after(after.saturating_add(stretch.offset)).peekable();
        Self {
            cron,
            zone,
            rules,
            stretch,
            locals,
        }
    }

    /// Goes on with the next stretch.
    fn advance(&mut self) -> Option<()> {
        self.stretch = self.stretch.next(self.zone)?;
        self.locals = self.cron.after(self.stretch.local_start() - 1).peekable();
        Some(())
    }

    /// Returns the moment for a local time that comes before this stretch: it lay in a gap. None
    /// for a rhythm, and where a slot that is there anyway stands for it.
    fn jumped(&mut self, local: i64) -> Option<Moment> {
        let start = self.stretch.local_start();
        if self.cron.is_interval() || local >= start || self.locals.peek() == Some(&start) {
            return None;
        }
        Some(Moment::behind_gap(
            &self.stretch,
            local_of(local)?,
            self.rules.gap,
        ))
    }

    /// Returns the moment of a local time of this stretch; none when the other pass fires.
    fn moment(&self, local: i64) -> Option<Moment> {
        let at = local - self.stretch.offset;
        let (is_first, is_second) = (self.stretch.is_first(local), self.stretch.is_second(local));
        if !is_first && !is_second {
            return Some(Moment::plain(at, local));
        }
        let repeated = if self.cron.is_interval() {
            Repeated::Both
        } else {
            self.rules.repeated
        };
        let moved = match (repeated, is_first) {
            (Repeated::Both, true) => Moved::FirstOfBoth,
            (Repeated::Both, false) => Moved::SecondOfBoth,
            (Repeated::First, true) => Moved::First,
            (Repeated::Last, false) => Moved::Last,
            (Repeated::First, false) | (Repeated::Last, true) => return None,
        };
        Some(Moment {
            moved: Some(moved),
            ..Moment::plain(at, local)
        })
    }
}

impl Iterator for CronMoments<'_> {
    type Item = Moment;

    fn next(&mut self) -> Option<Moment> {
        loop {
            let local = *self.locals.peek()?;
            let moment = if local < self.stretch.local_end() {
                self.locals.next();
                self.moment(local)
            } else {
                self.advance()?;
                self.jumped(local)
            };
            if moment.is_some() {
                return moment;
            }
        }
    }
}

/// The moments that lie a fixed time apart.
pub(super) struct EveryMoments<'a> {
    zone: &'a TimeZone,
    stretch: Stretch,
    period: i64,
    next: i64,
}

impl<'a> EveryMoments<'a> {
    /// Returns the moments after an instant, counted from an anchor in both directions.
    pub(super) fn new(zone: &'a TimeZone, period: i64, anchor: i64, after: i64) -> Self {
        let period = period.max(1);
        let passed = after.saturating_sub(anchor).div_euclid(period);
        let next = passed
            .saturating_add(1)
            .saturating_mul(period)
            .saturating_add(anchor);
        Self {
            zone,
            stretch: Stretch::around(zone, next),
            period,
            next,
        }
    }
}

impl Iterator for EveryMoments<'_> {
    type Item = Moment;

    fn next(&mut self) -> Option<Moment> {
        let at = self.next;
        if at > Timestamp::MAX.as_second() {
            return None;
        }
        if at >= self.stretch.instants.end {
            self.stretch = Stretch::around(self.zone, at);
        }
        self.next = at.saturating_add(self.period);
        Some(Moment::plain(at, at + self.stretch.offset))
    }
}
