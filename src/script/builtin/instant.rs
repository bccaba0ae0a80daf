//! Times as text: RFC 3339 in UTC, always with milliseconds, so that they journal, compare and sort
//! as text, and look as the API's own do.

use jiff::civil::DateTime;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::fmt::temporal::{DateTimeParser, DateTimePrinter};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ZonedDateTime};
use rhai::Dynamic;

use super::arguments::{optional_text, text};
use crate::report::nearest;
use crate::script::door::{Door, Raise};

/// Writes a time the one way that scripts see. The fault says why it cannot be written.
pub(super) fn write(time: Timestamp) -> Result<String, String> {
    let time = whole_millis(time)?;
    Ok(printer().timestamp_to_string(&time))
}

/// Writes a time as a zone's clocks show it, with the offset.
pub(super) fn write_local(time: &ZonedDateTime) -> Result<String, String> {
    let instant = whole_millis(time.timestamp())?;
    Ok(printer().timestamp_with_offset_to_string(&instant, time.offset()))
}

fn printer() -> DateTimePrinter {
    DateTimePrinter::new().precision(Some(3))
}

fn whole_millis(time: Timestamp) -> Result<Timestamp, String> {
    let millis = i64::try_from(time.as_nanosecond().div_euclid(1_000_000)).unwrap_or(i64::MAX);
    let time = Timestamp::from_millisecond(millis).map_err(|_| out_of_range())?;
    // Four digits are what keeps the text sortable.
    match TimeZone::UTC.to_datetime(time).year() {
        0..=9999 => Ok(time),
        _ => Err(out_of_range()),
    }
}

/// The fault of a time that cannot be written.
pub(super) fn out_of_range() -> String {
    "the time is outside the years 0 to 9999".to_owned()
}

/// Reads a time: with an offset or `Z`; else a date, or date and time, on the clocks of the zone.
pub(super) fn read(text: &str, zone: &TimeZone) -> Result<Timestamp, String> {
    let trimmed = text.trim();
    if let Ok(time) = trimmed.parse::<Timestamp>() {
        return Ok(time);
    }
    let annotated = DateTimeParser::new().parse_zoned_datetime_with(zones(), trimmed);
    if let Ok(time) = annotated {
        return Ok(time.timestamp());
    }
    let unreadable = || {
        format!(
            "`{text}` is no time: write it as `2026-05-04`, `2026-05-04T09:30:00` or `2026-05-04T09:30:00Z`"
        )
    };
    let local: DateTime = trimmed.parse().map_err(|_| unreadable())?;
    in_zone(local, zone)
}

/// Reads a time in a format of strftime's kind; without an offset, on the clocks of the zone.
pub(super) fn read_as(text: &str, format: &str, zone: &TimeZone) -> Result<Timestamp, String> {
    let fault =
        |fault: jiff::Error| format!("`{text}` does not fit the format `{format}`: {fault}");
    let parts = BrokenDownTime::parse(format, text).map_err(fault)?;
    if parts.iana_time_zone().is_some() {
        let time = parts.to_zoned_datetime_with(zones()).map_err(fault)?;
        return Ok(time.timestamp());
    }
    if let Ok(time) = parts.to_timestamp() {
        return Ok(time);
    }
    let date = parts.to_date().map_err(fault)?;
    let time = parts.to_time().unwrap_or_default();
    in_zone(date.to_datetime(time), zone)
}

/// Returns when the clocks of a zone show a date and time: the earlier of two such moments, and in
/// a gap the moment as long after it as the clocks would show.
fn in_zone(local: DateTime, zone: &TimeZone) -> Result<Timestamp, String> {
    zone.to_timestamp(local).map_err(|_| out_of_range())
}

/// Returns a zone by its IANA name.
pub(super) fn zone(name: &str) -> Result<TimeZone, String> {
    zones().get(name).map_err(|_| {
        let known: Vec<_> = zones().available().map(|zone| zone.to_string()).collect();
        match nearest(name, known.iter().map(String::as_str)) {
            Some(near) => format!("no time zone `{name}`: did you mean `{near}`?"),
            None => format!("no time zone `{name}`: names are such as `UTC` or `Europe/Prague`"),
        }
    })
}

