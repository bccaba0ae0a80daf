//! Durations: how scripts write them, and `sleep`.
//!
//! A duration is text such as `1h30m`, `2 days` or `PT5M`, or a number of seconds. A day has 24
//! hours here; only `time::add` and `time::subtract` know days and months of a calendar.

use std::time::Duration;

use jiff::Span;
use jiff::fmt::friendly::{Designator, Spacing, SpanPrinter};
use rhai::Dynamic;

use super::Builtin;
use super::arguments::{as_text, kind, needed};
use crate::script::door::{Door, Raise};
use crate::script::host::Effect;

/// The builtins of this topic.
pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "duration::seconds",
        params: &["duration: duration"],
        returns: "int or float",
        doc: "Returns a duration in seconds: an integer when they are whole. \
              Understood are `1h30m`, `90s`, `2 days`, `1.5 hours`, `PT5M`; a day has 24 hours. \
              Fails on months and years, whose length depends on the calendar.",
        examples: &[
            ("duration::seconds(\"1h30m\")", "5400"),
            ("duration::seconds(\"1500ms\")", "1.5"),
        ],
        run: seconds,
    },
    Builtin {
        name: "duration::text",
        params: &["seconds: int|float|String"],
        returns: "String",
        doc: "Writes seconds as people say them, down to milliseconds; a day has 24 hours.",
        examples: &[
            ("duration::text(5400)", "\"1h 30m\""),
            ("duration::text(93784.5)", "\"1d 2h 3m 4s 500ms\""),
        ],
        run: text,
    },
    Builtin {
        name: "sleep",
        params: &["duration: duration"],
        returns: "()",
        doc: "Waits for a duration, such as `\"90s\"`, `\"1h30m\"` or a number of seconds.",
        examples: &[
            ("sleep(\"5m\")", "null"),
            ("sleep(2)", "null"),
            ("sleep(0.5)", "null"),
        ],
        run: sleep,
    },
];

/// The longest duration that is taken: nobody waits for longer on purpose.
const LONGEST: Duration = Duration::from_secs(100 * 366 * 86_400);

/// Reads a duration: text such as `1h30m` or `2 days`, or seconds. The fault says what was given.
pub(crate) fn duration(value: &Dynamic) -> Result<Duration, String> {
    let duration = if let Ok(seconds) = value.as_int() {
        u64::try_from(seconds).ok().map(Duration::from_secs)
    } else if let Ok(seconds) = value.as_float() {
        Duration::try_from_secs_f64(seconds).ok()
    } else if let Some(text) = as_text(value) {
        Some(exact(&text, span(&text)?)?)
    } else {
        return Err(format!(
            "a duration is text such as `1h30m`, or seconds, but it is {}",
            kind(value)
        ));
    };
    match duration {
        Some(duration) if duration <= LONGEST => Ok(duration),
        Some(_) => Err(format!("`{value}` is longer than 100 years")),
        None => Err(format!(
            "`{value}` is no duration: seconds must be 0 or more"
        )),
    }
}

/// Reads text as a span of time that is not negative, with days and months as they were written.
pub(super) fn span(text: &str) -> Result<Span, String> {
    let unreadable =
        || format!("`{text}` is no duration: write it as `90s`, `1h30m`, `2 days` or `PT5M`");
    let span: Span = text.trim().parse().map_err(|_| unreadable())?;
    if span.is_negative() {
        return Err(format!("`{text}` is no duration: it must be 0 or more"));
    }
    Ok(span)
}

fn exact(text: &str, span: Span) -> Result<Duration, String> {
    if span.get_years() != 0 || span.get_months() != 0 {
        return Err(format!(
            "`{text}` has no fixed length: months and years depend on the calendar, use days"
        ));
    }
    let days = i64::from(span.get_weeks()) * 7 + i64::from(span.get_days());
    let clock = span.weeks(0).days(0);
    let clock = Duration::try_from(clock).map_err(|_| format!("`{text}` is too long"))?;
    let days = u64::try_from(days).unwrap_or(0).saturating_mul(86_400);
    Ok(clock.saturating_add(Duration::from_secs(days)))
}

