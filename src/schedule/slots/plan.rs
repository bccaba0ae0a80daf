//! A plan: all that decides when a schedule has its slots, and nothing else.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use ring::digest::SHA256;

use super::exclude::{Exclusion, Exclusions};
use super::moments::Moment;
use super::timing::Timing;
use crate::schedule::zone::{Moved, Rules, local_of};

/// When a schedule has its slots.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Name of the schedule; its jitter hangs on it.
    pub name: String,
    /// When it fires.
    pub timing: Timing,
    /// Where its clock hangs.
    pub zone: TimeZone,
    /// What it does in the nights when clocks change.
    pub rules: Rules,
    /// The first instant at which it may have a slot.
    pub start: Option<Timestamp>,
    /// The last one.
    pub end: Option<Timestamp>,
    /// Days on which its slots do not run.
    pub exclude: Exclusions,
    /// How far behind its slot a run may start, so that not all start at once.
    pub jitter: Duration,
}

/// A moment at which a schedule is to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Its instant, which is its name too: no two slots of a schedule share it.
    pub at: Timestamp,
    /// What the clock on the wall shows then.
    pub local: DateTime,
    /// The rule that had to do with it, in a night when clocks change.
    pub moved: Option<Moved>,
    /// Why it does not run; none for those that do.
    pub excluded: Option<Exclusion>,
    /// When the run is to start: the instant and the jitter.
    pub due: Timestamp,
}

impl Slot {
    /// Returns the local time that was meant, though a gap may have moved the slot.
    pub fn meant(&self) -> DateTime {
        match self.moved {
            Some(Moved::Shifted { from }) => from,
            _ => self.local,
        }
    }
}

impl Plan {
    /// Returns a plan without bounds, exclusions and jitter, under the default rules.
    pub fn new(name: impl Into<String>, timing: Timing, zone: TimeZone) -> Self {
        Self {
            name: name.into(),
            timing,
            zone,
            rules: Rules::default(),
            start: None,
            end: None,
            exclude: Exclusions::default(),
            jitter: Duration::ZERO,
        }
    }

    /// Returns the slots after an instant, the excluded ones too; their instants only grow. There
    /// are none before 1970, and those of cron expressions end with the year 2100.
    pub fn after(&self, instant: Timestamp) -> Slots<'_> {
        // A slot at the start itself belongs to the plan.
        let start = self.start.map_or(0, |start| start.as_second() - 1);
        let after = instant.as_second().max(start).max(0);
        let moments = self.timing.moments(&self.zone, self.rules, after);
        Slots {
            plan: self,
            moments,
            seed: seed(&self.name),
        }
    }

    /// Returns what tells the plan from others: two with the same have the same slots.
    pub fn fingerprint(&self) -> String {
        let anchor = match self.timing {
            Timing::Every { anchor, .. } => Some(anchor),
            Timing::Cron(_) | Timing::Once(_) | Timing::Reboot => None,
        };
        let text = format!(
            "{} {anchor:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            self.timing,
            self.zone.iana_name(),
            self.rules,
            self.start,
            self.end,
            self.exclude,
            self.jitter,
        );
        let digest = ring::digest::digest(&SHA256, text.as_bytes());
        let bytes = digest.as_ref().first_chunk().copied().unwrap_or_default();
        format!("{:032x}", u128::from_be_bytes(bytes))
    }

    /// Returns whether it fires when the daemon starts.
    pub fn is_at_boot(&self) -> bool {
        self.timing == Timing::Reboot
    }

    fn slot(&self, moment: &Moment, seed: u64) -> Option<Slot> {
        let at = Timestamp::from_second(moment.at).ok()?;
        if self.end.is_some_and(|end| at > end) {
            return None;
        }
        let mut slot = Slot {
            at,
            local: local_of(moment.local)?,
            moved: moment.moved,
            excluded: moment.is_skipped.then_some(Exclusion::Gap),
            due: at,
        };
        if slot.excluded.is_none() {
            slot.excluded = self.exclude.find(slot.meant().date());
        }
        if !self.jitter.is_zero() {
            let delay = delay(seed, moment.at, self.jitter);
            slot.due = at.checked_add(delay).unwrap_or(at);
        }
        Some(slot)
    }
}

/// The slots of a plan, one after the other.
pub struct Slots<'a> {
    plan: &'a Plan,
    moments: Box<dyn Iterator<Item = Moment> + 'a>,
    /// Tells the jitter of this schedule from that of others.
    seed: u64,
}

impl Iterator for Slots<'_> {
    type Item = Slot;

    fn next(&mut self) -> Option<Slot> {
        self.plan.slot(&self.moments.next()?, self.seed)
    }
}

/// Returns what the jitter of a schedule hangs on.
fn seed(name: &str) -> u64 {
    let digest = ring::digest::digest(&SHA256, name.as_bytes());
    let bytes = digest.as_ref().first_chunk().copied().unwrap_or_default();
    u64::from_be_bytes(bytes)
}

/// Returns the delay of a slot: less than the jitter, and always the same for the same slot.
fn delay(seed: u64, at: i64, jitter: Duration) -> Duration {
    let share = u128::from(mixed(seed ^ at.cast_unsigned())) * jitter.as_millis();
    Duration::from_millis(u64::try_from(share >> u64::BITS).unwrap_or_default())
}

/// Mixes bits so that each one hangs on all others: the end of `SplitMix64` (Steele, Lea and Flood,
/// 2014). A digest would cost as much as the slot.
fn mixed(bits: u64) -> u64 {
    let bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