/// The zones built into the program: the same on every machine, so that a replay agrees.
fn zones() -> &'static TimeZoneDatabase {
    static ZONES: std::sync::LazyLock<TimeZoneDatabase> =
        std::sync::LazyLock::new(TimeZoneDatabase::bundled);
    &ZONES
}

/// Reads an optional argument as a zone; left out, it is UTC.
pub(super) fn zone_argument(
    door: &Door<'_>,
    args: &[&mut Dynamic],
    at: usize,
) -> Result<TimeZone, Raise> {
    match optional_text(door, args, at, "zone")? {
        None => Ok(TimeZone::UTC),
        Some(name) => zone(&name).map_err(|fault| door.invalid(fault)),
    }
}

/// Reads an argument as a time, on the clocks of a zone where it has no offset itself.
pub(super) fn argument(
    door: &Door<'_>,
    args: &[&mut Dynamic],
    (at, name): (usize, &str),
    zone: &TimeZone,
) -> Result<ZonedDateTime, Raise> {
    let text = text(door, args, at, name)?;
    let time = read(&text, zone).map_err(|fault| door.invalid(format!("`{name}`: {fault}")))?;
    Ok(time.to_zoned_datetime(zone.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> String {
        read(text, &TimeZone::UTC)
            .and_then(write)
            .unwrap_or_else(|fault| fault)
    }

    #[test]
    fn reads_dates_and_times_with_and_without_offset() {
        for (text, expected) in [
            ("2026-05-04", "2026-05-04T00:00:00.000Z"),
            ("2026-05-04T09:30", "2026-05-04T09:30:00.000Z"),
            ("2026-05-04 09:30:15", "2026-05-04T09:30:15.000Z"),
            ("2026-05-04T09:30:15.123456Z", "2026-05-04T09:30:15.123Z"),
            ("2026-05-04T09:30:15+02:00", "2026-05-04T07:30:15.000Z"),
            (
                "2026-05-04T09:30:15[Europe/Prague]",
                "2026-05-04T07:30:15.000Z",
            ),
            ("1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"),
            ("0000-01-01", "0000-01-01T00:00:00.000Z"),
            (" 2026-05-04 ", "2026-05-04T00:00:00.000Z"),
        ] {
            assert_eq!(utc(text), expected, "{text}");
        }
        for text in [
            "",
            "tomorrow",
            "2026-02-30",
            "04.05.2026",
            "2026-05-04T25:00",
            "9",
        ] {
            assert!(
                utc(text).starts_with(&format!("`{text}` is no time")),
                "{text}"
            );
        }
        let as_format = |text, format| read_as(text, format, &TimeZone::UTC).and_then(write);
        assert_eq!(
            as_format("1.7.2026 9:30 Europe/Prague", "%d.%m.%Y %H:%M %Q").unwrap(),
            "2026-07-01T07:30:00.000Z"
        );
        assert!(as_format("1.7.2026 Moon/Base", "%d.%m.%Y %Q").is_err());
        assert_eq!(
            as_format("1777887000", "%s").unwrap(),
            "2026-05-04T09:30:00.000Z"
        );
        let fault = as_format("07/26", "%m/%y").unwrap_err();
        assert!(
            fault.starts_with("`07/26` does not fit the format `%m/%y`: "),
            "{fault}"
        );
        assert_eq!(utc("-000001-01-01T00:00:00Z"), out_of_range());
    }

    #[test]
    fn zones_decide_about_times_without_offset() {
        let prague = zone("Europe/Prague").unwrap();
        let read = |text| read(text, &prague).and_then(write).unwrap();
        assert_eq!(read("2026-01-15T12:00"), "2026-01-15T11:00:00.000Z");
        assert_eq!(read("2026-07-15T12:00"), "2026-07-15T10:00:00.000Z");
        // The clocks jump from 2 to 3, and later show 2:30 twice.
        assert_eq!(read("2026-03-29T02:30"), "2026-03-29T01:30:00.000Z");
        assert_eq!(read("2026-10-25T02:30"), "2026-10-25T00:30:00.000Z");
        let fault = zone("Europe/Prag").unwrap_err();
        assert_eq!(
            fault,
            "no time zone `Europe/Prag`: did you mean `Europe/Prague`?"
        );
    }
}
