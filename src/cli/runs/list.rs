//! `duvoscript runs list`: which runs there are, and how they stand.

use std::sync::Arc;

use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::given::{When, when};
use super::spans::{since, taken};
use super::standing::{parser, standing, stored};
use super::told::note;
use crate::cli::command::{Action, Context, Format};
use crate::cli::exit::{self, Exit};
use crate::cli::{output, state};
use crate::clock::length;
use crate::clock::{Clock, SystemClock};
use crate::journal::{Journal, JournalError, RunFilter, RunRow};
use crate::report::Problem;

/// So much of an id tells runs apart, for people.
const SHORT: usize = 8;

/// Lists runs, newest first
///
/// A run is `interrupted` when the process that executed it is gone; `runs resume` goes on with it.
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript runs list --only waiting --since 1d")]
pub(super) struct List {
    /// Only runs that stand so; may be given several times
    #[arg(long = "only", value_name = "STATE", value_parser = parser())]
    standings: Vec<String>,
    /// Only runs of which the script's name holds this text
    #[arg(long, value_name = "TEXT")]
    script: Option<String>,
    /// Only runs that began then or later: so long ago (3h), or a time (2026-01-05, in UTC)
    #[arg(long, value_name = "TIME", value_parser = when)]
    since: Option<When>,
    /// Only runs that began before then
    #[arg(long, value_name = "TIME", value_parser = when)]
    until: Option<When>,
    /// At most so many
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    limit: usize,
    /// Only runs behind this one in the list: the next page
    #[arg(long, value_name = "RUN")]
    before: Option<String>,
}

impl Action for List {
    const NAME: &'static str = "list";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let journal = state::journal(context, Arc::clone(&clock))?;
        let now = clock.now();
        let mut runs = self.select(&journal, now)?;
        let more = runs.len() > self.limit;
        runs.truncate(self.limit);
        let format = context.global.output;
        let rows = runs.iter().map(|run| match format {
            Format::Json => whole(&journal, run, now),
            Format::Text | Format::Table => row(&journal, run, now),
        });
        output::show(Value::Array(rows.collect()), None, format);
        if let (true, Some(last)) = (more, runs.last()) {
            note(&format!(
                "there are more: `--before {}` shows them",
                last.id
            ));
        }
        Ok(exit::OK)
    }
}

impl List {
    /// Returns the wanted runs, and one more where there is one.
    fn select(&self, journal: &Journal, now: Timestamp) -> Result<Vec<RunRow>, Problem> {
        let moment = |when: Option<When>| when.map(|when| when.moment(now));
        let before = self.before.as_deref();
        let mut filter = RunFilter {
            states: stored(&self.standings),
            script: self.script.clone(),
            schedule: None,
            since: moment(self.since),
            until: moment(self.until),
            limit: Some(self.limit.saturating_add(1)),
            before: before.map(|given| cursor(journal, given)).transpose()?,
        };
        let is_wanted = |run: &RunRow| {
            let stands = standing(journal, run);
            self.standings.is_empty() || self.standings.iter().any(|wanted| wanted == stands)
        };
        let mut found = Vec::new();
        // Whether a run is interrupted cannot be asked of the journal: it is seen run by run.
        while found.len() <= self.limit {
            let page = journal.runs(&filter)?;
            let Some(last) = page.last() else { break };
            filter.before = Some(last.id.clone());
            found.extend(page.into_iter().filter(|run| is_wanted(run)));
        }
        Ok(found)
    }
}

/// Returns the id of the run that a page ended with.
fn cursor(journal: &Journal, given: &str) -> Result<String, Problem> {
    let found: Result<_, JournalError> = journal.find(given);
    match found?.as_slice() {
        [only] => Ok(only.id.clone()),
        _ => Err(Problem::usage(format!("there is no run `{given}`"))
            .hint("`--before` takes the last id of the page before")),
    }
}

/// Returns a run in a few words.
fn row(journal: &Journal, run: &RunRow, now: Timestamp) -> Value {
    json!({
        "id": run.id.chars().take(SHORT).collect::<String>(),
        "state": standing(journal, run),
        "script": run.script,
        "began": since(run, now),
        "took": taken(run, now).map(length),
        "steps": run.steps,
        "reason": reason(run),
    })
}

/// Returns a run for programs.
pub(super) fn whole(journal: &Journal, run: &RunRow, now: Timestamp) -> Value {
    json!({
        "id": run.id,
        "state": standing(journal, run),
        "script": run.script,
        "created_at": run.created_at,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "wake_at": run.wake_at,
        "duration_ms": taken(run, now).map(|taken| taken.as_millis()),
        "steps": run.steps,
        "reason": reason(run),
        "exit": run.exit,
        "parent": run.parent,
    })
}

/// Returns why a run stands as it does, or what it failed of.
pub(in crate::cli) fn reason(run: &RunRow) -> Option<String> {
    let what = || {
        let problem: Value = serde_json::from_str(run.problem.as_deref()?).ok()?;
        problem["what"].as_str().map(str::to_owned)
    };
    run.reason.clone().or_else(what)
}
