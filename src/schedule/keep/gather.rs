//! The slots of a plan that are due and have no fate yet.

use jiff::{SignedDuration, Timestamp};

use crate::journal::Standing;
use crate::schedule::{Plan, Slot, Timing};

/// Slots that are due.
#[derive(Debug, PartialEq)]
pub(super) struct Due {
    /// The slots, by their instants.
    pub(super) slots: Vec<Slot>,
    /// Every slot up to here has its fate once these have.
    pub(super) until: Timestamp,
    /// Whether others are due that did not fit.
    pub(super) has_more: bool,
}

/// Returns slots that are due: at most so many at once, for a daemon may have been away for years.
pub(super) fn gather(plan: &Plan, standing: &Standing, now: Timestamp, most: usize) -> Due {
    let mut due = Due {
        slots: Vec::new(),
        until: now,
        has_more: false,
    };
    for slot in plan.after(standing.row.decided_until) {
        if slot.at > now {
            break;
        }
        if slot.due > now {
            // It waits for its jitter, and others behind it may not.
            due.until = due.until.min(before(slot.at));
            continue;
        }
        if standing.ahead.binary_search(&slot.at).is_ok() {
            continue;
        }
        if due.slots.len() == most {
            due.until = due.until.min(before(slot.at));
            due.has_more = true;
            break;
        }
        due.slots.push(slot);
    }
    due
}

/// Returns when the next slot is due, behind a watermark and after now.
pub(super) fn next_due(plan: &Plan, until: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let mut next = None;
    for slot in plan.after(until) {
        if next.is_some_and(|next| slot.at > next) {
            break;
        }
        if slot.due > now {
            next = Some(next.map_or(slot.due, |next: Timestamp| next.min(slot.due)));
        }
    }
    next
}

/// Returns the slot of a schedule that runs when the daemon starts.
pub(super) fn at_boot(plan: &Plan, start: Timestamp) -> Option<Slot> {
    let is_within =
        plan.start.is_none_or(|first| start >= first) && plan.end.is_none_or(|last| start <= last);
    if plan.timing != Timing::Reboot || !is_within {
        return None;
    }
    let local = plan.zone.to_datetime(start);
    Some(Slot {
        at: start,
        local,
        moved: None,
        excluded: plan.exclude.find(local.date()),
        due: start,
    })
}

/// Returns the instant before a slot.
pub(super) fn before(at: Timestamp) -> Timestamp {
    at.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(at)
}
