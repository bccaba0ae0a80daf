//! What is wrong with a value, worded for the person who wrote it. A secret is never shown.

use serde_json::Value;

/// How much of a text is shown.
const SHOWN: usize = 60;

/// What is wrong with a value, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The field, such as `cases[3].title`; empty for the value itself.
    pub field: String,
    /// What is wrong, in one line.
    pub what: String,
    /// What to do about it.
    pub hint: Option<String>,
}

pub(super) type Verdict = Result<(), Fault>;

impl Fault {
    pub(super) fn new(field: &str, what: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            what: what.into(),
            hint: None,
        }
    }

    pub(super) fn hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.field.is_empty() {
            f.write_str(&self.what)
        } else {
            write!(f, "`{}` {}", self.field, self.what)
        }
    }
}

/// Returns the name of a field within another.
pub(super) fn join(at: &str, name: &str) -> String {
    if at.is_empty() {
        name.into()
    } else {
        format!("{at}.{name}")
    }
}

/// Shows a value in a message: short, and never the inside of objects.
pub(super) fn show(value: &Value) -> String {
    match value {
        Value::Null => "()".into(),
        Value::Object(_) => "a map".into(),
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::String(text) if text.chars().count() > SHOWN => {
            format!("`{}…`", text.chars().take(SHOWN).collect::<String>())
        }
        Value::String(text) => format!("`{text}`"),
        Value::Bool(_) | Value::Number(_) => format!("`{value}`"),
    }
}

/// Says what kind of value it is, where the value itself must not be shown.
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "()",
        Value::Object(_) => "a map",
        Value::Array(_) => "a list",
        Value::String(_) => "this text",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
    }
}

/// Returns names in backticks, with commas.
pub(super) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
