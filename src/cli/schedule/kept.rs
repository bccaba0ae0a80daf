//! Slots with their fates, as people and programs see them.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};
use serde_json::{Value, json};

use super::rows::rfc3339;
use crate::journal::SlotRow;

/// So much of an id tells runs apart, for people.
const SHORT: usize = 8;

/// Returns an instant as the clock of the zone shows it.
pub(super) fn local(at: Timestamp, zone: &TimeZone) -> String {
    // What a person triggers has fractions of a second.
    let at = at.round(Unit::Second).unwrap_or(at);
    let shown = rfc3339(at, zone);
    let offset = shown.get("2026-12-24T18:00:00".len()..).unwrap_or_default();
    let local = zone.to_datetime(at);
    format!("{} {offset}", local.strftime("%a %Y-%m-%d %H:%M:%S"))
}

/// Returns a slot for people.
pub(super) fn row(slot: &SlotRow, zone: &TimeZone) -> Value {
    let run = slot.run.as_deref().unwrap_or_default();
    json!({
        "slot": local(slot.at, zone),
        "kind": slot.kind.as_str(),
        "fate": slot.fate.as_str(),
        "run": run.chars().take(SHORT).collect::<String>(),
        "why": slot.reason.as_deref().unwrap_or_default(),
    })
}

/// Returns a slot for programs.
pub(super) fn whole(slot: &SlotRow) -> Value {
    json!({
        "at": slot.at,
        "kind": slot.kind.as_str(),
        "due": slot.due,
        "fate": slot.fate.as_str(),
        "reason": slot.reason,
        "decided_at": slot.decided_at,
        "run": slot.run,
        "settled": slot.settled,
    })
}
