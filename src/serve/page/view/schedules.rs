//! All schedules: how they stand, and their last slots.

use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use maud::{Markup, html};

use super::strip;
use crate::serve::page::frame::Frame;
use crate::serve::page::guard::Visitor;
use crate::serve::page::router::{Page, shown};
use crate::serve::page::words::path;
use crate::serve::view::ScheduleView;

/// Shows them.
pub(in crate::serve::page) async fn page(State(page): State<Page>, visitor: Visitor) -> Response {
    let made = async {
        let (schedules, now) = page
            .desk
            .ask(|desk| Ok((desk.schedules()?, desk.now())))
            .await?;
        let frame = Frame {
            title: "Schedules",
            way: "/schedules",
            visitor: &visitor,
            now,
        };
        let content = html! {
            div.title { h1 { "Schedules" } }
            div #schedules data-live {
                @if schedules.is_empty() { p.empty { "No schedule is declared." } }
                @for schedule in &schedules { (card(schedule, now)) }
            }
        };
        Ok(frame.around(&content))
    };
    shown(&visitor, made).await
}

fn card(schedule: &ScheduleView, now: Timestamp) -> Markup {
    html! {
        article.card {
            header {
                h2 { a href=(path("/schedules", &schedule.name)) { (schedule.name) } }
                p.meta { (strip::state(schedule, now)) }
            }
            p.meta { (plan(schedule)) }
            (strip::slots(&schedule.last))
        }
    }
}

/// Returns what a schedule does, and when.
pub(super) fn plan(schedule: &ScheduleView) -> Markup {
    html! {
        @if let Some(timing) = &schedule.timing { code { (timing) } }
        @if let Some(zone) = &schedule.timezone { " " (zone) }
        @if let Some(script) = &schedule.script { " · " (script) }
    }
}
