//! `time` on the calendar of a zone: formats, parts, starts of units, distances.

use jiff::civil::Weekday;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{Span, Unit, ZonedDateTime, ZonedDateTimeDifference};
use rhai::{Dynamic, Map};

use super::Builtin;
use super::arguments::{optional_text, text};
use super::instant::{argument, out_of_range, write, write_local, zone_argument};
use crate::report::nearest;
use crate::script::door::{Door, Raise};

/// The builtins of this topic.
pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "time::format",
        params: &["time: String", "format: String", "zone?: String"],
        returns: "String",
        doc: "Writes a time in a format as of strftime, on the clocks of a zone (an IANA name; UTC \
              when left out). Fails on a format that is not understood.",
        examples: &[(
            "time::format(\"2026-05-04T09:30:00Z\", \"%d.%m.%Y %H:%M\", \"Europe/Prague\")",
            "\"04.05.2026 11:30\"",
        )],
        run: format,
    },
    Builtin {
        name: "time::in_zone",
        params: &["time: String", "zone: String"],
        returns: "String",
        doc: "Writes a time as the clocks of a zone (an IANA name) show it, with the offset. \
              It is the same time, but such texts do not sort.",
        examples: &[(
            "time::in_zone(\"2026-05-04T09:30:00Z\", \"Asia/Tokyo\")",
            "\"2026-05-04T18:30:00.000+09:00\"",
        )],
        run: in_zone,
    },
    Builtin {
        name: "time::parts",
        params: &["time: String", "zone?: String"],
        returns: "Map",
        doc: "Returns what clock and calendar of a zone (UTC when left out) show: year, month, day, \
              hour, minute, second, millisecond, day_of_week (1 is Monday), day_of_year, and week \
              (of ISO 8601).",
        examples: &[(
            "time::parts(\"2026-05-04T09:30:00Z\")",
            "{\"day\":4,\"day_of_week\":1,\"day_of_year\":124,\"hour\":9,\"millisecond\":0,\
             \"minute\":30,\"month\":5,\"second\":0,\"week\":19,\"year\":2026}",
        )],
        run: parts,
    },
    Builtin {
        name: "time::day_of_week",
        params: &["time: String", "zone?: String"],
        returns: "String",
        doc: "Returns the day of the week in a zone (UTC when left out), in lower case.",
        examples: &[("time::day_of_week(\"2026-05-04\")", "\"monday\"")],
        run: day_of_week,
    },
    Builtin {
        name: "time::start_of",
        params: &["time: String", "unit: String", "zone?: String"],
        returns: "String",
        doc: "Returns when the minute, hour, day, week (from Monday), month or year of a time began \
              in a zone (UTC when left out).",
        examples: &[
            (
                "time::start_of(\"2026-05-07T09:30:00Z\", \"week\")",
                "\"2026-05-04T00:00:00.000Z\"",
            ),
            (
                "time::start_of(\"2026-05-07T09:30:00Z\", \"day\", \"Europe/Prague\")",
                "\"2026-05-06T22:00:00.000Z\"",
            ),
        ],
        run: start_of,
    },
    Builtin {
        name: "time::between",
        params: &["from: String", "to: String", "unit?: String"],
        returns: "int",
        doc: "Returns how many whole seconds, or other units, lie between two times; negative when \
              the second is earlier. Units are `milliseconds`, `seconds`, `minutes`, `hours`, \
              `days`, `weeks`, `months` and `years`, in UTC.",
        examples: &[
            ("time::between(\"2026-05-04\", \"2026-05-05\")", "86400"),
            (
                "time::between(\"2026-01-31\", \"2026-05-04\", \"months\")",
                "3",
            ),
        ],
        run: between,
    },
];

const UNITS: &[(&str, Unit)] = &[
    ("millisecond", Unit::Millisecond),
    ("second", Unit::Second),
    ("minute", Unit::Minute),
    ("hour", Unit::Hour),
    ("day", Unit::Day),
    ("week", Unit::Week),
    ("month", Unit::Month),
    ("year", Unit::Year),
];

fn format(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let zone = zone_argument(door, args, 2)?;
    let time = argument(door, args, (0, "time"), &zone)?;
    let format = text(door, args, 1, "format")?;
    let text = strtime::format(format.as_str(), &time)
        .map_err(|fault| door.invalid(format!("`format` `{format}`: {fault}")))?;
    Ok(text.into())
}

fn in_zone(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    text(door, args, 1, "zone")?;
    let zone = zone_argument(door, args, 1)?;
    let time = argument(door, args, (0, "time"), &zone)?;
    let text = write_local(&time).map_err(|fault| door.invalid(fault))?;
    Ok(text.into())
}

fn parts(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let zone = zone_argument(door, args, 1)?;
    let time = argument(door, args, (0, "time"), &zone)?;
    let parts: [(&str, i64); 10] = [
        ("year", time.year().into()),
        ("month", time.month().into()),
        ("day", time.day().into()),
        ("hour", time.hour().into()),
        ("minute", time.minute().into()),
        ("second", time.second().into()),
        ("millisecond", time.millisecond().into()),
        ("day_of_week", time.weekday().to_monday_one_offset().into()),
        ("day_of_year", time.day_of_year().into()),
        ("week", time.iso_week_date().week().into()),
    ];
    let parts = parts
        .into_iter()
        .map(|(key, number)| (key.into(), number.into()));
    Ok(parts.collect::<Map>().into())
}