/// Reads an argument as a duration.
pub(super) fn argument(
    door: &Door<'_>,
    args: &[&mut Dynamic],
    at: usize,
    name: &str,
) -> Result<Duration, Raise> {
    let value = needed(door, args, at, name)?;
    duration(value).map_err(|fault| door.invalid(format!("`{name}`: {fault}")))
}

fn seconds(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let duration = argument(door, args, 0, "duration")?;
    if duration.subsec_nanos() > 0 {
        return Ok(duration.as_secs_f64().into());
    }
    Ok(i64::try_from(duration.as_secs()).unwrap_or(i64::MAX).into())
}

fn text(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let duration = argument(door, args, 0, "seconds")?;
    // Half a millisecond is added for rounding: a float of 0.3 is a little less than 300 ms.
    let millis = (duration + Duration::from_micros(500)).as_millis();
    let millis = i64::try_from(millis).unwrap_or(i64::MAX);
    let (seconds, rest) = (millis / 1000, millis % 1000);
    let span = Span::new()
        .days(seconds / 86_400)
        .hours(seconds / 3_600 % 24)
        .minutes(seconds / 60 % 60)
        .seconds(seconds % 60)
        .milliseconds(rest);
    let printer = SpanPrinter::new()
        .designator(Designator::Compact)
        .spacing(Spacing::BetweenUnits);
    Ok(printer.span_to_string(&span).into())
}

fn sleep(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let duration = argument(door, args, 0, "duration")?;
    door.value(Effect::Sleep(duration))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;
    use rhai::Dynamic;

    use super::super::tests::{FakeHost, run, run_on};
    use super::duration;

    fn read(text: &str) -> Result<Duration, String> {
        duration(&Dynamic::from(text.to_owned()))
    }

    #[test]
    fn reads_what_people_write() {
        for (text, seconds) in [
            ("1h30m", 5_400),
            ("90s", 90),
            ("2d", 172_800),
            ("2 days", 172_800),
            ("1 week", 604_800),
            ("1h 30min", 5_400),
            ("1 hour, 30 minutes", 5_400),
            ("PT5M", 300),
            ("P1DT1H", 90_000),
            (" 10m ", 600),
            ("0s", 0),
        ] {
            assert_eq!(read(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(
            duration(&Dynamic::from(0.25)),
            Ok(Duration::from_millis(250))
        );
    }

    #[test]
    fn refuses_the_rest_and_says_what_was_given() {
        for text in [
            "",
            "90",
            "soon",
            "-1h",
            "1h ago",
            "1 month",
            "P1Y",
            "1h30",
            "200000 days",
        ] {
            let fault = read(text).unwrap_err();
            assert!(fault.starts_with(&format!("`{text}` ")), "{fault}");
        }
        for value in [
            Dynamic::from(-1_i64),
            (-0.5).into(),
            f64::NAN.into(),
            f64::INFINITY.into(),
        ] {
            assert!(
                duration(&value).unwrap_err().contains("no duration"),
                "{value}"
            );
        }
        assert!(
            duration(&i64::MAX.into())
                .unwrap_err()
                .contains("100 years")
        );
        let fault = run("sleep([])").unwrap_err();
        let said =
            "sleep: `duration`: a duration is text such as `1h30m`, or seconds, but it is a list";
        assert_eq!(fault, said);
    }

    #[test]
    fn sleep_asks_the_host() {
        let host = FakeHost::new();
        run_on(&host, "sleep(\"1m30s\"); sleep(3); sleep(0.5)").unwrap();
        let seen = host.seen.lock().unwrap().join(" ");
        assert_eq!(seen, "Sleep(90s) Sleep(3s) Sleep(500ms)");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,20}|[0-9a-zPT. -]{0,12}") {
            let _ = read(&text);
        }

        #[test]
        fn text_goes_back_to_the_same_seconds(seconds in 0_i64..3_000_000_000) {
            let back = run(&format!("duration::seconds(duration::text({seconds}))"));
            prop_assert_eq!(back, Ok(seconds.into()));
        }
    }
}
