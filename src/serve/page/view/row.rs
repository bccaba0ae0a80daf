//! Runs in lists.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::serve::page::words::{badge, path, short, took, when};
use crate::serve::view::RunBrief;

/// Returns a table of runs.
pub(super) fn table(runs: &[RunBrief], now: Timestamp) -> Markup {
    html! {
        div.scroll {
            table.runs {
                thead {
                    tr { th { "State" } th { "Script" } th { "Began" } th { "Took" } th { "Why" } th { "Run" } }
                }
                tbody { @for run in runs { (row(run, now)) } }
            }
        }
    }
}

fn row(run: &RunBrief, now: Timestamp) -> Markup {
    html! {
        tr {
            td { (badge(&run.state)) }
            td.name {
                a href=(path("/runs", &run.id)) { (run.script) }
                @if let Some(schedule) = &run.schedule {
                    " " a.hint href=(path("/schedules", schedule)) { (schedule) }
                }
            }
            td data-name="Began" { (when(run.created_at, now)) }
            td data-name="Took" { (taken(run, now)) }
            td.why { (run.reason.as_deref().unwrap_or_default()) }
            td.id { (link(&run.id)) }
        }
    }
}

/// Returns how long a run has taken so far.
pub(super) fn taken(run: &RunBrief, now: Timestamp) -> String {
    let started = run.started_at;
    started
        .map(|from| took(from, run.ended_at.unwrap_or(now)))
        .unwrap_or_default()
}

/// Returns a run's short id, which leads to it.
pub(super) fn link(run: &str) -> Markup {
    html! { a.mono href=(path("/runs", run)) title=(run) { (short(run)) } }
}
