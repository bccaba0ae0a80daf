//! Questions of scripts, as the journal keeps them while a run waits for the answer.

use jiff::Timestamp;
use serde::Deserialize;

use super::item::{Asker, Form, Item, Kind};
use crate::journal::{Journal, JournalError, WaitRow};
use crate::run::answer_name;
use crate::script::StepKey;

/// The kind of wait that is a question.
const KIND: &str = "question";
/// Runs that wait, looked at at most.
const MOST: usize = 10_000;

/// What the journal keeps of a question.
#[derive(Debug, Deserialize)]
struct About {
    text: String,
    details: Option<String>,
    #[serde(default)]
    choices: Vec<String>,
    /// The step that asked first; a reminder asks again in a later one.
    step: String,
    asked_at: Option<Timestamp>,
    deadline: Option<Timestamp>,
    then: Option<String>,
    #[serde(default)]
    reminders: u32,
    escalates_at: Option<Timestamp>,
    #[serde(default)]
    is_escalated: bool,
}

/// Returns the questions of all runs that have not ended.
pub(super) fn open(journal: &Journal) -> Result<Vec<Item>, JournalError> {
    let waits = journal.open_waits(KIND, MOST)?;
    let mut items = Vec::with_capacity(waits.len());
    for wait in waits {
        let Ok(about) = serde_json::from_str::<About>(&wait.about) else {
            continue;
        };
        // One that was answered stays in the journal until its run is taken up.
        let name = answer_name(&StepKey(about.step.clone()));
        if journal
            .events(&wait.run)?
            .iter()
            .any(|event| event.name == name)
        {
            continue;
        }
        let script = journal.run(&wait.run)?.map(|run| run.script);
        items.push(item(wait, about, script.unwrap_or_default()));
    }
    Ok(items)
}

fn item(wait: WaitRow, about: About, script: String) -> Item {
    Item {
        id: id(&wait.run, &about.step),
        kind: Kind::Question,
        text: about.text,
        details: about.details,
        form: match about.choices {
            choices if choices.is_empty() => Form::Text,
            choices => Form::Choice { choices },
        },
        since: about.asked_at.unwrap_or(wait.since),
        deadline: about.deadline.or(wait.wake_at),
        then: about.then.unwrap_or_else(|| "the run goes on".to_owned()),
        reminders: about.reminders,
        escalates_at: about.escalates_at,
        is_escalated: about.is_escalated,
        asked_by: Asker::Run {
            run: wait.run,
            script,
            step: about.step,
        },
    }
}

/// Returns the id of the question of a step. Keys of steps hold no colon, and ids go into addresses.
pub(super) fn id(run: &str, step: &str) -> String {
    format!("{run}:{}", step.replace('/', ":"))
}

/// Returns run and event of a question, from its id.
pub(super) fn place(id: &str) -> Option<(&str, String)> {
    let (run, step) = id.split_once(':')?;
    let step = StepKey(step.replace(':', "/"));
    Some((run, answer_name(&step)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_leads_back_to_its_step() {
        let id = id("r", "4/2.1/3.0");
        assert_eq!(id, "r:4:2.1:3.0");
        assert_eq!(place(&id), Some(("r", "answer:4/2.1/3.0".to_owned())));
        assert_eq!(place("a-request-of-duvo"), None);
    }
}
