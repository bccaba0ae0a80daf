//! Expressions against two judges: a look at every minute, and the crate `croner`.

use croner::Cron as Croner;
use croner::errors::CronError;
use croner::parser::CronParser;
use croner::time::{CivilDate, CivilDateTime, CivilTime, CronDateTime, Resolution, Weekday};
use jiff::civil::{DateTime, date};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::prelude::*;

use super::Cron;
use crate::ids::Chance;
use crate::schedule::trial::{Judge, NIGHTS, below, expression, noon_before};
use crate::schedule::zone::{local_of, seconds_of, zone};
use crate::schedule::{Plan, Timing};

/// Returns the first local times after one.
fn first(text: &str, after: DateTime, count: usize) -> Vec<DateTime> {
    let cron = Cron::parse(text).unwrap();
    let locals = cron.after(seconds_of(after)).take(count);
    locals.map(|local| local_of(local).unwrap()).collect()
}

fn texts(text: &str, after: &str, count: usize) -> String {
    let found = first(text, after.parse().unwrap(), count);
    let shown = found
        .iter()
        .map(|local| local.strftime("%a %Y-%m-%d %H:%M:%S").to_string());
    shown.collect::<Vec<_>>().join("\n")
}

#[test]
fn weekdays_count_as_on_unix() {
    // 2026-01-04 is a Sunday.
    let days = |field: &str| {
        let found = first(
            &format!("0 0 * * {field}"),
            "2026-01-03T12:00".parse().unwrap(),
            7,
        );
        let week = found
            .iter()
            .filter(|day| **day < "2026-01-11T00:00".parse().unwrap());
        week.map(|day| day.strftime("%a").to_string())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(days("1-5"), "Mon Tue Wed Thu Fri");
    assert_eq!(days("MON-fri"), "Mon Tue Wed Thu Fri");
    assert_eq!((days("0"), days("7")), ("Sun".into(), "Sun".into()));
    assert_eq!(days("5-7"), "Sun Fri Sat");
    assert_eq!(days("fri-sun"), "Sun Fri Sat");
    assert_eq!(days("Saturday,sunday"), "Sun Sat");
    assert_eq!(days("1/2"), "Mon Wed Fri");
    assert_eq!(days("7/3"), "Sun Wed Sat");
    assert_eq!(days("0-7"), "Sun Mon Tue Wed Thu Fri Sat");
    assert_eq!(days("*/2"), "Sun Tue Thu Sat");
}

#[test]
fn either_day_will_do_where_both_are_given() {
    assert_eq!(
        texts("30 6 13 * fri", "2026-02-07T00:00", 4),
        "Fri 2026-02-13 06:30:00\nFri 2026-02-20 06:30:00\nFri 2026-02-27 06:30:00\nFri 2026-03-06 06:30:00"
    );
    assert_eq!(
        texts("0 0 */1 * 1", "2026-02-01T00:00", 2),
        "Mon 2026-02-02 00:00:00\nMon 2026-02-09 00:00:00"
    );
    // Another step counts as given: odd days, and Mondays.
    assert_eq!(
        texts("0 0 */2 * 1", "2026-02-01T00:00", 4),
        "Mon 2026-02-02 00:00:00\nTue 2026-02-03 00:00:00\nThu 2026-02-05 00:00:00\nSat 2026-02-07 00:00:00"
    );
}

#[test]
fn words_and_seconds_are_understood() {
    for (word, line) in [
        ("@hourly", "0 * * * *"),
        ("@daily", "0 0 * * *"),
        ("@midnight", "0 0 * * *"),
        ("@Weekly", "0 0 * * 0"),
        ("@monthly", "0 0 1 * *"),
        ("@yearly", "0 0 1 1 *"),
        (" @annually ", "0 0 1 1 *"),
        ("\t0  0 1\tJanuary * ", "0 0 1 1 *"),
    ] {
        let after = date(2026, 5, 5).at(5, 5, 5, 0);
        assert_eq!(first(word, after, 9), first(line, after, 9), "{word}");
    }
    assert_eq!(
        texts("15,45 59 23 * * *", "2026-12-31T23:59:15", 2),
        "Thu 2026-12-31 23:59:45\nFri 2027-01-01 23:59:15"
    );
    assert_eq!(Timing::cron(" @Reboot "), Ok(Timing::Reboot));
}

#[test]
fn rare_days_are_found() {
    assert_eq!(
        texts("0 12 29 2 *", "2026-01-01T00:00", 2),
        "Tue 2028-02-29 12:00:00\nSun 2032-02-29 12:00:00"
    );
    assert_eq!(
        texts("0 0 31 * *", "2026-01-31T00:00", 2),
        "Tue 2026-03-31 00:00:00\nSun 2026-05-31 00:00:00"
    );
    // The crate ends with 2100, which is no leap year.
    assert_eq!(
        first("0 0 29 2 *", "2090-01-01T00:00".parse().unwrap(), 9).len(),
        2
    );
    assert_eq!(
        first("0 0 * * *", "9999-01-01T00:00".parse().unwrap(), 1),
        []
    );
    assert_eq!(
        first("0 0 * * *", date(-9999, 1, 1).at(0, 0, 0, 0), 1),
        [date(1970, 1, 1).at(0, 0, 0, 0)]
    );
}

/// Returns what is wrong with an expression: the words, the part they point at, and the hint.
fn refused(text: &str) -> (String, String, String) {
    let fault = Cron::parse(text).unwrap_err();
    let part = text.get(fault.at).unwrap_or_default();
    (fault.what, part.into(), fault.hint.unwrap_or_default())
}

/// Expressions, the part of each that is marked, what is said, and the hint.
const REFUSED: &str = "
0 0 ? * * | ? | `?` (no day given) is not supported, in the field day of month | write `*`
0 0 L * * | L | `L` (the last day) is not supported, in the field day of month | 28-31
0 0 15W * * | W | `W` (the nearest working day) is not supported | a field is `*`
0 0 lw * * | l | `L` (the last day) |
0 0 * * 5L | L | `L` (the last day) is not supported, in the field day of week |
0 0 * * fri#2 | # | `#` (the nth weekday of a month) is not supported |
H 0 * * * | H | `H` (a time drawn by hash) | jitter
60 * * * * | 60 | `60` is no minute: it goes from 0 to 59 |
0 24 * * * | 24 | `24` is no hour |
0 0 0 * * | 0 | `0` is no day of month: it goes from 1 to 31 |
0 0 * 13 * | 13 | `13` is no month |
0 0 * * 8 | 8 | `8` is no day of week | 7 is Sunday too
0 0 * mai * | mai | `mai` is no month | did you mean `may`?
0 0 * * mno | mno | `mno` is no day of week | did you mean `mon`?
0 0 * * fri-mon | fri-mon | the range `fri-mon` runs backwards | `fri-sat,sun-mon`
0 22-4 * * * | 22-4 | the range `22-4` runs backwards | `22-23,0-4`
*/0 * * * * | /0 | `0` is no step |
*/ * * * * | / | a step wants a number |
1,,2 * * * * | , | a value is missing in the field minute | a field is `*`
5- * * * * | | a value is missing in the field minute |
*-5 * * * * | * | `*` is no minute |
1/2/3 * * * * | /2/3 | `2/3` is no step |
99999999999 * * * * | 99999999999 | `99999999999` is no minute |
0 0 30 2 * | 0 0 30 2 * | it never fires |
0 0 31 4,6,9,11 * | 0 0 31 4,6,9,11 * | it never fires |
* * * * | * * * * | has five fields, or six with seconds first, but this has 4 | minute, hour
0 0 0 1 1 * 2027 | 0 0 0 1 1 * 2027 | but this has 7 | `start` and `end`
 | | but this has 0 |
@dayly | @dayly | there is no `@dayly` | did you mean `@daily`?
@every 5m | @every 5m | there is no `@every 5m` | `every = \"5m\"`
@daily @daily | @daily @daily | there is no | known are @hourly
0 0 ünï * * | ünï | `ünï` is no day of month |
";

#[test]
fn what_is_not_supported_is_refused_where_it_stands() {
    for line in REFUSED.lines().skip(1) {
        let [text, part, what, hint] = line.splitn(4, '|').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let (said, at, hinted) = refused(text.trim());
        assert!(said.contains(what.trim()), "{text}: {said}");
        assert_eq!(at.trim(), part.trim(), "{text}");
        assert!(hinted.contains(hint.trim()), "{text}: {hinted}");
    }
}

#[test]
fn what_is_odd_is_told_and_allowed() {
    let warnings = |text: &str| {
        let cron = Cron::parse(text).unwrap();
        let told = cron.warnings().iter();
        told.map(|fault| format!("{}: {}", &text[fault.at.clone()], fault.what))
            .collect::<Vec<_>>()
    };
    assert_eq!(warnings("*/15 9-17 * * 1-5"), [""; 0]);
    assert_eq!(warnings("@monthly"), [""; 0]);
    assert_eq!(
        warnings("*/100 * * * *"),
        ["*/100: the step 100 leads beyond 59 at once: it fires at 0 only"]
    );
    assert_eq!(
        warnings("0 5,10-12/3 1 * 1"),
        [
            "10-12/3: the step 3 leads beyond 12 at once: it fires at 10 only",
            "1 * 1: day of month and day of week are both given: it fires on either of them"
        ]
    );
}

#[test]
fn every_minute_agrees_with_the_judge() {
    let chance = Chance::from_seed(1);
    let mut compared = 0;
    for _ in 0..300 {
        let (text, _) = expression(&chance);
        let Ok(cron) = Cron::parse(&text) else {
            continue;
        };
        let judge = Judge::new(&text);
        let after =
            date(2027, 2, 27).at(0, 0, 0, 0) + i64::try_from(below(&chance, 400)).unwrap().days();
        let mut seen = cron.after(seconds_of(after)).peekable();
        for minute in 1..=4 * 24 * 60 {
            let local = after + minute.minutes();
            let fires = seen.next_if_eq(&seconds_of(local)).is_some();
            assert_eq!(fires, judge.allows(local), "{text} at {local}");
            compared += u32::from(fires);
        }
    }
    assert!(compared > 1000, "{compared}");
}

/// A time of ours, for `croner`.
#[derive(Clone, Debug)]
struct Wall {
    at: Timestamp,
    zone: TimeZone,
}

impl Wall {
    fn local(&self) -> DateTime {
        self.zone.to_datetime(self.at)
    }

    fn with(&self, at: Timestamp) -> Self {
        let zone = self.zone.clone();
        Self { at, zone }
    }
}

impl CronDateTime for Wall {
    fn to_civil(&self) -> CivilDateTime {
        let local = self.local();
        let number = |part: i8| u32::try_from(part).unwrap();
        let (month, day) = (number(local.month()), number(local.day()));
        let (hour, minute, second) = (
            number(local.hour()),
            number(local.minute()),
            number(local.second()),
        );
        CivilDateTime::new(
            CivilDate::from_ymd(local.year().into(), month, day).unwrap(),
            CivilTime::from_hms_opt(hour, minute, second).unwrap(),
        )
    }

    fn civil_weekday(&self) -> Weekday {
        let day = self.local().weekday().to_sunday_zero_offset();
        Weekday::from_days_from_sunday(u32::try_from(day).unwrap())
    }

    fn resolve_civil(&self, civil: CivilDateTime) -> Result<Resolution<Self>, CronError> {
        let number = |part: u32| i8::try_from(part).unwrap();
        let year = i16::try_from(civil.year()).map_err(|_| CronError::InvalidDate)?;
        let local = date(year, number(civil.month()), number(civil.day())).at(
            number(civil.hour()),
            number(civil.minute()),
            number(civil.second()),
            0,
        );
        let at = |offset: Offset| self.with(offset.to_timestamp(local).unwrap());
        Ok(match self.zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => Resolution::Single(at(offset)),
            AmbiguousOffset::Fold { before, after } => Resolution::Ambiguous(at(before), at(after)),
            AmbiguousOffset::Gap { .. } => Resolution::Gap,
        })
    }

    fn checked_add_seconds(&self, seconds: i64) -> Option<Self> {
        let at = self.at.checked_add(SignedDuration::from_secs(seconds));
        Some(self.with(at.ok()?))
    }

    fn cmp_instant(&self, other: &Self) -> std::cmp::Ordering {
        self.at.cmp(&other.at)
    }
}

