//! `duvoscript runs resolve`: says what became of a step that was cut off.

use clap::Args;
use serde_json::{Value, json};

use super::given::json_text;
use super::steps::named;
use super::told::{note, tell};
use super::which::Which;
use crate::catalog;
use crate::cli::command::{Action, Context};
use crate::cli::exit::{self, Exit};
use crate::journal::{RunRow, StepRow};
use crate::report::Problem;
use crate::run::{Verdict, resolution};

/// Says what became of a step that was cut off, and that nobody could look up
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript runs resolve last 4 --retry")]
pub(super) struct Resolve {
    #[command(flatten)]
    which: Which,
    /// The step, as `runs show` names it
    step: String,
    #[command(flatten)]
    said: Said,
}

/// What became of it.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct Said {
    /// It was not done: send it again
    #[arg(long)]
    retry: bool,
    /// It was done, and this is what the API answered
    #[arg(long, value_name = "JSON")]
    done: Option<String>,
    /// Let it count as failed; the script can catch that
    #[arg(long)]
    fail: bool,
}

impl Action for Resolve {
    const NAME: &'static str = "resolve";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let (journal, run) = self.which.find_open(context)?;
        let steps = journal.steps(&run.id)?;
        let step = named(&steps, &run, &self.step)?;
        can_settle(step, &run)?;
        let (verdict, told) = self.said.verdict(step)?;
        let resolution = resolution(&journal, step, verdict)?;
        if !journal.resolve(&run.id, step.ticket, resolution)? {
            return Err(settled(step));
        }
        let line = format!(
            "step {} {told}; `duvoscript runs resume {}` goes on",
            step.key, run.id
        );
        tell(context, json!({ "run": run.id, "step": step.key }), &line);
        Ok(exit::OK)
    }
}

impl Said {
    /// Returns what was said of a step, and in words what follows.
    fn verdict(&self, step: &StepRow) -> Result<(Verdict, &'static str), Problem> {
        Ok(match &self.done {
            Some(text) => {
                let answer = json_text(text)?;
                warn_of(&answer, step);
                (Verdict::Done(answer), "counts as done")
            }
            None if self.fail => (Verdict::Fail, "counts as failed"),
            None => (Verdict::Retry, "will be sent again"),
        })
    }
}

/// Says when an answer is not of the form that it should have.
fn warn_of(answer: &Value, step: &StepRow) {
    let warn = |what: &str| {
        note(&format!(
            "warning: this is not what `{}` answers: {what}",
            step.name
        ));
    };
    let endpoint = catalog::by_name(&step.name).filter(|_| step.kind == "call");
    if let Some(fault) = endpoint.and_then(|it| catalog::check_answer(it, answer).err()) {
        warn(&format!(
            "{fault}; `duvoscript api show {}` tells its form",
            step.name
        ));
    }
    if step.kind == "http" && !answer["status"].is_u64() {
        warn("it has `status`, `headers` and `body`");
    }
}

fn can_settle(step: &StepRow, run: &RunRow) -> Result<(), Problem> {
    if step.outcome.is_some() {
        return Err(settled(step));
    }
    if step.mutates {
        return Ok(());
    }
    let what = format!("step `{}` ({}) changes nothing", step.key, step.name);
    Err(Problem::usage(what).hint(format!(
        "it needs nobody's word: `duvoscript runs resume {}` does it again",
        run.id
    )))
}

fn settled(step: &StepRow) -> Problem {
    let what = format!(
        "step `{}` ({}) has its outcome already",
        step.key, step.name
    );
    Problem::usage(what).hint("only a step that was cut off can be settled")
}
