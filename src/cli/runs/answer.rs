//! `duvoscript runs answer`: answers a question that a script asked.

use clap::Args;
use serde_json::Value;

use super::signal::deliver;
use super::which::Which;
use crate::cli::command::{Action, Context};
use crate::cli::console::chosen;
use crate::cli::exit::{self, Exit};
use crate::journal::{Journal, RunRow};
use crate::report::Problem;
use crate::run::answer_name;
use crate::script::StepKey;

/// Answers a question that a script asked with `ask`
#[derive(Args, Debug)]
#[command(
    after_help = "Example: duvoscript runs answer last approve",
    allow_missing_positional = true
)]
pub(super) struct Answer {
    #[command(flatten)]
    which: Which,
    /// The step that asked, as `runs show` names it; needed where several are open
    step: Option<String>,
    /// The answer; a choice may be given by its number or its beginning
    #[arg(required = true)]
    text: String,
}

impl Action for Answer {
    const NAME: &'static str = "answer";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let (journal, run) = self.which.find_open(context)?;
        let open = Asked::open(&journal, &run)?;
        let asked = pick(open, &run, self.step.as_deref())?;
        let Some(text) = chosen(self.text.trim(), &asked.choices) else {
            return Err(none_of(&asked, &self.text));
        };
        let name = answer_name(&StepKey(asked.step.clone()));
        let what = format!("answer to `{}`", asked.text);
        deliver(&journal, &run, (&name, &Value::from(text)), &what, context)?;
        Ok(exit::OK)
    }
}

/// A question that waits for an answer.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) step: String,
    pub(super) text: String,
    pub(super) choices: Vec<String>,
}

impl Asked {
    /// Returns the questions of a run that are open.
    pub(super) fn open(journal: &Journal, run: &RunRow) -> Result<Vec<Self>, Problem> {
        let steps = journal.steps(&run.id)?;
        let waits = journal.waits(&run.id)?;
        let asked = |wait: &crate::journal::WaitRow| {
            let step = steps.iter().find(|step| step.ticket == wait.ticket)?;
            let about: Value = serde_json::from_str(&wait.about).ok()?;
            let choices = about["choices"].as_array().cloned().unwrap_or_default();
            Some(Self {
                step: step.key.clone(),
                text: about["text"].as_str()?.to_owned(),
                choices: choices
                    .iter()
                    .filter_map(|choice| choice.as_str().map(str::to_owned))
                    .collect(),
            })
        };
        let questions = waits.iter().filter(|wait| wait.kind == "question");
        Ok(questions.filter_map(asked).collect())
    }

    /// Returns the question in one line, with the step that asked it.
    fn line(&self) -> String {
        match self.choices.as_slice() {
            [] => format!("step {}: {}", self.step, self.text),
            choices => format!("step {}: {} ({})", self.step, self.text, choices.join(", ")),
        }
    }
}

fn pick(mut open: Vec<Asked>, run: &RunRow, step: Option<&str>) -> Result<Asked, Problem> {
    let lines: Vec<_> = open.iter().map(Asked::line).collect();
    let at = match step {
        Some(step) => open.iter().position(|asked| asked.step == step),
        None => (open.len() == 1).then_some(0),
    };
    if let Some(at) = at {
        return Ok(open.swap_remove(at));
    }
    let problem = match (step, lines.len()) {
        (_, 0) => Problem::usage(format!("the run {} asks nothing at present", run.id)),
        (Some(step), _) => Problem::usage(format!("step `{step}` asks nothing at present")),
        (None, _) => Problem::usage(format!("the run {} asks several questions", run.id))
            .hint("name the step: `duvoscript runs answer RUN STEP TEXT`"),
    };
    Err(lines.into_iter().fold(problem, Problem::hint))
}

fn none_of(asked: &Asked, text: &str) -> Problem {
    match asked.choices.as_slice() {
        [] => Problem::usage("an answer is wanted"),
        choices => Problem::usage(format!("`{text}` is none of the choices"))
            .hint(format!("the choices are {}", choices.join(", "))),
    }
}
