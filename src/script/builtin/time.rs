//! `time`: what the clock shows, and calendar arithmetic.
//!
//! Only `time::now` asks the Host; all else computes. Days, weeks, months and years are those of a
//! zone's calendar: a day may have 23 or 25 hours there.

use jiff::{Span, Timestamp, ZonedDateTime};
use rhai::Dynamic;

use super::Builtin;
use super::arguments::{as_text, needed, text};
use super::duration::{duration, span};
use super::instant::{argument, out_of_range, read, read_as, write, zone, zone_argument};
use super::options::Options;
use crate::script::door::{Door, Raise};
use crate::script::host::{Answer, Effect};

/// The builtins of this topic.
pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "time::now",
        params: &[],
        returns: "String",
        doc: "Returns the time in UTC, as all functions here write times: RFC 3339 with \
              milliseconds, so that `<` and sorting work on them.",
        examples: &[("time::now().len()", "24")],
        run: now,
    },
    Builtin {
        name: "time::parse",
        params: &[
            "text: String",
            "options?: #{ zone: String, format: String }",
        ],
        returns: "String",
        doc: "Reads a date, or a date and time, as a time in UTC. Without an offset it is meant on \
              the clocks of the option `zone` (an IANA name; UTC when left out): the earlier moment \
              where clocks show it twice, and in a gap the one after it. \
              The option `format` is a pattern as in strftime. Fails when the text is no time.",
        examples: &[
            (
                "time::parse(\"2026-05-04\")",
                "\"2026-05-04T00:00:00.000Z\"",
            ),
            (
                "time::parse(\"2026-05-04 11:30\", #{ zone: \"Europe/Prague\" })",
                "\"2026-05-04T09:30:00.000Z\"",
            ),
            (
                "time::parse(\"4.5.2026\", #{ format: \"%d.%m.%Y\" })",
                "\"2026-05-04T00:00:00.000Z\"",
            ),
        ],
        run: parse,
    },
    Builtin {
        name: "time::add",
        params: &[
            "time: String",
            "duration: String|int|float",
            "zone?: String",
        ],
        returns: "String",
        doc: "Returns the time a duration later. Days, weeks, months and years follow the calendar \
              of the zone (UTC when left out); a day that a month lacks becomes its last one.",
        examples: &[
            (
                "time::add(\"2026-05-04T09:30:00Z\", \"1h30m\")",
                "\"2026-05-04T11:00:00.000Z\"",
            ),
            (
                "time::add(\"2026-01-31\", \"1 month\")",
                "\"2026-02-28T00:00:00.000Z\"",
            ),
        ],
        run: |door, args| shift(door, args, 1),
    },
    Builtin {
        name: "time::subtract",
        params: &[
            "time: String",
            "duration: String|int|float",
            "zone?: String",
        ],
        returns: "String",
        doc: "Returns the time a duration earlier. Days, weeks, months and years follow the \
              calendar of the zone (UTC when left out); a day that a month lacks becomes its last \
              one.",
        examples: &[(
            "time::subtract(\"2026-05-04\", \"2 days\")",
            "\"2026-05-02T00:00:00.000Z\"",
        )],
        run: |door, args| shift(door, args, -1),
    },
    Builtin {
        name: "time::is_before",
        params: &["time: String", "other: String"],
        returns: "bool",
        doc: "Returns whether a time is earlier than another, whatever offsets they are written \
              with.",
        examples: &[(
            "time::is_before(\"2026-05-04T09:00:00+02:00\", \"2026-05-04T08:00:00Z\")",
            "true",
        )],
        run: |door, args| compare(door, args, |a, b| a < b),
    },
    Builtin {
        name: "time::is_after",
        params: &["time: String", "other: String"],
        returns: "bool",
        doc: "Returns whether a time is later than another, whatever offsets they are written with.",
        examples: &[("time::is_after(\"2026-05-04\", \"2026-05-03\")", "true")],
        run: |door, args| compare(door, args, |a, b| a > b),
    },
    Builtin {
        name: "time::from_unix",
        params: &["seconds: int|float"],
        returns: "String",
        doc: "Returns the time a number of seconds after 1970-01-01 in UTC.",
        examples: &[(
            "time::from_unix(1777887000)",
            "\"2026-05-04T09:30:00.000Z\"",
        )],
        run: from_unix,
    },
    Builtin {
        name: "time::to_unix",
        params: &["time: String"],
        returns: "int",
        doc: "Returns the whole seconds from 1970-01-01 in UTC to a time.",
        examples: &[("time::to_unix(\"2026-05-04T09:30:00Z\")", "1777887000")],
        run: to_unix,
    },
];

fn now(door: &Door<'_>, _: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    match door.perform(Effect::Now)? {
        Answer::Time(time) => shown(door, time),
        _ => Err(door.invalid("the Host answered with something else than a time")),
    }
}

fn parse(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let given = text(door, args, 0, "text")?;
    let options = Options::read(door, args, 1)?;
    let invalid = |fault| door.invalid(fault);
    let zone = zone(options.text("zone")?.as_deref().unwrap_or("UTC")).map_err(invalid)?;
    let time = match options.text("format")? {
        Some(format) => read_as(&given, &format, &zone),
        None => read(&given, &zone),
    };
    shown(door, time.map_err(invalid)?)
}

