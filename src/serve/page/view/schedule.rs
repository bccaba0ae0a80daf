//! One schedule: its plan, its next slots, the fates of its last ones, and what can be done with it.

use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};

use super::{row, schedules, strip};
use crate::clock::moment;
use crate::journal::SlotFilter;
use crate::serve::page::frame::{Frame, proof};
use crate::serve::page::guard::Visitor;
use crate::serve::page::router::{Page, shown};
use crate::serve::page::words::{badge, encoded, path, when};
use crate::serve::view::{ScheduleView, SlotView};

/// Slots that are listed.
const SLOTS: usize = 100;

/// Shows it.
pub(in crate::serve::page) async fn page(
    State(page): State<Page>,
    visitor: Visitor,
    Path(name): Path<String>,
) -> Response {
    let made = async {
        let seen = page.desk.ask(move |desk| {
            let slots = SlotFilter {
                schedule: Some(name.clone()),
                limit: Some(SLOTS),
                ..SlotFilter::default()
            };
            Ok((desk.schedule(&name)?, desk.slots(slots)?, desk.now()))
        });
        let (schedule, slots, now) = seen.await?;
        let frame = Frame {
            title: &schedule.name,
            way: "/schedules",
            visitor: &visitor,
            now,
        };
        Ok(frame.around(&content(&schedule, &slots, &frame)))
    };
    shown(&visitor, made).await
}

fn content(schedule: &ScheduleView, slots: &[SlotView], frame: &Frame<'_>) -> Markup {
    html! {
        p.back { a href="/schedules" { "Schedules" } }
        div.title { h1 { (schedule.name) } p.meta { (schedules::plan(schedule)) } }
        div #standing data-live {
            p { (strip::state(schedule, frame.now)) }
            (strip::slots(slots))
            @for warning in &schedule.warnings { p.notice { (warning) } }
        }
        section.acts #acts data-live aria-label="What can be done" { (acts(schedule, frame.visitor)) }
        (plan(schedule, frame))
        section #slots data-live aria-labelledby="slots-title" {
            h2 #slots-title { "Slots" }
            @if slots.is_empty() { p.empty { "There was none yet." } } @else { (table(slots)) }
            p { a href={ "/runs?schedule=" (encoded(&schedule.name)) } { "Its runs" } }
        }
    }
}

fn acts(schedule: &ScheduleView, visitor: &Visitor) -> Markup {
    let to = |act: &str| format!("{}/{act}", path("/schedules", &schedule.name));
    html! {
        @if schedule.timing.is_some() {
            form method="post" action=(to("trigger")) {
                (proof(visitor))
                button.primary type="submit" { "Run it now" }
            }
        }
        @if schedule.paused.is_some() {
            form method="post" action=(to("resume")) {
                (proof(visitor))
                button type="submit" { "Resume" }
            }
        } @else {
            details #pause {
                summary { "Pause…" }
                form.stack method="post" action=(to("pause")) {
                    (proof(visitor))
                    label for="reason" { "Why" }
                    input #reason name="reason" maxlength="200" required;
                    button type="submit" { "Pause it" }
                }
            }
        }
    }
}

fn plan(schedule: &ScheduleView, frame: &Frame<'_>) -> Markup {
    html! {
        dl.facts {
            @if let Some(pause) = &schedule.paused {
                dt { "Paused" }
                dd {
                    (when(pause.at, frame.now)) " by "
                    (pause.by.as_deref().unwrap_or("itself, after failures"))
                }
            }
            dt { "Next" }
            dd {
                @if schedule.next.is_empty() { "never" }
                ul.plain { @for at in schedule.next.iter().take(5) { li { (moment(*at)) } } }
            }
            @if let Some(overlap) = &schedule.overlap { dt { "While a run is on" } dd { (overlap) } }
            @if let Some(at) = &schedule.declared_at { dt { "Declared" } dd.mono { (at) } }
        }
    }
}

fn table(slots: &[SlotView]) -> Markup {
    html! {
        div.scroll {
            table.runs {
                thead { tr { th { "Fate" } th { "Slot" } th { "Kind" } th { "Run" } th { "Why" } } }
                tbody {
                    @for slot in slots {
                        tr {
                            td { (badge(&slot.fate)) }
                            td.name { (moment(slot.at)) }
                            td data-name="Kind" { (slot.kind) }
                            td {
                                @if let Some(state) = &slot.run_state { (badge(state)) " " }
                                @if let Some(run) = &slot.run { (row::link(run)) }
                            }
                            td.why { (slot.reason.as_deref().unwrap_or_default()) }
                        }
                    }
                }
            }
        }
    }
}
