//! Values of the command line: JSON, times, and lengths of time.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::report::Problem;
use crate::script;

/// Reads JSON; a bare word may have lost its quotes to the shell.
pub(super) fn json_text(text: &str) -> Result<Value, Problem> {
    serde_json::from_str(text).map_err(|fault| {
        let problem = Problem::usage(format!("`{text}` is no JSON")).cause(&fault);
        if text.starts_with(['{', '[', '"']) {
            problem.hint("put it into single quotes, so that the shell leaves it as it is")
        } else {
            problem.hint(format!("text wants quotes of its own: '\"{text}\"'"))
        }
    })
}

/// A time as it was given: a moment, or so long before now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum When {
    At(Timestamp),
    Ago(Duration),
}

impl When {
    /// Returns the moment that is meant.
    pub(super) fn moment(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(moment) => moment,
            Self::Ago(ago) => now.checked_sub(ago).unwrap_or(Timestamp::MIN),
        }
    }
}

/// Reads a time: `2026-01-05`, `2026-01-05T08:00:00Z` or `3h`, which means so long ago.
pub(super) fn when(text: &str) -> Result<When, String> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(When::At(moment));
    }
    // Without a zone it is UTC, as in all that is shown.
    let of_day = |date: Date| date.to_datetime(jiff::civil::Time::midnight());
    let civil = text.parse::<DateTime>();
    let civil = civil.or_else(|_| text.parse::<Date>().map(of_day));
    if let Ok(moment) = civil.and_then(|civil| TimeZone::UTC.to_timestamp(civil)) {
        return Ok(When::At(moment));
    }
    script::duration(text).map(When::Ago).map_err(|_| {
        format!("`{text}` is no time; write `2026-01-05`, `2026-01-05T08:00:00Z`, or `3h` for so long ago")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_moment_or_an_age() {
        let now: Timestamp = "2026-01-05T08:00:00Z".parse().unwrap();
        let of = |text| when(text).unwrap().moment(now).to_string();
        assert_eq!(of("2026-01-04"), "2026-01-04T00:00:00Z");
        assert_eq!(of("2026-01-04T12:30"), "2026-01-04T12:30:00Z");
        assert_eq!(of("2026-01-04T12:30:00+02:00"), "2026-01-04T10:30:00Z");
        assert_eq!(of("1d2h"), "2026-01-04T06:00:00Z");
        assert!(when("yesterday").is_err() && when("").is_err());
    }

    #[test]
    fn a_bare_word_is_told_about_quotes() {
        assert_eq!(json_text("[1, true]").unwrap().to_string(), "[1,true]");
        let problem = json_text("yes").unwrap_err();
        assert!(problem.hints[0].contains("'\"yes\"'"), "{problem:?}");
    }
}
