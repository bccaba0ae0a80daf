//! Judges texts: their length, their pattern, and what they say.

use serde_json::Value;

use super::fault::{Fault, Verdict, show};
use super::value::check_length;
use crate::catalog::model::{Format, Text};

/// How long a UUID is as the API writes it, with hyphens and nothing around it.
const UUID: usize = 36;

/// How long a day is as the API writes it.
const DATE: usize = 10;

/// Judges a text.
pub(super) fn check_text(text: &Text, given: &str, at: &str) -> Verdict {
    check_length(text.length, given.chars().count(), at, "characters")?;
    let shown = || match text.format {
        Format::Secret => "this text".into(),
        _ => show(&Value::from(given)),
    };
    if let Some(pattern) = text.pattern.filter(|pattern| !is_match(pattern, given)) {
        return Err(Fault::new(
            at,
            format!("must match `{pattern}`, not {}", shown()),
        ));
    }
    match wanted(text.format, given) {
        None => Ok(()),
        Some(wanted) => Err(Fault::new(at, format!("must be {wanted}, not {}", shown()))),
    }
}

/// Returns what is wanted in the place of a text that does not say it.
fn wanted(format: Format, given: &str) -> Option<&'static str> {
    let (fits, wanted) = match format {
        Format::Plain | Format::Secret | Format::Path => return None,
        Format::Uuid => (
            given.len() == UUID && uuid::Uuid::try_parse(given).is_ok(),
            "an id (a UUID)",
        ),
        Format::DateTime => (
            given.parse::<jiff::Timestamp>().is_ok(),
            "a time such as `2026-01-31T12:00:00Z`",
        ),
        Format::Date => (
            given.len() == DATE && given.parse::<jiff::civil::Date>().is_ok(),
            "a day such as `2026-01-31`",
        ),
        Format::Uri => (url::Url::parse(given).is_ok(), "an absolute URL"),
        Format::Email => (is_email(given), "an e-mail address"),
    };
    (!fits).then_some(wanted)
}

fn is_email(given: &str) -> bool {
    let parts = given.split_once('@');
    parts.is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !given.contains(' '))
}

/// A pattern that this engine cannot read must not stop anybody.
pub(super) fn is_match(pattern: &str, text: &str) -> bool {
    regex_lite::Regex::new(pattern).map_or(true, |pattern| pattern.is_match(text))
}
