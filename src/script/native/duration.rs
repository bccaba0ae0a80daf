//! Durations as scripts give them: text such as `1h30m` or `2d`, or a number of seconds.

use std::time::Duration;

use jiff::{Span, SpanRelativeTo};
use rhai::Dynamic;

use crate::report::Failure;

/// Returns the duration a script value stands for.
pub(crate) fn of(value: &Dynamic, name: &str) -> Result<Duration, Failure> {
    let seconds = match (value.as_int(), value.as_float()) {
        (Ok(seconds), _) => u64::try_from(seconds).ok().map(Duration::from_secs),
        (_, Ok(seconds)) => Duration::try_from_secs_f64(seconds).ok(),
        _ => value
            .as_immutable_string_ref()
            .ok()
            .and_then(|text| parse(&text)),
    };
    seconds.ok_or_else(|| {
        Failure::invalid(format!(
            "`{name}` must be a duration such as `1h30m`, or a number of seconds, not `{value}`"
        ))
    })
}

/// Parses a duration; a day has 24 hours. `None` when it is none, or negative.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let span: Span = text.trim().parse().ok()?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(duration).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_text_and_seconds_and_nothing_else() {
        let seconds = |value: Dynamic| of(&value, "timeout").map(|duration| duration.as_secs_f64());
        assert_eq!(seconds("1h30m".into()).unwrap().to_string(), "5400");
        assert_eq!(seconds("2d".into()).unwrap().to_string(), "172800");
        assert_eq!(seconds("1w".into()).unwrap().to_string(), "604800");
        assert_eq!(seconds(90.into()).unwrap().to_string(), "90");
        assert_eq!(seconds(0.5.into()).unwrap().to_string(), "0.5");
        for wrong in ["-1h", "soon", "", "1 month"] {
            assert!(seconds(wrong.into()).is_err(), "{wrong}");
        }
        assert!(seconds((-1).into()).is_err());
        assert!(seconds(f64::NAN.into()).is_err());
        assert!(seconds(Dynamic::UNIT).is_err());
    }
}
