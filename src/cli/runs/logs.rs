//! `duvoscript runs logs`: what a run printed and logged, also while it goes on.

use std::io::Write;

use clap::Args;
use serde_json::{Value, json};

use super::standing::standing;
use super::told::note;
use super::watch::Watch;
use super::which::Which;
use crate::cli::command::{Action, Context, Format};
use crate::cli::exit::{self, Exit};
use crate::cli::output;
use crate::clock::moment;
use crate::journal::{Journal, LineRow, RunRow};
use crate::report::Problem;

/// Shows what a run printed and logged
///
/// With `--follow` and `--output json`, each line is a JSON value of its own.
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript runs logs last --follow")]
pub(super) struct Logs {
    #[command(flatten)]
    which: Which,
    /// Go on until the run has ended, or nobody executes it
    #[arg(long, short)]
    follow: bool,
}

impl Action for Logs {
    const NAME: &'static str = "logs";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let (journal, run) = self.which.find(context)?;
        let format = context.global.output;
        if self.follow {
            return follow(&journal, run, format);
        }
        let lines = journal.lines(&run.id, None)?;
        match format {
            Format::Json => {
                let whole = lines.iter().map(value).collect();
                output::show(Value::Array(whole), None, Format::Json);
            }
            Format::Text | Format::Table => {
                for line in &lines {
                    show(line, format)?;
                }
            }
        }
        Ok(exit::OK)
    }
}

fn follow(journal: &Journal, mut run: RunRow, format: Format) -> Result<Exit, Problem> {
    let mut watch = Watch::new(journal)?;
    let mut seen = None;
    loop {
        // Looked at first: what it printed before it rested is then read below.
        run = journal.run(&run.id)?.unwrap_or(run);
        let rests = run.state.is_ended() || !journal.is_owned(&run);
        for line in journal.lines(&run.id, seen)? {
            seen = Some(line.number);
            if show(&line, format).is_err() {
                return Ok(exit::OK);
            }
        }
        if rests {
            note(&format!(
                "the run {} is {}",
                run.id,
                standing(journal, &run)
            ));
            return Ok(exit::OK);
        }
        watch.wait();
    }
}

/// Shows a line; errs when nobody reads any more.
fn show(line: &LineRow, format: Format) -> Result<(), Problem> {
    let text = match format {
        Format::Json => value(line).to_string(),
        Format::Text | Format::Table => {
            let level = line.level.as_deref().unwrap_or("print");
            format!("{} {level:5} {}", moment(line.at), line.text)
        }
    };
    writeln!(anstream::stdout(), "{text}").map_err(|fault| {
        let problem = Problem::usage("the lines cannot be shown");
        problem.cause(&fault)
    })
}

fn value(line: &LineRow) -> Value {
    json!({
        "number": line.number, "at": line.at, "level": line.level, "text": line.text,
    })
}
