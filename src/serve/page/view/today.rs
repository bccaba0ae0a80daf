//! Today at a glance: what is due, what runs, what waits for whom, and what failed.

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use super::{asked, row, strip};
use crate::inbox::Listing;
use crate::serve::page::frame::Frame;
use crate::serve::page::guard::Visitor;
use crate::serve::page::router::{Page, shown};
use crate::serve::page::words::when;
use crate::serve::view::{DaemonView, Overview, RunBrief, ScheduleView};

/// Lists of the desk end here: there may be more.
const LISTED: usize = 50;
/// Items of the inbox that are shown here.
const ASKED: usize = 4;
/// Runs of a sort that are shown here.
const RUNS: usize = 8;

/// Shows it.
pub(in crate::serve::page) async fn page(State(page): State<Page>, visitor: Visitor) -> Response {
    let made = async {
        let seen = page
            .desk
            .ask(|desk| Ok((desk.overview()?, desk.schedules()?)));
        let (seen, inbox) = tokio::join!(seen, page.desk.inbox());
        let ((overview, schedules), inbox) = (seen?, inbox?);
        let frame = Frame {
            title: "Today",
            way: "/",
            visitor: &visitor,
            now: overview.now,
        };
        Ok(frame.around(&content(&overview, &schedules, &inbox, &visitor)))
    };
    shown(&visitor, made).await
}

fn content(
    overview: &Overview,
    schedules: &[ScheduleView],
    inbox: &Listing,
    visitor: &Visitor,
) -> Markup {
    html! {
        div.title {
            h1 { "Today" }
            div #standing data-live { (standing(overview, schedules)) }
        }
        div #tiles data-live { (tiles(overview, inbox)) (faults(&overview.daemon)) }
        section #asked data-live aria-labelledby="asked-title" { (waiting(overview, inbox, visitor)) }
        div #work data-live {
            (runs("Needs somebody", &overview.stuck, "/runs?only=stuck", overview))
            (runs("Failed in the last day", &overview.failed, "/runs?only=failed", overview))
            (runs("Running", &overview.running, "/runs?only=running", overview))
            (runs("Due, and waiting for a free place", &overview.due, "/runs?only=queued", overview))
            (runs("Waiting", &overview.waiting, "/runs?only=waiting", overview))
        }
        section #strips data-live aria-labelledby="strips-title" {
            (strip::all(schedules, overview.now))
        }
    }
}

fn standing(overview: &Overview, schedules: &[ScheduleView]) -> Markup {
    let daemon = &overview.daemon;
    let going = schedules
        .iter()
        .filter(|schedule| schedule.paused.is_none());
    let slots = going.filter_map(|schedule| schedule.next.first().copied());
    let next = slots.chain(overview.next).min();
    html! {
        p.standing {
            @if daemon.is_draining { span.badge.is-paused { "ending" } " " }
            "serving since " (when(daemon.since, overview.now))
            @if let Some(next) = next { " · next " (when(next, overview.now)) }
            @else { " · nothing is due" }
        }
    }
}

fn tiles(overview: &Overview, inbox: &Listing) -> Markup {
    let tiles = [
        ("For a person", inbox.items.len(), "/inbox", "asks"),
        (
            "Running",
            overview.running.len(),
            "/runs?only=running",
            "running",
        ),
        ("Due", overview.due.len(), "/runs?only=queued", "queued"),
        (
            "Waiting",
            overview.waiting.len(),
            "/runs?only=waiting",
            "waiting",
        ),
        (
            "Stuck",
            overview.stuck.len(),
            "/runs?only=stuck",
            "uncertain",
        ),
        (
            "Failed today",
            overview.failed.len(),
            "/runs?only=failed",
            "failed",
        ),
        ("Done today", overview.done.len(), "/runs?only=done", "done"),
    ];
    html! {
        ul.tiles {
            @for (name, count, target, sort) in tiles {
                li {
                    a class={ "tile is-" (sort) @if count == 0 { " is-none" } } href=(target) {
                        span.count { (count) @if count == LISTED { "+" } }
                        span.name { (name) }
                    }
                }
            }
        }
    }
}

fn faults(daemon: &DaemonView) -> Markup {
    html! {
        @if !daemon.faults.is_empty() {
            section.notice.is-bad aria-label="Faults in declarations" {
                h2 { "Schedules that cannot be read" }
                @for fault in &daemon.faults {
                    p { (fault.what) @if let Some(at) = &fault.at { " " span.hint { (at) } } }
                }
            }
        }
        @if !daemon.left_alone.is_empty() {
            section.notice aria-label="Runs left alone" {
                h2 { "Runs that are left alone" }
                @for left in &daemon.left_alone {
                    p { (row::link(&left.run)) " " (left.why) }
                }
            }
        }
    }
}

fn waiting(overview: &Overview, inbox: &Listing, visitor: &Visitor) -> Markup {
    html! {
        h2 #asked-title { "Waits for a person" }
        (asked::unseen(inbox))
        @if inbox.items.is_empty() { p.empty { "Nobody is asked anything." } }
        @for item in inbox.items.iter().take(ASKED) { (asked::card(item, visitor, overview.now)) }
        @if inbox.items.len() > ASKED {
            p { a href="/inbox" { "All " (inbox.items.len()) " in the inbox" } }
        }
    }
}

fn runs(title: &str, runs: &[RunBrief], target: &str, overview: &Overview) -> Markup {
    html! {
        @if !runs.is_empty() {
            section aria-label=(title) {
                h2 { (title) " " span.number { (runs.len()) @if runs.len() == LISTED { "+" } } }
                (row::table(&runs[..runs.len().min(RUNS)], overview.now))
                @if runs.len() > RUNS { p { a href=(target) { "All of them" } } }
            }
        }
    }
}
