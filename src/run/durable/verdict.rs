//! What a person says became of a step that was cut off, in the form that a replay reads.

use serde_json::{Map, Value};

use super::fault::cut_off;
use super::outcome::to_row;
use crate::catalog::{self, Call};
use crate::journal::{Journal, JournalError, Resolution, StepRow};
use crate::script::{Answer, Effect, HttpRequest};
use crate::secret::Veil;

/// What became of a step that was cut off.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Nothing: it shall be sent again.
    Retry,
    /// It was done, with this answer.
    Done(Value),
    /// It counts as failed; the script can catch that.
    Fail,
}

/// Returns a verdict as the journal keeps it; secrets in an answer are masked and sealed.
pub fn resolution(
    journal: &Journal,
    step: &StepRow,
    verdict: Verdict,
) -> Result<Resolution, JournalError> {
    let outcome = match verdict {
        Verdict::Retry => return Ok(Resolution::Retry),
        Verdict::Done(value) => Ok(answer(step, &value)),
        Verdict::Fail => Err(cut_off()),
    };
    let veil = Veil::default();
    to_row(journal, &veil, &effect(step), &outcome).map(Resolution::Outcome)
}

/// A file that was written answers with nothing, and so do some endpoints; all others with JSON.
fn answer(step: &StepRow, value: &Value) -> Answer {
    let endpoint = catalog::by_name(&step.name).filter(|_| step.kind == "call");
    let is_silent = endpoint.is_some_and(|endpoint| endpoint.answer.is_none());
    match step.kind.as_str() {
        "write_file" | "upload" => Answer::Nothing,
        _ if is_silent => Answer::Nothing,
        _ => Answer::Json(value.to_string().into_bytes()),
    }
}

/// Returns an effect whose answers hold secrets where those of the step may.
fn effect(step: &StepRow) -> Effect {
    match catalog::by_name(&step.name).filter(|_| step.kind == "call") {
        Some(endpoint) => Effect::Call(Call {
            endpoint,
            path: Vec::new(),
            fields: Map::new(),
        }),
        None => Effect::Http(HttpRequest {
            method: step.name.clone(),
            url: String::new(),
            headers: std::collections::BTreeMap::new(),
            body: None,
        }),
    }
}