/// Returns the first instants that `croner` finds.
fn theirs(text: &str, after: Timestamp, zone: &TimeZone, count: usize) -> Vec<Timestamp> {
    let parsed: Result<Croner, _> = CronParser::new().parse(text);
    let cron = parsed.unwrap_or_else(|fault| panic!("{text}: {fault}"));
    let mut at = Wall {
        at: after,
        zone: zone.clone(),
    };
    let mut found = Vec::new();
    while found.len() < count {
        match cron.find_next_occurrence(&at, false) {
            Ok(next) => at = next,
            Err(_) => break,
        }
        found.push(at.at);
    }
    found
}

fn ours(text: &str, after: Timestamp, zone: &TimeZone, count: usize) -> Vec<Timestamp> {
    let plan = Plan::new("x", Timing::cron(text).unwrap(), zone.clone());
    plan.after(after).take(count).map(|slot| slot.at).collect()
}

#[test]
fn croner_agrees_on_random_expressions() {
    let chance = Chance::from_seed(2);
    let (mut agreed, mut impossible) = (0, 0);
    for _ in 0..4000 {
        let (text, plain) = expression(&chance);
        let after = date(2024, 1, 1).at(0, 0, 0, 0)
            + i64::try_from(below(&chance, 300_000_000))
                .unwrap()
                .seconds();
        let after = TimeZone::UTC.to_timestamp(after).unwrap();
        if Cron::parse(&text).is_err() {
            // That it never fires is all that can be wrong with a random one.
            assert!(refused(&text).0.contains("never fires"), "{text}");
            impossible += 1;
            continue;
        }
        let seen = ours(&text, after, &TimeZone::UTC, 6);
        assert_eq!(
            seen,
            theirs(&plain, after, &TimeZone::UTC, 6),
            "{text} after {after}"
        );
        assert_eq!(seen.len(), 6, "{text}");
        agreed += 1;
    }
    assert!(agreed > 3900 && impossible < 100, "{agreed} {impossible}");
}

