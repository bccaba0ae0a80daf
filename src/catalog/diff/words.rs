//! Says forms in words, for the text of a drift.

use super::form::{Form, FormKind, TextForm};
use crate::catalog::describe::bounds;
use crate::catalog::model::{Format, Range};

/// How many fields of an object are named.
const NAMES: usize = 3;

impl Form {
    /// Returns the form in words, such as `text or null`.
    pub(super) fn words(&self) -> String {
        let kind = self.kind.words();
        if self.nullable {
            format!("{kind} or null")
        } else {
            kind
        }
    }
}

impl FormKind {
    /// Returns the kind in words, without its limits.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Any => "anything".into(),
            Self::Boolean => "true or false".into(),
            Self::Integer(_) => "an integer".into(),
            Self::Number(_) => "a number".into(),
            Self::Text(text) => text.words().into(),
            Self::Choice(values) => format!("one of {}", listed(values)),
            Self::File => "a file".into(),
            Self::List(item, _) => format!("a list of {}", item.words()),
            Self::Object(fields) if fields.named.is_empty() => "a map".into(),
            Self::Object(fields) => {
                let names = listed(fields.named.keys().take(NAMES));
                let rest = if fields.named.len() > NAMES {
                    ", …"
                } else {
                    ""
                };
                format!("an object with {names}{rest}")
            }
            Self::Union(members) if members.is_empty() => "nothing".into(),
            Self::Union(members) => {
                let words: Vec<_> = members.iter().map(Form::words).collect();
                words.join(", or ")
            }
        }
    }
}

impl TextForm {
    /// Returns what the text says, without its limits.
    pub(super) fn words(&self) -> &'static str {
        match self.format {
            Format::Plain | Format::Path | Format::Secret => "text",
            Format::Uuid => "an id (a UUID)",
            Format::DateTime => "a time (RFC 3339)",
            Format::Date => "a day",
            Format::Uri => "a URI",
            Format::Email => "an e-mail address",
        }
    }
}

/// Returns limits in words; `None` where there are none.
pub(super) fn limits(range: Range) -> Option<String> {
    let is_limited = range.min.is_some() || range.max.is_some();
    is_limited.then(|| bounds(range))
}

/// Returns JSON texts in backticks, with commas.
pub(super) fn listed<'a>(values: impl IntoIterator<Item = &'a String>) -> String {
    let quoted: Vec<_> = values
        .into_iter()
        .map(|value| format!("`{}`", value.trim_matches('"')))
        .collect();
    quoted.join(", ")
}
