//! `duvoscript inbox show`: one thing that waits, with all there is to know of it.

use std::fmt::Write as _;
use std::io::Write;

use clap::Args;
use jiff::Timestamp;

use super::around::{Around, asker, until, whole};
use crate::cli::command::{Action, Context, Format};
use crate::cli::exit::{self, Exit};
use crate::cli::output;
use crate::clock::{distance, moment};
use crate::inbox::{Asked, Asker, Choice, Form, Item};
use crate::report::Problem;

/// Shows what is asked, by whom, since when, until when, and what happens then
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript inbox show 3f2a")]
pub(super) struct Show {
    /// What waits: its id, or the start of its id
    #[arg(value_name = "ID")]
    id: String,
}

impl Action for Show {
    const NAME: &'static str = "show";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let around = Around::open(context)?;
        let item = around.wait(around.inbox().find(&self.id))?;
        match context.global.output {
            Format::Json => output::show(whole(&item), None, Format::Json),
            Format::Text | Format::Table => {
                let text = text(&item, around.now());
                // A closed pipe is the reader's choice.
                _ = writeln!(anstream::stdout(), "{text}");
            }
        }
        Ok(exit::OK)
    }
}

/// Returns an item for people.
fn text(item: &Item, now: Timestamp) -> String {
    let mut text = format!("{}\n", item.text);
    for line in item.details.iter().flat_map(|details| details.lines()) {
        _ = writeln!(text, "  {line}");
    }
    add_form(&mut text, &item.form);
    let mut pairs = vec![
        ("id", item.id.clone()),
        ("kind", item.kind.as_str().to_owned()),
        ("asked by", asked_by(item)),
        (
            "since",
            format!("{} ({})", moment(item.since), distance(item.since, now)),
        ),
    ];
    if let (Some(deadline), Some(left)) = (item.deadline, until(item, now)) {
        pairs.push(("deadline", format!("{} ({left})", moment(deadline))));
    }
    pairs.push(("then", item.then.clone()));
    if item.reminders > 0 {
        pairs.push(("reminders", item.reminders.to_string()));
    }
    if let Some(at) = item.escalates_at {
        pairs.push(("escalates", moment(at)));
    }
    if item.is_escalated {
        pairs.push(("escalated", "yes".to_owned()));
    }
    for (name, value) in pairs {
        _ = write!(text, "\n{name:10} {value}");
    }
    _ = write!(
        text,
        "\n\nanswer it with `duvoscript inbox answer {} {}`",
        item.id,
        example(&item.form)
    );
    text
}

fn add_form(text: &mut String, form: &Form) {
    match form {
        Form::Text | Form::Approval => {}
        Form::Choice { choices } => {
            for (number, choice) in (1..).zip(choices) {
                _ = writeln!(text, "  {number}) {choice}");
            }
        }
        Form::Questions { questions } => questions.iter().for_each(|asked| add_asked(text, asked)),
    }
}

fn add_asked(text: &mut String, asked: &Asked) {
    let several = if asked.is_multiple {
        " (several, joined by commas)"
    } else {
        ""
    };
    _ = writeln!(text, "  {}{several}", asked.question);
    for (number, Choice { label, description }) in (1..).zip(&asked.options) {
        let meaning = description.as_deref().map(|meaning| format!(": {meaning}"));
        _ = writeln!(text, "    {number}) {label}{}", meaning.unwrap_or_default());
    }
}

fn asked_by(item: &Item) -> String {
    match &item.asked_by {
        Asker::Run { run, script, step } => format!("run {run} of {script}, step {step}"),
        Asker::Job { job, .. } => format!("job {job} of {}", asker(item)),
    }
}

fn example(form: &Form) -> &'static str {
    match form {
        Form::Text => "TEXT",
        Form::Choice { .. } => "CHOICE",
        Form::Approval => "approve` or `… deny",
        Form::Questions { questions } if questions.len() == 1 => "ANSWER",
        Form::Questions { .. } => "ANSWER ANSWER …",
    }
}
