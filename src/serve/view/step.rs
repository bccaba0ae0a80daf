//! What a run did, waits for, said and was told.

use std::collections::HashMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::time::Time;
use crate::journal::{EventRow, LineRow, OutcomeRow, StepRow, StoredSource, WaitRow};

/// A place in a source of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PlaceView {
    /// Name of the source.
    pub source: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// The text of the line.
    pub text: Option<String>,
}

/// A step of a run: an effect that its script asked for.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct StepView {
    /// Where it stands in the run, such as `4/2.1`.
    pub step: String,
    /// The kind of effect.
    pub kind: String,
    /// The endpoint or function.
    pub name: String,
    /// Whether it changes the world.
    pub mutates: bool,
    /// How it stands: `ok`, `failed`, `waiting`, `under_way`, `cut_off` or `to_be_sent_again`.
    pub state: String,
    /// When it was asked for.
    #[schemars(with = "Time")]
    pub at: Timestamp,
    /// When it was completed.
    #[schemars(with = "Option<Time>")]
    pub done_at: Option<Timestamp>,
    /// How often it was sent.
    pub attempts: u32,
    /// What a person should know about it.
    pub note: Option<String>,
    /// The place that asked for it.
    pub place: PlaceView,
    /// What was asked for, with secrets masked.
    pub request: Value,
    /// What was answered, with secrets masked.
    pub answer: Option<Value>,
}

/// Something that a run waits for.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct WaitView {
    /// The step that waits.
    pub step: String,
    /// The kind of wait: `sleep`, `job`, `question` or `signal`.
    pub kind: String,
    /// What exactly: the job and its states, the question's text, the signal's name.
    pub about: Value,
    /// Since when.
    #[schemars(with = "Time")]
    pub since: Timestamp,
    /// When it ends by itself.
    #[schemars(with = "Option<Time>")]
    pub until: Option<Timestamp>,
}

/// A line that a run printed or logged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LineView {
    /// Which line of the run it is, from 1.
    pub number: u64,
    /// The step before which it was said.
    pub step: String,
    /// The level of a log line; none for a printed one.
    pub level: Option<String>,
    /// Its text.
    pub text: String,
    /// When it was said.
    #[schemars(with = "Time")]
    pub at: Timestamp,
}

impl From<LineRow> for LineView {
    fn from(row: LineRow) -> Self {
        Self {
            number: row.number,
            step: row.key,
            level: row.level,
            text: row.text,
            at: row.at,
        }
    }
}

/// Something that was delivered to a run: an answer or a signal.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct EventView {
    /// Its name; `answer:4` answers the question of step 4.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// Who delivered it.
    pub by: Option<String>,
    /// When.
    #[schemars(with = "Time")]
    pub at: Timestamp,
}

impl From<EventRow> for EventView {
    fn from(row: EventRow) -> Self {
        Self {
            value: parsed(&row.value),
            name: row.name,
            by: row.by,
            at: row.at,
        }
    }
}

/// A source that a run was made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SourceView {
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
}

impl From<StoredSource> for SourceView {
    fn from(source: StoredSource) -> Self {
        Self {
            name: source.name,
            text: source.text,
        }
    }
}

/// The rows of a run that belong together.
pub(in crate::serve) struct Timeline {
    pub(in crate::serve) steps: Vec<StepRow>,
    pub(in crate::serve) waits: Vec<WaitRow>,
    pub(in crate::serve) sources: Vec<StoredSource>,
    pub(in crate::serve) is_executed: bool,
}

impl Timeline {
    /// Returns the steps.
    pub(in crate::serve) fn steps(&self) -> Vec<StepView> {
        let lines = self.lines();
        let views = self.steps.iter().map(|step| self.step(step, &lines));
        views.collect()
    }

    /// Returns what the run waits for.
    pub(in crate::serve) fn waits(&self) -> Vec<WaitView> {
        let view = |wait: &WaitRow| {
            let step = self.steps.iter().find(|step| step.ticket == wait.ticket)?;
            Some(WaitView {
                step: step.key.clone(),
                kind: wait.kind.clone(),
                about: parsed(&wait.about),
                since: wait.since,
                until: wait.wake_at,
            })
        };
        self.waits.iter().filter_map(view).collect()
    }

    /// Returns the place that the run has come to.
    pub(in crate::serve) fn place(&self) -> Option<PlaceView> {
        let lines = self.lines();
        let is_waited_for = |step: &&StepRow| {
            let mut waits = self.waits.iter();
            waits.any(|wait| wait.ticket == step.ticket)
        };
        let waiting = self.steps.iter().find(is_waited_for);
        let open = || self.steps.iter().find(|step| step.outcome.is_none());
        let at = waiting.or_else(open).or(self.steps.last());
        at.map(|step| place(step, &lines))
    }

    fn step(&self, step: &StepRow, lines: &Lines<'_>) -> StepView {
        StepView {
            step: step.key.clone(),
            kind: step.kind.clone(),
            name: step.name.clone(),
            mutates: step.mutates,
            state: self.state(step).to_owned(),
            at: step.at,
            done_at: step.done_at,
            attempts: step.attempts,
            note: step.note.clone(),
            place: place(step, lines),
            request: parsed(&step.request),
            answer: step.outcome.as_ref().map(answer),
        }
    }

    fn state(&self, step: &StepRow) -> &'static str {
        let is_waiting = || self.waits.iter().any(|wait| wait.ticket == step.ticket);
        match &step.outcome {
            Some(outcome) if outcome.ok => "ok",
            Some(_) => "failed",
            None if step.resend => "to_be_sent_again",
            None if is_waiting() => "waiting",
            None if self.is_executed => "under_way",
            None => "cut_off",
        }
    }

    fn lines(&self) -> Lines<'_> {
        let sources = self.sources.iter();
        sources
            .map(|source| {
                let lines = source.text.lines().map(str::trim).collect();
                (source.name.as_str(), lines)
            })
            .collect()
    }
}

/// The lines of each source.
type Lines<'a> = HashMap<&'a str, Vec<&'a str>>;

fn place(step: &StepRow, lines: &Lines<'_>) -> PlaceView {
    let before = (step.line as usize).checked_sub(1);
    let source = lines.get(step.source.as_str());
    let text = source.and_then(|lines| lines.get(before?));
    PlaceView {
        source: step.source.clone(),
        line: step.line,
        column: step.column,
        text: text.map(|text| (*text).to_owned()),
    }
}

/// Returns what was answered, as far as it is text.
fn answer(outcome: &OutcomeRow) -> Value {
    match outcome.form.as_str() {
        "nothing" => Value::Null,
        "bytes" => Value::from(format!("{} bytes", outcome.body.len())),
        "json" | "failure" => serde_json::from_slice(&outcome.body).unwrap_or_default(),
        _ => String::from_utf8_lossy(&outcome.body).into_owned().into(),
    }
}

/// Reads JSON that a row holds; what cannot be read is null.
pub(in crate::serve) fn parsed(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_default()
}
