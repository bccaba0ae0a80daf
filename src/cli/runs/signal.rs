//! `duvoscript runs signal`: sends a run what it waits for, or will wait for.

use std::sync::Arc;

use clap::Args;
use serde_json::{Value, json};

use super::given::json_text;
use super::told::tell;
use super::which::{Which, ended};
use crate::cli::command::{Action, Context};
use crate::cli::exit::{self, Exit};
use crate::clock::moment;
use crate::clock::{Clock, SystemClock};
use crate::journal::{Delivered, EventRow, Journal, NewEvent, RunRow};
use crate::report::Problem;
use crate::run::answer_name;
use crate::script::StepKey;

/// Sends a run a signal; of several with one name the first counts
///
/// It is kept when the run does not wait for it yet. In scripts, `signal::wait(NAME, …)` returns the
/// value.
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript runs signal last paid '{\"amount\": 1250}'")]
pub(super) struct Signal {
    #[command(flatten)]
    which: Which,
    /// Name of the signal
    name: String,
    /// Its value; text wants quotes of its own: '"yes"'
    #[arg(value_name = "JSON")]
    value: String,
}

impl Action for Signal {
    const NAME: &'static str = "signal";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let value = json_text(&self.value)?;
        let (journal, run) = self.which.find_open(context)?;
        if self.name.starts_with(&answer_name(&StepKey(String::new()))) {
            let what = format!("`{}` is no name of a signal", self.name);
            return Err(Problem::usage(what)
                .hint("questions are answered with `duvoscript runs answer RUN STEP TEXT`"));
        }
        let what = format!("signal `{}`", self.name);
        deliver(&journal, &run, (&self.name, &value), &what, context)?;
        Ok(exit::OK)
    }
}

/// Delivers a value to a run, unless there is one of its name, and says so.
pub(super) fn deliver(
    journal: &Journal,
    run: &RunRow,
    (name, value): (&str, &Value),
    what: &str,
    context: &Context,
) -> Result<(), Problem> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let delivered = journal.deliver(NewEvent {
        run: run.id.clone(),
        name: name.to_owned(),
        value: value.to_string(),
        by: context.environment.user().map(str::to_owned),
        at: clock.now(),
    })?;
    match delivered {
        Delivered::Accepted => {}
        Delivered::Duplicate(first) => return Err(too_late(run, &first, what)),
        Delivered::NoRun => return Err(ended(run)),
    }
    let has = format!("the run {} has the {what}", run.id);
    let line = if journal.is_owned(run) {
        has
    } else {
        format!("{has}; `duvoscript runs resume {}` goes on", run.id)
    };
    let value = json!({ "run": run.id, "name": name, "value": value });
    tell(context, value, &line);
    Ok(())
}

fn too_late(run: &RunRow, first: &EventRow, what: &str) -> Problem {
    let by = first.by.as_deref();
    let by = by.map(|by| format!(" from {by}")).unwrap_or_default();
    Problem::usage(format!(
        "the run {} had the {what} before: `{}`{by}, {}",
        run.id,
        first.value,
        moment(first.at)
    ))
    .hint("the first one counts")
}
