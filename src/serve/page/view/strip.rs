//! Strips of slots: one mark a slot, the newest at the right.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::clock::moment;
use crate::serve::page::words::{badge, path, spoken, when};
use crate::serve::view::{ScheduleView, SlotView};

/// Slots in a strip.
const SLOTS: usize = 40;

/// Returns the strips of all schedules.
pub(super) fn all(schedules: &[ScheduleView], now: Timestamp) -> Markup {
    html! {
        h2 #strips-title { "Schedules" }
        @if schedules.is_empty() { p.empty { "No schedule is declared." } }
        @else {
            ul.strips {
                @for schedule in schedules { li { (line(schedule, now)) } }
            }
        }
    }
}

fn line(schedule: &ScheduleView, now: Timestamp) -> Markup {
    html! {
        div.schedule {
            a.name href=(path("/schedules", &schedule.name)) { (schedule.name) }
            span.hint { (state(schedule, now)) }
        }
        (slots(&schedule.last))
    }
}

/// Returns in few words how a schedule stands.
pub(super) fn state(schedule: &ScheduleView, now: Timestamp) -> Markup {
    html! {
        @if let Some(pause) = &schedule.paused {
            (badge("paused")) @if let Some(reason) = &pause.reason { " " (reason) }
        } @else if schedule.timing.is_none() {
            "declared no more"
        } @else if let Some(next) = schedule.next.first() {
            "next " (when(*next, now))
        } @else {
            "never again"
        }
        @if schedule.failures > 0 { " " span.badge.is-failed { (schedule.failures) " failed in a row" } }
    }
}

/// Returns a strip; the slots come newest first.
pub(super) fn slots(slots: &[SlotView]) -> Markup {
    let shown = &slots[..slots.len().min(SLOTS)];
    html! {
        @if shown.is_empty() { p.empty.small { "no slot yet" } }
        @else {
            ol.strip { @for slot in shown.iter().rev() { li { (mark(slot)) } } }
        }
    }
}

fn mark(slot: &SlotView) -> Markup {
    let told = told(slot);
    let class = format!("slot is-{}", outcome(slot));
    html! {
        @match &slot.run {
            Some(run) => a class=(class) href=(path("/runs", run)) title=(told) { span.hidden { (told) } },
            None => span class=(class) title=(told) { span.hidden { (told) } },
        }
    }
}

/// Returns what tells most of a slot: how its run stands, or else its fate.
pub(super) fn outcome(slot: &SlotView) -> &str {
    match (slot.fate.as_str(), slot.run_state.as_deref()) {
        ("ran" | "late", Some(state)) if state != "done" => state,
        (fate, _) => fate,
    }
}

fn told(slot: &SlotView) -> String {
    let mut told = format!("{}: {}", moment(slot.at), spoken(&slot.fate));
    if let Some(state) = &slot.run_state {
        told = format!("{told}, {}", spoken(state));
    }
    match &slot.reason {
        Some(reason) => format!("{told}, {reason}"),
        None => told,
    }
}