fn shift(door: &Door<'_>, args: &[&mut Dynamic], sign: i64) -> Result<Dynamic, Raise> {
    let zone = zone_argument(door, args, 2)?;
    let time = argument(door, args, (0, "time"), &zone)?;
    let span = length(needed(door, args, 1, "duration")?)
        .and_then(|span| span.checked_mul(sign).map_err(|_| out_of_range()))
        .map_err(|fault| door.invalid(format!("`duration`: {fault}")))?;
    match time.checked_add(span) {
        Ok(time) => shown(door, time.timestamp()),
        Err(_) => Err(door.invalid(out_of_range())),
    }
}

fn length(value: &Dynamic) -> Result<Span, String> {
    match as_text(value) {
        Some(text) => span(&text),
        None => Span::try_from(duration(value)?).map_err(|_| out_of_range()),
    }
}

fn compare(
    door: &Door<'_>,
    args: &[&mut Dynamic],
    holds: fn(&ZonedDateTime, &ZonedDateTime) -> bool,
) -> Result<Dynamic, Raise> {
    let zone = jiff::tz::TimeZone::UTC;
    let time = argument(door, args, (0, "time"), &zone)?;
    let other = argument(door, args, (1, "other"), &zone)?;
    Ok(holds(&time, &other).into())
}

fn from_unix(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let seconds = needed(door, args, 0, "seconds")?;
    let time = if let Ok(seconds) = seconds.as_int() {
        Timestamp::from_second(seconds).ok()
    } else if let Ok(seconds) = seconds.as_float() {
        let length = jiff::SignedDuration::try_from_secs_f64(seconds).ok();
        length.and_then(|length| Timestamp::from_duration(length).ok())
    } else {
        return Err(super::arguments::wrong(
            door, "seconds", "a number", seconds,
        ));
    };
    match time {
        Some(time) => shown(door, time),
        None => Err(door.invalid(out_of_range())),
    }
}

fn to_unix(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let time = argument(door, args, (0, "time"), &jiff::tz::TimeZone::UTC)?;
    Ok(time.timestamp().as_second().into())
}

fn shown(door: &Door<'_>, time: Timestamp) -> Result<Dynamic, Raise> {
    match write(time) {
        Ok(text) => Ok(text.into()),
        Err(fault) => Err(door.invalid(fault)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::run;

    #[test]
    fn calendar_units_follow_the_zone_and_exact_ones_do_not() {
        let add = |duration: &str| {
            run(&format!(
                "time::add(\"2026-03-28T12:00\", \"{duration}\", \"Europe/Prague\")"
            ))
            .unwrap()
        };
        assert_eq!(add("1 day"), "2026-03-29T10:00:00.000Z");
        assert_eq!(add("24h"), "2026-03-29T11:00:00.000Z");
        assert_eq!(run("time::now()").unwrap(), "2026-05-04T09:30:00.123Z");
        assert_eq!(
            run("time::now() > \"2026-05-04T09:30:00.122Z\"").unwrap(),
            true
        );
    }

    #[test]
    fn faults_name_what_was_given() {
        for (code, fault) in [
            (
                "time::add(\"never\", 1)",
                "time::add: `time`: `never` is no time",
            ),
            (
                "time::add(\"2026-01-01\", \"soon\")",
                "time::add: `duration`: `soon` is no duration",
            ),
            (
                "time::add(\"2026-01-01\", -1)",
                "time::add: `duration`: `-1` is no duration",
            ),
            (
                "time::add(\"9999-01-01\", \"2 years\")",
                "time::add: the time is outside",
            ),
            (
                "time::add(\"2026-01-01\", 1, \"Moon\")",
                "time::add: no time zone `Moon`",
            ),
            (
                "time::parse(\"1.5.\", #{ format: \"%d.%m.%Y\" })",
                "time::parse: `1.5.` does not fit",
            ),
            (
                "time::parse(\"x\", #{ zne: \"UTC\" })",
                "time::parse: unknown option `zne`: did you mean `zone`?",
            ),
            (
                "time::from_unix(9223372036854775807)",
                "time::from_unix: the time is outside",
            ),
            (
                "time::from_unix(1.0 / 0.0)",
                "time::from_unix: the time is outside",
            ),
        ] {
            let said = run(code).unwrap_err();
            assert!(said.starts_with(fault), "{code}: {said}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,20}|[0-9TZ:+.-]{0,24}", format in "(%[-_0-9:a-zA-Z]{1,4}){0,4}") {
            let text = serde_json::to_string(&text).unwrap();
            let _ = run(&format!("time::parse({text})"));
            let _ = run(&format!("time::parse({text}, #{{ format: \"{format}\" }})"));
            let _ = run(&format!("time::format(\"2026-05-04\", \"{format}\")"));
        }

        #[test]
        fn text_sorts_as_time_does(a in -62_000_000_000_i64..253_000_000_000, b in -62_000_000_000_i64..253_000_000_000) {
            let same = run(&format!(
                "let a = time::from_unix({a}); let b = time::from_unix({b}); \
                 (a < b) == time::is_before(a, b) && time::to_unix(a) == {a}"
            ));
            prop_assert_eq!(same, Ok(true.into()));
        }
    }
}
