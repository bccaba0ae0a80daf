//! What a run can wait for: a time, a Job, an answer, a signal. A wait outlives the process: when it
//! ends follows from when it began, which the journal knows.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::journal::{EventRow, Journal, JournalError, WaitRow};
use crate::script::{Effect, Question};

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
}

impl Wait {
    /// Returns the wait that an effect is; `None` when it is none.
    pub(super) fn of(effect: &Effect, since: Timestamp) -> Option<Self> {
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
                json!({
                    "text": question.text, "details": question.details,
                    "choices": question.choices,
                }),
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
        })
    }

    /// Returns the wait as the journal keeps it.
    pub(super) fn row(&self, run: &str, ticket: u32) -> WaitRow {
        WaitRow {
            run: run.to_owned(),
            ticket,
            kind: self.kind.to_owned(),
            about: self.about.to_string(),
            since: self.since,
            wake_at: Some(self.until),
        }
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
