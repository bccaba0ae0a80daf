//! All runs, page by page.

use axum::extract::{Query, State};
use axum::response::Response;
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

use super::row;
use crate::journal::{RunFilter, RunState};
use crate::serve::page::frame::Frame;
use crate::serve::page::guard::Visitor;
use crate::serve::page::router::{Page, shown};
use crate::serve::page::words::encoded;
use crate::serve::view::RunBrief;

/// Runs a page.
const PAGE: usize = 50;
/// States that go on only when a person has done something.
const STUCK: [RunState; 3] = [RunState::Paused, RunState::Uncertain, RunState::Diverged];
/// What can be chosen to look at.
const CHOICES: [&str; 7] = [
    "running",
    "queued",
    "waiting",
    "stuck",
    "failed",
    "done",
    "cancelled",
];

/// Which runs are wanted.
#[derive(Debug, Default, Deserialize)]
pub(in crate::serve::page) struct Wanted {
    only: Option<String>,
    script: Option<String>,
    schedule: Option<String>,
    before: Option<String>,
}

/// Shows them.
pub(in crate::serve::page) async fn page(
    State(page): State<Page>,
    visitor: Visitor,
    Query(wanted): Query<Wanted>,
) -> Response {
    let made = async {
        let filter = wanted.filter();
        let (mut runs, now) = page
            .desk
            .ask(|desk| Ok((desk.runs(filter)?, desk.now())))
            .await?;
        let has_more = runs.len() > PAGE;
        runs.truncate(PAGE);
        let frame = Frame {
            title: "Runs",
            way: "/runs",
            visitor: &visitor,
            now,
        };
        Ok(frame.around(&content(&wanted, &runs, has_more, now)))
    };
    shown(&visitor, made).await
}

impl Wanted {
    fn filter(&self) -> RunFilter {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        RunFilter {
            states: match self.only.as_deref() {
                Some("stuck") => STUCK.to_vec(),
                only => only.and_then(RunState::from_name).into_iter().collect(),
            },
            script: given(&self.script),
            schedule: given(&self.schedule),
            limit: Some(PAGE + 1),
            before: given(&self.before),
            ..RunFilter::default()
        }
    }

    /// Returns the address of the same list with another choice of states, or after a run.
    fn address(&self, only: Option<&str>, before: Option<&str>) -> String {
        let parts = [
            ("only", only),
            ("script", self.script.as_deref()),
            ("schedule", self.schedule.as_deref()),
            ("before", before),
        ];
        let given = parts
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        let pairs: Vec<_> = given
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        if pairs.is_empty() {
            "/runs".to_owned()
        } else {
            format!("/runs?{}", pairs.join("&"))
        }
    }
}

fn content(wanted: &Wanted, runs: &[RunBrief], has_more: bool, now: Timestamp) -> Markup {
    let only = wanted.only.as_deref();
    html! {
        div.title { h1 { "Runs" } (search(wanted)) }
        nav.choices aria-label="Which runs" {
            a href=(wanted.address(None, None)) aria-current=[only.is_none().then_some("true")] { "all" }
            @for choice in CHOICES {
                a href=(wanted.address(Some(choice), None))
                    aria-current=[(only == Some(choice)).then_some("true")] { (choice) }
            }
        }
        div #runs data-live {
            @if runs.is_empty() { p.empty { "There are none." } }
            @else { (row::table(runs, now)) }
        }
        @if let (true, Some(last)) = (has_more, runs.last()) {
            p { a.button href=(wanted.address(only, Some(&last.id))) rel="next" { "Older runs" } }
        }
    }
}

fn search(wanted: &Wanted) -> Markup {
    html! {
        form.search method="get" action="/runs" role="search" {
            @if let Some(only) = &wanted.only { input type="hidden" name="only" value=(only); }
            label.hidden for="script" { "Name of the script" }
            input #script name="script" type="search" placeholder="script" value=[wanted.script.as_deref()];
            button type="submit" { "Search" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_what_was_chosen() {
        let wanted = Wanted {
            script: Some("a&b".into()),
            ..Wanted::default()
        };
        let address = wanted.address(Some("failed"), Some("x"));
        assert_eq!(address, "/runs?only=failed&script=a%26b&before=x");
        assert_eq!(Wanted::default().address(None, None), "/runs");
        assert!(
            CHOICES
                .iter()
                .all(|choice| { *choice == "stuck" || RunState::from_name(choice).is_some() })
        );
    }
}