fn day_of_week(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let zone = zone_argument(door, args, 1)?;
    let time = argument(door, args, (0, "time"), &zone)?;
    let name = match time.weekday() {
        Weekday::Monday => "monday",
        Weekday::Tuesday => "tuesday",
        Weekday::Wednesday => "wednesday",
        Weekday::Thursday => "thursday",
        Weekday::Friday => "friday",
        Weekday::Saturday => "saturday",
        Weekday::Sunday => "sunday",
    };
    Ok(name.into())
}

fn start_of(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let zone = zone_argument(door, args, 2)?;
    let time = argument(door, args, (0, "time"), &zone)?;
    let unit = unit(door, &text(door, args, 1, "unit")?)?;
    let start = start(&time, unit).map_err(|_| out_of_range());
    let text = start.and_then(|time| write(time.timestamp()));
    Ok(text.map_err(|fault| door.invalid(fault))?.into())
}

fn start(time: &ZonedDateTime, unit: Unit) -> Result<ZonedDateTime, jiff::Error> {
    let day = match unit {
        Unit::Day => time.clone(),
        Unit::Week => {
            let behind = i64::from(time.weekday().to_monday_zero_offset());
            time.checked_sub(Span::new().days(behind))?
        }
        Unit::Month => time.first_of_month()?,
        Unit::Year => time.first_of_year()?,
        clock => {
            // The start of an hour that clocks show twice must stay in the same one of the two.
            let options = jiff::ZonedDateTimeRound::new().smallest(clock);
            return time.round(options.mode(jiff::RoundMode::Trunc));
        }
    };
    day.start_of_day()
}

fn between(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let from = argument(door, args, (0, "from"), &TimeZone::UTC)?;
    let to = argument(door, args, (1, "to"), &TimeZone::UTC)?;
    let name = optional_text(door, args, 2, "unit")?;
    let unit = unit(door, name.as_deref().unwrap_or("second"))?;
    let options = ZonedDateTimeDifference::new(&to)
        .largest(unit)
        .smallest(unit);
    match from.until(options) {
        Ok(span) => Ok(whole(&span, unit).into()),
        Err(_) => Err(door.invalid(out_of_range())),
    }
}

fn whole(span: &Span, unit: Unit) -> i64 {
    match unit {
        Unit::Year => span.get_years().into(),
        Unit::Month => span.get_months().into(),
        Unit::Week => span.get_weeks().into(),
        Unit::Day => span.get_days().into(),
        Unit::Hour => span.get_hours().into(),
        Unit::Minute => span.get_minutes(),
        Unit::Second => span.get_seconds(),
        _ => span.get_milliseconds(),
    }
}

fn unit(door: &Door<'_>, name: &str) -> Result<Unit, Raise> {
    let single = name.strip_suffix('s').unwrap_or(name);
    if let Some((_, unit)) = UNITS.iter().find(|(known, _)| *known == single) {
        return Ok(*unit);
    }
    let known = || UNITS.iter().map(|(known, _)| *known);
    let hint = match nearest(single, known()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are `{}`", known().collect::<Vec<_>>().join("`, `")),
    };
    Err(door.invalid(format!("unknown unit `{name}`: {hint}")))
}

#[cfg(test)]
mod tests {
    use super::super::tests::run;

    #[test]
    fn starts_survive_repeated_hours_and_missing_midnights() {
        let start = |time: &str, unit: &str, zone: &str| {
            run(&format!(
                "time::start_of(\"{time}\", \"{unit}\", \"{zone}\")"
            ))
            .unwrap()
        };
        assert_eq!(
            start("2026-10-25T01:45:00Z", "hour", "Europe/Prague"),
            "2026-10-25T01:00:00.000Z"
        );
        // There is no midnight in Cairo on this day.
        assert_eq!(
            start("2026-04-24T10:00:00Z", "day", "Africa/Cairo"),
            "2026-04-23T22:00:00.000Z"
        );
        assert_eq!(
            start("2026-05-31", "months", "UTC"),
            "2026-05-01T00:00:00.000Z"
        );
        assert_eq!(
            start("2026-05-31", "year", "UTC"),
            "2026-01-01T00:00:00.000Z"
        );
    }

    #[test]
    fn distances_are_whole_and_signed() {
        let between = |from: &str, to: &str, unit: &str| {
            run(&format!("time::between(\"{from}\", \"{to}\", \"{unit}\")")).unwrap()
        };
        assert_eq!(
            between("2026-05-04T00:00:00.900Z", "2026-05-04T00:00:02Z", "second"),
            1
        );
        assert_eq!(between("2026-05-05", "2026-05-04", "hours"), -24);
        assert_eq!(between("2026-05-04", "2026-05-18", "weeks"), 2);
        assert_eq!(
            between("0000-01-02", "9999-12-01", "milliseconds"),
            315_566_755_200_000_i64
        );
    }

    #[test]
    fn faults_say_what_there_is() {
        let fault = run("time::start_of(\"2026-05-04\", \"moth\")").unwrap_err();
        assert_eq!(
            fault,
            "time::start_of: unknown unit `moth`: did you mean `month`?"
        );
        let fault = run("time::format(\"2026-05-04\", \"%!\")").unwrap_err();
        assert!(
            fault.starts_with("time::format: `format` `%!`: "),
            "{fault}"
        );
        assert!(run("time::in_zone(\"2026-05-04\", ())").is_err());
    }
}
