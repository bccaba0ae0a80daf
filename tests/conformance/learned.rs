//! What a walk has learned from answers: ids by name, and how steps refer to them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::steps::Made;

/// The name under which the team is learned, in which all calls are made.
pub(crate) const TEAM: &str = "team_id";

/// Values by the names under which they were learned.
#[derive(Debug, Default)]
pub(crate) struct Learned(BTreeMap<String, Value>);

impl Learned {
    /// Keeps what a JSON pointer finds in an answer; returns whether it finds something.
    pub(crate) fn learn(&mut self, name: &str, answer: &Value, pointer: &str) -> bool {
        let found = pick(answer, pointer);
        self.0
            .extend(found.map(|value| (name.to_owned(), value.clone())));
        found.is_some()
    }

    /// Returns what was learned under the name of a field or a parameter.
    pub(crate) fn id(&self, name: &str) -> Option<Value> {
        self.0.get(&snake(name)).cloned()
    }

    /// Returns the team that was learned.
    pub(crate) fn team(&self) -> String {
        let team = self.0.get(TEAM).and_then(Value::as_str);
        team.unwrap_or_default().to_owned()
    }

    /// Returns the path parameters of a written call: the given ones, or else the learned ones.
    pub(crate) fn path_of(&self, made: &Made) -> Result<Vec<String>, String> {
        let names = made
            .endpoint
            .given_params()
            .map(|param| format!("${}", snake(param.name)));
        let args: Vec<String> = match made.args.as_slice() {
            [] => names.collect(),
            args => args.to_vec(),
        };
        let text = |arg: String| match self.filled_in(&Value::from(arg))? {
            Value::String(text) => Ok(text),
            other => Ok(other.to_string()),
        };
        args.into_iter().map(text).collect()
    }

    /// Puts what was learned in the place of every `$name`.
    pub(crate) fn filled_in(&self, value: &Value) -> Result<Value, String> {
        match value {
            Value::String(text) if text.starts_with('$') => {
                let found = self.0.get(text.trim_start_matches('$'));
                found
                    .cloned()
                    .ok_or(format!("nothing is known as `{text}`"))
            }
            Value::Array(items) => items.iter().map(|item| self.filled_in(item)).collect(),
            Value::Object(fields) => {
                let pairs = fields
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), self.filled_in(value)?)));
                Ok(pairs.collect::<Result<Map<_, _>, String>>()?.into())
            }
            other => Ok(other.clone()),
        }
    }
}

/// Follows a JSON pointer in which `name=text` means the first item whose field says so.
pub(crate) fn pick<'v>(value: &'v Value, pointer: &str) -> Option<&'v Value> {
    pointer
        .split('/')
        .skip(1)
        .try_fold(value, |value, part| match part.split_once('=') {
            Some((name, text)) => value.as_array()?.iter().find(|item| item[name] == text),
            None => value.pointer(&format!("/{part}")),
        })
}

/// `agentId` and `agent_id` are learned as one.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}
