//! `duvoscript inbox answer`: answers what waits; the first answer counts.

use clap::Args;
use serde_json::json;

use super::around::Around;
use crate::cli::command::{Action, Context};
use crate::cli::console::chosen;
use crate::cli::exit::{self, Exit};
use crate::cli::runs::told::tell;
use crate::clock::moment;
use crate::inbox::{Answered, Asked, Asker, Form, Given, Item};
use crate::report::Problem;

/// Answers what waits for a person; the first answer counts
///
/// A choice may be given by its number or its beginning. What asks several questions wants as many
/// answers, in the same order.
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript inbox answer 3f2a approve")]
pub(super) struct Answer {
    /// What waits: its id, or the start of its id
    #[arg(value_name = "ID")]
    id: String,
    /// The answer: a text, a choice, or `approve` or `deny`
    #[arg(required = true, value_name = "ANSWER")]
    answers: Vec<String>,
}

impl Action for Answer {
    const NAME: &'static str = "answer";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let around = Around::open(context)?;
        let inbox = around.inbox();
        let item = around.wait(async { Ok(inbox.find(&self.id).await) })?;
        let (id, given) = match &item {
            Ok(item) => (item.id.as_str(), given(item, &self.answers)?),
            // It may have been answered before: then its whole id tells by whom.
            Err(_) => (self.id.as_str(), Given::Text(self.answers.join(" "))),
        };
        let by = context.environment.user();
        let answered = around.wait(inbox.answer(id, &given, by))?;
        match answered {
            Answered::Accepted { value } => {
                let line = item.as_ref().map_or_else(|_| id.to_owned(), gone_on);
                tell(context, json!({ "id": id, "answer": value }), &line);
                Ok(exit::OK)
            }
            Answered::TooLate { by, at, value } => {
                let by = by.map_or_else(|| "somebody else".to_owned(), |by| format!("`{by}`"));
                let at = at.map(|at| format!(", {}", moment(at))).unwrap_or_default();
                let value = value.map(|value| format!(": {value}")).unwrap_or_default();
                let what = format!("`{id}` was answered before by {by}{at}{value}");
                Err(Problem::usage(what).hint("the first answer counts"))
            }
        }
    }
}

/// Reads the answers as what is asked wants them; what fits nothing is left to the inbox to refuse.
fn given(item: &Item, words: &[String]) -> Result<Given, Problem> {
    let text = words.join(" ");
    Ok(match &item.form {
        Form::Text => Given::Text(text),
        Form::Choice { choices } => Given::Text(chosen(text.trim(), choices).unwrap_or(text)),
        Form::Approval => {
            match chosen(text.trim(), &["approve".into(), "deny".into()]).as_deref() {
                Some("approve") => Given::Approved(true),
                Some(_) => Given::Approved(false),
                None => {
                    let what = format!("`{text}` is none of the choices");
                    return Err(Problem::usage(what).hint("the choices are `approve`, `deny`"));
                }
            }
        }
        Form::Questions { questions } => {
            // One question takes a text of several words.
            let words = if questions.len() == 1 {
                vec![text]
            } else {
                words.to_vec()
            };
            if words.len() != questions.len() {
                let what = format!(
                    "{} answers are wanted, not {}",
                    questions.len(),
                    words.len()
                );
                let hint =
                    "one for each question, in their order; `duvoscript inbox show` shows them";
                return Err(Problem::usage(what).hint(hint));
            }
            let pairs = questions.iter().zip(words);
            Given::Answers(
                pairs
                    .map(|(asked, word)| (asked.question.clone(), part(asked, word)))
                    .collect(),
            )
        }
    })
}

fn part(asked: &Asked, word: String) -> String {
    let labels: Vec<_> = asked.options.iter().map(|one| one.label.clone()).collect();
    if labels.is_empty() || asked.is_multiple {
        return word;
    }
    chosen(word.trim(), &labels).unwrap_or(word)
}

fn gone_on(item: &Item) -> String {
    match &item.asked_by {
        Asker::Run { run, .. } => format!("the run {run} has the answer to `{}`", item.text),
        Asker::Job { job, .. } => format!("the job {job} has the answer to `{}`", item.text),
    }
}
