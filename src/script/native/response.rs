//! From what a closure returned to the fields of a response to a human request.

use rhai::{Dynamic, ImmutableString, Map};
use serde_json::Value;

use crate::report::Failure;
use crate::script::json;
use crate::script::native::human;

/// Returns a text of a map.
pub(in crate::script) fn text(map: &Map, key: &str) -> Option<ImmutableString> {
    Some(map.get(key)?.as_immutable_string_ref().ok()?.clone())
}

/// Brings what a closure returned into the fields of a response.
pub(in crate::script) fn fields(
    request: &Map,
    response: &Dynamic,
) -> Result<serde_json::Map<String, Value>, Failure> {
    let title = text(request, "title").unwrap_or_default();
    let questions = human::questions(request);
    let wrong = |what: &str| {
        Failure::invalid(format!("the response to `{title}` {what}"))
            .hint("return `approve()`, `deny()`, `answer(…)`, or what `ask(request)` returns")
    };
    let only_question = || match questions.as_slice() {
        [question] => Ok(text(question, "question").unwrap_or_default()),
        [] => Err(wrong("is an answer, but it wants an approval")),
        _ => Err(wrong("is one answer, but it asks several questions")),
    };
    if let Ok(flag) = response.as_bool() {
        return Ok(one("approved", flag.into()));
    }
    if let Ok(text) = response.as_immutable_string_ref() {
        let answers = one(&only_question()?, text.as_str().into());
        return Ok(one("answers", answers.into()));
    }
    if response.is_unit() {
        return Err(wrong("is `()`"));
    }
    let Ok(Value::Object(mut fields)) = json::to_value(response) else {
        return Err(wrong("is no response"));
    };
    if let Some(Value::String(text)) = fields.get("answers") {
        let answers = one(&only_question()?, text.as_str().into());
        fields.insert("answers".into(), answers.into());
    }
    Ok(fields)
}

fn one(name: &str, value: Value) -> serde_json::Map<String, Value> {
    serde_json::Map::from_iter([(name.to_owned(), value)])
}