/// Croner takes an expression for one time of day only where minute and hour are single numbers; we
/// do so for lists and ranges, too. It moves nothing over a gap that spans days. Those aside, both
/// agree in every zone.
#[test]
fn croner_agrees_in_the_nights_when_clocks_change() {
    let chance = Chance::from_seed(3);
    let mut agreed = 0;
    for round in 0..3000 {
        let (name, day) = NIGHTS[round % NIGHTS.len()];
        let (text, plain) = expression(&chance);
        let fields: Vec<&str> = text.split(' ').collect();
        let is_single = fields[..2].iter().all(|field| field.parse::<u8>().is_ok());
        let is_interval = fields[..2].iter().any(|field| field.contains(['*', '/']));
        let is_comparable = (is_single || is_interval) && name != "Pacific/Apia";
        if !is_comparable || Cron::parse(&text).is_err() {
            continue;
        }
        let zone = zone(name).unwrap();
        let minutes = i64::try_from(below(&chance, 3 * 24 * 60)).unwrap();
        let after = noon_before(day, &zone) + minutes.minutes();
        let seen = ours(&text, after, &zone, 40);
        assert_eq!(
            seen,
            theirs(&plain, after, &zone, 40),
            "{text} in {name} after {after}"
        );
        agreed += 1;
    }
    assert!(agreed > 1500, "{agreed}");
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,24}|[0-9*/,?LW#@a-z -]{0,24}|([0-9*/,-]{1,4} ){4,5}[0-9a-zA-Z*/,-]{1,7}") {
        if let Err(fault) = Cron::parse(&text) {
            prop_assert!(fault.at.start <= text.len());
            fault.alone("--cron", &text);
        }
    }
}
