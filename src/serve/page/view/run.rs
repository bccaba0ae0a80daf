//! One run: how it stands, what it did, what it waits for, what it said, and its script beside it.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::{asked, row, script, timeline};
use crate::clock::moment;
use crate::inbox::{Asker, Item};
use crate::serve::page::frame::{Frame, proof};
use crate::serve::page::guard::Visitor;
use crate::serve::page::router::{Page, shown};
use crate::serve::page::words::{badge, path, pretty, short, when};
use crate::serve::refused::Refused;
use crate::serve::view::{LineView, RunView, SourceView, StepView};

/// Which steps are wanted.
#[derive(Debug, Deserialize)]
pub(in crate::serve::page) struct Wanted {
    /// The steps before this one of them all, counted from the first; the last ones by default.
    steps: Option<usize>,
}

/// What the view of a run is made of.
struct Seen {
    run: RunView,
    steps: Vec<StepView>,
    lines: Vec<LineView>,
    sources: Vec<SourceView>,
    now: jiff::Timestamp,
}

/// Shows it.
pub(in crate::serve::page) async fn page(
    State(page): State<Page>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Response {
    let made = async {
        let seen = page.desk.ask(move |desk| {
            let run = desk.run(&id)?;
            let id = &run.brief.id;
            Ok::<_, Refused>(Seen {
                steps: desk.steps(id)?,
                lines: desk.lines(id, None)?,
                sources: desk.sources(id)?,
                now: desk.now(),
                run,
            })
        });
        let seen = seen.await?;
        // What Jobs ask is none of a run's; its own questions need no way to Duvo.
        let asked = if seen.run.waits.iter().any(|wait| wait.kind == "question") {
            page.desk.inbox().await?.items
        } else {
            Vec::new()
        };
        let title = format!("{} {}", seen.run.brief.script, short(&seen.run.brief.id));
        let frame = Frame {
            title: &title,
            way: "/runs",
            visitor: &visitor,
            now: seen.now,
        };
        Ok(frame.around(&content(&seen, &asked, &wanted, &visitor)))
    };
    shown(&visitor, made).await
}

fn content(seen: &Seen, asked: &[Item], wanted: &Wanted, visitor: &Visitor) -> Markup {
    let (run, brief) = (&seen.run, &seen.run.brief);
    let own = |item: &&Item| matches!(&item.asked_by, Asker::Run { run, .. } if *run == brief.id);
    html! {
        p.back { a href="/runs" { "Runs" } }
        div.title #title data-live {
            h1 { (brief.script) " " (badge(&brief.state)) }
            @if let Some(reason) = &brief.reason { p.lead { (reason) } }
        }
        section.acts #acts data-live aria-label="What can be done" { (acts(run, visitor)) }
        div #asked data-live {
            @for item in asked.iter().filter(own) { (asked::card(item, visitor, seen.now)) }
        }
        div #end data-live { (end(run)) }
        div.beside {
            div {
                section #steps data-live aria-labelledby="steps-title" {
                    (timeline::steps(&seen.steps, wanted.steps, &brief.id))
                }
                section #lines data-live aria-labelledby="lines-title" {
                    (timeline::lines(&seen.lines, seen.now))
                }
                section #facts data-live aria-label="Facts" { (facts(seen)) }
            }
            section #script data-live aria-labelledby="script-title" {
                (script::script(&seen.sources, run.place.as_ref(), brief.is_ended))
            }
        }
    }
}

fn acts(run: &RunView, visitor: &Visitor) -> Markup {
    let to = |act: &str| format!("{}/{act}", path("/runs", &run.brief.id));
    let act = |name: &str, word: &str| {
        html! {
            form method="post" action=(to(name)) { (proof(visitor)) button type="submit" { (word) } }
        }
    };
    let is_paused = run.brief.state == "paused" || run.brief.ordered.as_deref() == Some("pause");
    html! {
        @if run.brief.is_ended {
            (act("retry", "Run it again"))
        } @else {
            @if is_paused { (act("resume", "Resume")) } @else { (act("pause", "Pause")) }
            details #cancel {
                summary { "Cancel…" }
                form.stack method="post" action=(to("cancel")) {
                    (proof(visitor))
                    p { "It ends, after what it registered for that. Jobs that it started go on." }
                    button.danger type="submit" { "Cancel it" }
                }
            }
        }
        @if let Some(order) = &run.brief.ordered { span.hint { "ordered: " (order) } }
    }
}

fn end(run: &RunView) -> Markup {
    html! {
        @if let Some(problem) = &run.problem {
            section.notice.is-bad aria-label="What went wrong" {
                p { strong { (problem.what) } }
                @if !problem.shown.is_empty() { pre { (problem.shown) } }
            }
        }
        @if let Some(result) = run.result.as_ref().filter(|result| !result.is_null()) {
            section aria-label="Result" { h2 { "Result" } pre.box { (pretty(result)) } }
        }
    }
}

fn facts(seen: &Seen) -> Markup {
    let (run, brief, now) = (&seen.run, &seen.run.brief, seen.now);
    html! {
        h2 { "Facts" }
        dl.facts {
            dt { "Run" } dd.mono { (brief.id) }
            @if let Some(schedule) = &brief.schedule {
                dt { "Schedule" }
                dd {
                    a href=(path("/schedules", schedule)) { (schedule) }
                    @if let Some(slot) = brief.slot { ", slot " (moment(slot)) }
                    @if brief.attempt > 1 { ", attempt " (brief.attempt) }
                }
            }
            @if let Some(parent) = &brief.parent { dt { "Made from" } dd { (row::link(parent)) } }
            dt { "Began" } dd { (moment(brief.created_at)) }
            @if let Some(at) = brief.ended_at { dt { "Ended" } dd { (moment(at)) } }
            @if let Some(at) = brief.wake_at { dt { "Goes on at the latest" } dd { (when(at, now)) } }
            @if let Some(at) = brief.deadline { dt { "Must have ended" } dd { (when(at, now)) } }
            dt { "Took" } dd { (row::taken(brief, now)) }
            @if let Some(exit) = run.exit { dt { "Exit code" } dd { (exit) } }
            dt { "Arguments" } dd { pre.box { (pretty(&run.arguments)) } }
            @for event in &run.events {
                dt { (event.name) }
                dd {
                    code { (event.value) } " by " (event.by.as_deref().unwrap_or("somebody")) " "
                    (when(event.at, now))
                }
            }
        }
    }
}
