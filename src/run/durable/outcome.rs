//! What came of an effect, on its way into the journal and back.
//!
//! A body that holds secrets is kept twice: masked for people, and sealed for the replay.

use serde_json::Value;

use super::describe::{mask_fields, mask_telling};
use crate::catalog::{self, Endpoint, Kind, Object};
use crate::journal::{Journal, JournalError, OutcomeRow};
use crate::report::Failure;
use crate::run::port::Outcome;
use crate::script::{Answer, Effect};
use crate::secret::{self, MASK, Veil};

/// Turns an outcome into its row.
pub(super) fn to_row(
    journal: &Journal,
    veil: &Veil,
    effect: &Effect,
    outcome: &Outcome,
) -> Result<OutcomeRow, JournalError> {
    let (form, body) = match outcome {
        Ok(answer) => encode(answer),
        Err(failure) => ("failure", failure_body(failure, veil)),
    };
    let masked = match (form, outcome.is_ok()) {
        ("failure", _) | (_, false) => None,
        (form, true) => masked(effect, form, &body, veil),
    };
    let sealed = match &masked {
        Some(_) => Some(journal.seal(&body)?),
        None => None,
    };
    Ok(OutcomeRow {
        ok: outcome.is_ok(),
        form: form.into(),
        body: masked.unwrap_or(body),
        sealed,
    })
}

/// Reads an outcome; `None` when the row is none of ours.
pub(super) fn from_row(
    journal: &Journal,
    row: &OutcomeRow,
) -> Result<Option<Outcome>, JournalError> {
    let body = match &row.sealed {
        Some(sealed) => journal.unseal(sealed)?,
        None => row.body.clone(),
    };
    Ok(decode(&row.form, body))
}

fn encode(answer: &Answer) -> (&'static str, Vec<u8>) {
    match answer {
        Answer::Nothing => ("nothing", Vec::new()),
        Answer::Bits(bits) => ("bits", bits.to_string().into_bytes()),
        Answer::Time(time) => ("time", time.to_string().into_bytes()),
        Answer::Text(text) => ("text", text.clone().into_bytes()),
        Answer::Bytes(bytes) => ("bytes", bytes.clone()),
        Answer::Json(json) => ("json", json.clone()),
    }
}

fn decode(form: &str, body: Vec<u8>) -> Option<Outcome> {
    let text = |body: Vec<u8>| String::from_utf8(body).ok();
    Some(Ok(match form {
        "nothing" => Answer::Nothing,
        "bits" => Answer::Bits(text(body)?.parse().ok()?),
        "time" => Answer::Time(text(body)?.parse().ok()?),
        "text" => Answer::Text(text(body)?),
        "bytes" => Answer::Bytes(body),
        "json" => Answer::Json(body),
        "failure" => return serde_json::from_slice(&body).ok().map(Err),
        _ => return None,
    }))
}

fn failure_body(failure: &Failure, veil: &Veil) -> Vec<u8> {
    let mut body = serde_json::to_value(failure).unwrap_or_default();
    veil.hide_in(&mut body);
    body.to_string().into_bytes()
}

/// Returns the body with its secrets masked; `None` when it holds none.
fn masked(effect: &Effect, form: &str, body: &[u8], veil: &Veil) -> Option<Vec<u8>> {
    if let Effect::Env(_) = effect {
        return (form == "text").then(|| {
            veil.add(&String::from_utf8_lossy(body));
            MASK.into()
        });
    }
    let may_hold = match effect {
        Effect::Call(call) => call.endpoint.signed.is_some() || answers_secrets(call.endpoint),
        Effect::Request(_) | Effect::Http(_) => true,
        _ => false,
    };
    if may_hold && form == "json" {
        let mut value: Value = serde_json::from_slice(body).ok()?;
        let whole = value.clone();
        mask_answer(effect, &mut value, veil);
        return (value != whole).then(|| value.to_string().into_bytes());
    }
    // A body that is not text is kept as it is.
    let text = std::str::from_utf8(body).ok()?;
    match veil.hide(text) {
        std::borrow::Cow::Owned(hidden) => Some(hidden.into_bytes()),
        std::borrow::Cow::Borrowed(_) => None,
    }
}

fn mask_answer(effect: &Effect, value: &mut Value, veil: &Veil) {
    match effect {
        Effect::Call(_) => mask_fields(value, veil),
        _ => mask_telling(value, veil),
    }
    if let Effect::Call(call) = effect
        && let Some(signed) = call.endpoint.signed
    {
        secret::mask(value, &|name| name == signed);
    }
    if let Effect::Http(_) = effect
        && let Some(Value::String(body)) = value.get_mut("body")
        && let Ok(mut inner) = serde_json::from_str::<Value>(body)
    {
        let whole = inner.clone();
        mask_telling(&mut inner, veil);
        if inner != whole {
            *body = inner.to_string();
        }
    }
    if let Effect::Http(_) = effect
        && let Some(headers) = value.get_mut("headers")
    {
        secret::mask(headers, &|name| name.eq_ignore_ascii_case("set-cookie"));
    }
    veil.hide_in(value);
}

/// Returns whether an endpoint's answer may hold secret fields.
fn answers_secrets(endpoint: &Endpoint) -> bool {
    endpoint
        .answer
        .is_some_and(|shape| holds_secrets(&shape.kind, 8))
}

fn holds_secrets(kind: &Kind, depth: u8) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return true;
    };
    let object = |object: &Object| {
        object
            .fields
            .iter()
            .any(|field| catalog::is_secret(field.name) || holds_secrets(&field.shape.kind, depth))
    };
    match kind {
        Kind::Object(fields) => object(fields),
        Kind::List(shape, _) | Kind::Map(shape, _) => holds_secrets(&shape.kind, depth),
        Kind::Union(shapes) => shapes.iter().any(|shape| holds_secrets(&shape.kind, depth)),
        _ => false,
    }
}
