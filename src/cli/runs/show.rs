//! `duvoscript runs show`: one run, and its timeline.

use std::fmt::Write as _;
use std::io::Write as _;

use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::answer::Asked;
use super::list::{reason, whole};
use super::resume::problem_shown;
use super::spans::{since, taken};
use super::standing::standing;
use super::steps::named;
use super::timeline::{self, Timeline};
use super::which::Which;
use crate::api::DEFAULT_BASE_URL;
use crate::cli::command::{Action, Context, Format};
use crate::cli::exit::{self, Exit};
use crate::cli::output;
use crate::clock::{Clock, SystemClock};
use crate::clock::{length, moment};
use crate::journal::{EventRow, Journal, RunRow};
use crate::report::Problem;

/// Shows a run and its timeline: each step, how long it took, what came of it, and its line
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript runs show last")]
pub(super) struct Show {
    #[command(flatten)]
    which: Which,
    /// Shows this step alone, with what it asked for and what was answered
    step: Option<String>,
}

impl Action for Show {
    const NAME: &'static str = "show";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let (journal, run) = self.which.find(context)?;
        let timeline = Timeline::read(&journal, &run)?;
        let format = context.global.output;
        if let Some(key) = &self.step {
            let step = named(&timeline.steps, &run, key)?;
            output::show(timeline.whole(step), None, format);
            return Ok(exit::OK);
        }
        let seen = Seen {
            now: SystemClock::new().now(),
            asked: Asked::open(&journal, &run)?,
            events: journal.events(&run.id)?,
            journal,
            run,
            timeline,
        };
        match format {
            Format::Json => output::show(seen.for_programs(), None, format),
            // A closed pipe is the reader's choice.
            Format::Text | Format::Table => _ = write!(anstream::stdout(), "{}", seen.for_people()),
        }
        Ok(exit::OK)
    }
}

/// All that is shown of a run.
struct Seen {
    journal: Journal,
    run: RunRow,
    timeline: Timeline,
    asked: Vec<Asked>,
    events: Vec<EventRow>,
    now: Timestamp,
}

impl Seen {
    fn for_programs(&self) -> Value {
        let Self { run, timeline, .. } = self;
        let mut value = whole(&self.journal, run, self.now);
        let steps = timeline.steps.iter().map(|step| timeline.brief(step));
        let more = json!({
            "root": run.root,
            "arguments": parsed(&run.arguments),
            "world": parsed(&run.world),
            "limits": parsed(&run.limits),
            "deadline": run.deadline,
            "engine": run.engine,
            "ordered": run.ordered.map(crate::journal::Order::as_str),
            "executed": self.journal.is_owned(run),
            "result": run.result.as_deref().map(parsed),
            "problem": run.problem.as_deref().map(parsed),
            "waits": timeline.waits.iter().map(|wait| timeline.wait(wait)).collect::<Vec<_>>(),
            "events": self.events.iter().map(event).collect::<Vec<_>>(),
            "timeline": steps.collect::<Vec<_>>(),
        });
        if let (Value::Object(fields), Value::Object(more)) = (&mut value, more) {
            fields.extend(more);
        }
        value
    }

    fn for_people(&self) -> String {
        let mut page = output::columns(self.facts());
        if !self.timeline.steps.is_empty() {
            _ = write!(page, "\n{}", output::columns(self.timeline.rows()));
        }
        if !self.events.is_empty() {
            _ = write!(
                page,
                "\n{}",
                output::columns(self.events.iter().map(event_row))
            );
        }
        if let Some(problem) = problem_shown(&self.run) {
            _ = write!(page, "\n{problem}\n");
        }
        for hint in self.hints() {
            _ = write!(page, "\n{hint}\n");
        }
        page
    }

    /// Returns what is known of the run itself, by name.
    fn facts(&self) -> Vec<Vec<String>> {
        let run = &self.run;
        let mut facts = Vec::new();
        let mut add = |name: &str, text: Option<String>| {
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                facts.push(vec![name.to_owned(), text]);
            }
        };
        add("run", Some(run.id.clone()));
        add("state", Some(self.state()));
        add("script", Some(format!("{} in {}", run.script, run.root)));
        add("arguments", pairs(&run.arguments));
        add(
            "world",
            pairs(&run.world).or_else(|| Some(DEFAULT_BASE_URL.into())),
        );
        add("engine", Some(run.engine.clone()));
        add("made from", run.parent.clone());
        add("began", Some(self.began()));
        add("ended", run.ended_at.map(moment));
        add("took", taken(run, self.now).map(length));
        add("deadline", run.deadline.map(moment));
        add("exit code", run.exit.map(|exit| exit.to_string()));
        add(
            "result",
            run.result
                .as_deref()
                .map(|result| masked(result).to_string()),
        );
        facts
    }

    fn began(&self) -> String {
        let (at, since) = (moment(self.run.created_at), since(&self.run, self.now));
        if at == since {
            at
        } else {
            format!("{at} ({since})")
        }
    }

    fn state(&self) -> String {
        let run = &self.run;
        let mut state = standing(&self.journal, run).to_owned();
        if let Some(reason) = reason(run).filter(|reason| *reason != state) {
            _ = write!(state, ": {reason}");
        }
        if let Some(wake_at) = run.wake_at {
            _ = write!(state, ", until {} at the latest", moment(wake_at));
        }
        if let Some(ordered) = run.ordered.filter(|ordered| !is_obeyed(run, *ordered)) {
            _ = write!(state, "; `{}` is ordered", ordered.as_str());
        }
        state
    }

    /// Returns what somebody can do so that the run goes on.
    fn hints(&self) -> Vec<String> {
        let id = &self.run.id;
        let mut hints: Vec<_> = self
            .asked
            .iter()
            .map(|asked| format!("`duvoscript runs answer {id} {} TEXT` answers", asked.step))
            .collect();
        let cut_off = self.timeline.steps.iter().filter(|step| {
            self.run.state == crate::journal::RunState::Uncertain && super::steps::is_cut_off(step)
        });
        hints.extend(cut_off.map(|step| {
            format!(
                "`duvoscript runs resolve {id} {}` with --retry, --done JSON or --fail settles it",
                step.key
            )
        }));
        if !self.run.state.is_ended() && !self.journal.is_owned(&self.run) {
            hints.push(format!("`duvoscript runs resume {id}` goes on"));
        }
        hints
    }
}

fn is_obeyed(run: &RunRow, order: crate::journal::Order) -> bool {
    order == crate::journal::Order::Pause && run.state == crate::journal::RunState::Paused
}

fn event(event: &EventRow) -> Value {
    json!({
        "name": event.name, "value": parsed(&event.value), "by": event.by, "at": event.at,
    })
}

fn event_row(event: &EventRow) -> Vec<String> {
    vec![
        moment(event.at),
        event.name.clone(),
        timeline::short(&masked(&event.value).to_string()),
        event.by.clone().unwrap_or_default(),
    ]
}

/// Reads what the journal keeps as JSON.
pub(super) fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

/// Reads what the journal keeps as JSON, with secrets masked by the names of their fields.
fn masked(text: &str) -> Value {
    let mut value = parsed(text);
    crate::secret::mask(&mut value, &crate::catalog::is_secret);
    value
}

/// Returns the fields of a JSON object in one line.
fn pairs(text: &str) -> Option<String> {
    let fields = masked(text).as_object()?.clone();
    let known = fields.iter().filter(|(_, value)| !value.is_null());
    let pairs = known.map(|(name, value)| match value {
        Value::String(text) => format!("{name}={text}"),
        value => format!("{name}={value}"),
    });
    let line = pairs.collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then_some(line)
}
