//! The timeline of a run: its steps in the order in which they were asked for.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::show::parsed;
use crate::clock::{between, length, moment};
use crate::journal::{Journal, JournalError, OutcomeRow, RunRow, StepRow, StoredSource, WaitRow};

/// A text that is longer is cut, for people.
const LONGEST: usize = 72;

/// The steps of a run, and what belongs to them.
pub(super) struct Timeline {
    pub(super) steps: Vec<StepRow>,
    pub(super) waits: Vec<WaitRow>,
    sources: HashMap<String, StoredSource>,
    is_executed: bool,
}

impl Timeline {
    /// Reads the timeline of a run.
    pub(super) fn read(journal: &Journal, run: &RunRow) -> Result<Self, JournalError> {
        let sources = journal.sources(&run.id)?.into_iter();
        Ok(Self {
            steps: journal.steps(&run.id)?,
            waits: journal.waits(&run.id)?,
            sources: sources
                .map(|source| (source.name.clone(), source))
                .collect(),
            is_executed: journal.is_owned(run),
        })
    }

    /// Returns the timeline for people, with a head.
    pub(super) fn rows(&self) -> Vec<Vec<String>> {
        let head = ["STEP", "WHAT", "START", "TOOK", "OUTCOME", "LINE"];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        let days: BTreeSet<_> = self.steps.iter().map(|step| day(step.at)).collect();
        let start = |at: Timestamp| match days.len() {
            1 => at.strftime("%H:%M:%S").to_string(),
            _ => moment(at),
        };
        rows.extend(self.steps.iter().map(|step| {
            vec![
                step.key.clone(),
                what(step),
                start(step.at),
                duration(step).map(length).unwrap_or_default(),
                self.outcome(step),
                format!(
                    "{} {}",
                    place(step),
                    short(self.line(step).unwrap_or_default())
                ),
            ]
        }));
        rows
    }

    /// Returns a step for programs.
    pub(super) fn brief(&self, step: &StepRow) -> Value {
        json!({
            "step": step.key,
            "kind": step.kind,
            "name": step.name,
            "mutates": step.mutates,
            "at": step.at,
            "done_at": step.done_at,
            "duration_ms": duration(step).map(|length| length.as_millis()),
            "state": self.state(step),
            "failure": step.outcome.as_ref().and_then(failure),
            "attempts": step.attempts,
            "note": step.note,
            "source": step.source,
            "line": step.line,
            "column": step.column,
            "text": self.line(step),
        })
    }

    /// Returns a step with what it asked for and what was answered; secrets are masked.
    pub(super) fn whole(&self, step: &StepRow) -> Value {
        let mut value = self.brief(step);
        value["request"] = parsed(&step.request);
        value["answer"] = step.outcome.as_ref().map_or(Value::Null, answer);
        value
    }

    /// Returns a wait for programs.
    pub(super) fn wait(&self, wait: &WaitRow) -> Value {
        let step = self.steps.iter().find(|step| step.ticket == wait.ticket);
        json!({
            "step": step.map(|step| &step.key),
            "kind": wait.kind,
            "about": parsed(&wait.about),
            "since": wait.since,
            "wake_at": wait.wake_at,
        })
    }

    /// Returns the text of the line that asked for a step.
    fn line(&self, step: &StepRow) -> Option<&str> {
        let source = self.sources.get(&step.source)?;
        let before = usize::try_from(step.line).ok()?.checked_sub(1)?;
        source.text.lines().nth(before).map(str::trim)
    }

    /// Returns how a step stands, in one word.
    fn state(&self, step: &StepRow) -> &'static str {
        let is_waiting = self.waits.iter().any(|wait| wait.ticket == step.ticket);
        match &step.outcome {
            Some(outcome) if outcome.ok => "ok",
            Some(_) => "failed",
            None if step.resend => "to be sent again",
            None if is_waiting => "waiting",
            None if self.is_executed => "under way",
            None => "cut off",
        }
    }

    /// Returns what came of a step, in a few words.
    fn outcome(&self, step: &StepRow) -> String {
        let mut parts = vec![self.state(step).to_owned()];
        if let Some(failure) = step.outcome.as_ref().and_then(failure) {
            let kind = failure["kind"].as_str().unwrap_or_default();
            parts[0] = match failure["status"].as_u64() {
                Some(status) => format!("failed: {kind} ({status})"),
                None => format!("failed: {kind}"),
            };
        }
        if step.attempts > 1 {
            parts.push(format!("{} attempts", step.attempts));
        }
        parts.extend(step.note.clone());
        parts.join(", ")
    }
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// Returns what a step does: an endpoint by its name, anything else with what it is about.
fn what(step: &StepRow) -> String {
    let names_itself = [
        "call", "job", "upload", "download", "sleep", "now", "random", "question",
    ];
    match step.kind.as_str() {
        kind if names_itself.contains(&kind) => step.name.clone(),
        kind => short(&format!("{kind} {}", step.name)),
    }
}

fn duration(step: &StepRow) -> Option<std::time::Duration> {
    between(step.at, step.done_at?)
}

fn place(step: &StepRow) -> String {
    format!("{}:{}", step.source, step.line)
}

/// Returns the failure that an outcome is.
fn failure(outcome: &OutcomeRow) -> Option<Value> {
    (!outcome.ok).then(|| parsed(&String::from_utf8_lossy(&outcome.body)))
}

/// Returns the answer that an outcome holds, as far as it may be shown.
fn answer(outcome: &OutcomeRow) -> Value {
    match (outcome.form.as_str(), std::str::from_utf8(&outcome.body)) {
        ("nothing" | "failure", _) => Value::Null,
        ("json", Ok(text)) => parsed(text),
        (_, Ok(text)) => Value::from(text),
        (_, Err(_)) => json!({ "bytes": outcome.body.len() }),
    }
}

/// Cuts a text to what fits into a table.
pub(super) fn short(text: &str) -> String {
    if text.chars().count() > LONGEST {
        text.chars().take(LONGEST - 1).chain(['…']).collect()
    } else {
        text.to_owned()
    }
}
