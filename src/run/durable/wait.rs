//! What a run can wait for: a time, a Job, an answer, a signal. A wait outlives the process: when it
//! ends follows from when it began, which the journal knows.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::journal::{EventRow, Journal, JournalError, WaitRow};
use crate::run::port::Outcome;
use crate::script::{Answer, Effect, Question, StepKey};
use crate::secret::Veil;

/// How long somebody has to answer a question that nobody sits in front of and that has no deadline.
const PATIENCE: Duration = Duration::from_secs(7 * 24 * 3600);

/// A wait of a run.
#[derive(Clone, Debug)]
pub(super) struct Wait {
    kind: &'static str,
    about: Value,
    /// In a few words, for people.
    pub(super) told: String,
    pub(super) since: Timestamp,
    /// When it ends by itself.
    pub(super) until: Timestamp,
    /// The step it stands for, where several waits are for one thing, and whether it is the last.
    pub(super) round: Option<(StepKey, bool)>,
    /// The wait before it for the same thing.
    pub(super) replaces: Option<u32>,
}

impl Wait {
    /// Returns the wait that an effect is; `None` when it is none.
    pub(super) fn of(effect: &Effect, step: &StepKey, since: Timestamp) -> Option<Self> {
        let (kind, about, told, length) = match effect {
            Effect::Sleep(length) => ("sleep", Value::Null, "a time".to_owned(), *length),
            Effect::WaitJob(wait) => (
                "job",
                json!({ "job": wait.job, "until": wait.until }),
                format!("the job {}", wait.job),
                wait.timeout,
            ),
            Effect::Ask(question) => (
                "question",
                asked(question, step),
                format!("an answer to `{}`", question.text),
                deadline(question),
            ),
            Effect::Signal(wait) => (
                "signal",
                json!({ "name": wait.name }),
                format!("the signal `{}`", wait.name),
                wait.deadline,
            ),
            _ => return None,
        };
        Some(Self {
            kind,
            about,
            told,
            since,
            until: since.checked_add(length).unwrap_or(Timestamp::MAX),
            round: round_of(effect),
            replaces: None,
        })
    }

    /// Notes that it follows the newest wait for the same thing, and is the newest now.
    pub(super) fn follow(&mut self, newest: &mut HashMap<StepKey, u32>, ticket: u32) {
        if let Some((of, _)) = &self.round {
            self.replaces = newest.insert(of.clone(), ticket);
        }
    }

    /// Returns whether another wait for the same thing follows when this one has ended with `outcome`.
    pub(super) fn goes_on(&self, outcome: &Outcome) -> bool {
        let is_open = matches!(outcome, Ok(Answer::Json(body)) if body == b"null");
        is_open && self.round.as_ref().is_some_and(|(_, is_last)| !is_last)
    }

    /// Returns the wait as the journal keeps it.
    pub(super) fn row(&self, run: &str, ticket: u32, veil: &Veil) -> WaitRow {
        let mut about = self.about.clone();
        veil.hide_in(&mut about);
        WaitRow {
            run: run.to_owned(),
            ticket,
            kind: self.kind.to_owned(),
            about: about.to_string(),
            since: self.since,
            wake_at: Some(self.until),
        }
    }
}

/// Returns a question as the journal keeps it while it waits.
fn asked(question: &Question, step: &StepKey) -> Value {
    let mut about = json!({
        "text": question.text,
        "details": question.details,
        "choices": question.choices,
        "step": question.identity(step).0,
        "then": question.then,
    });
    if let Some(round) = &question.round {
        about["asked_at"] = json!(round.asked_at);
        about["deadline"] = json!(round.ends_at);
        about["reminders"] = json!(round.reminders);
        about["escalates_at"] = json!(round.escalates_at);
        about["is_escalated"] = json!(round.is_escalated);
    }
    about
}

fn round_of(effect: &Effect) -> Option<(StepKey, bool)> {
    match effect {
        Effect::Ask(question) => {
            let round = question.round.as_ref()?;
            Some((round.asked.clone(), round.is_last))
        }
        _ => None,
    }
}

/// Returns how long somebody has to answer.
pub(super) fn deadline(question: &Question) -> Duration {
    question.deadline.unwrap_or(PATIENCE)
}

/// Returns when the first of some waits ends by itself, and what they are for.
pub(super) fn summary(waits: &[&Wait]) -> (Option<Timestamp>, String) {
    let first = waits.iter().map(|wait| wait.until).min();
    let told: Vec<_> = waits
        .iter()
        .take(3)
        .map(|wait| wait.told.as_str())
        .collect();
    let more = waits.len() - told.len();
    let told = told.join(", ");
    let text = if more == 0 {
        format!("waits for {told}")
    } else {
        format!("waits for {told} and {more} more")
    };
    (first, text)
}

/// Waits for an event of a run; one that came before counts.
pub(super) async fn event(
    journal: &Journal,
    run: &str,
    name: &str,
) -> Result<EventRow, JournalError> {
    let mut changes = journal.changes();
    loop {
        let events = journal.events(run)?;
        if let Some(event) = events.into_iter().find(|event| event.name == name) {
            return Ok(event);
        }
        if changes.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Returns whether an effect is under way for a while; the others are done when they are asked for.
pub(super) fn needs_wait(effect: &Effect) -> bool {
    match effect {
        Effect::Call(_)
        | Effect::Request(_)
        | Effect::Http(_)
        | Effect::Upload { .. }
        | Effect::Download { .. }
        | Effect::WaitJob(_)
        | Effect::Ask(_)
        | Effect::Signal(_)
        | Effect::Sleep(_) => true,
        Effect::Now
        | Effect::Random
        | Effect::Env(_)
        | Effect::ReadFile(_)
        | Effect::WriteFile { .. }
        | Effect::Print(_)
        | Effect::Log(..)
        | Effect::Test(_) => false,
    }
}
