//! Judges answers, loosely: only that the result is where the catalog promises it.

use serde_json::Value;

use super::fault::{Fault, Verdict};
use crate::catalog::model::Endpoint;

/// Judges whether an answer has the promised outline: the right kind, and its result where promised.
pub fn check_answer(endpoint: &Endpoint, answer: &Value) -> Verdict {
    let key = match (endpoint.list, endpoint.resource) {
        (Some("."), _) if !answer.is_array() => return Err(Fault::new("", "is no list")),
        (Some("."), _) | (None, None) => return Ok(()),
        (Some(key), _) | (None, Some(key)) => key,
    };
    match (answer.get(key), endpoint.list) {
        (Some(Value::Array(_)), Some(_)) | (Some(_), None) => Ok(()),
        (Some(_), Some(_)) => Err(Fault::new(key, "is no list")),
        (None, _) => Err(Fault::new(key, "is missing")),
    }
}
