//! Slots in the nights when clocks change, against what people expect and against the judge.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::civil::{Weekday, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::{Day, Exclusion, Plan, Timing, When};
use crate::ids::Chance;
use crate::schedule::trial::{Judge, NIGHTS, below, expression, noon_before};
use crate::schedule::zone::{Gap, Repeated, Rules, zone};

fn plan(cron: &str, place: &str) -> Plan {
    Plan::new("x", Timing::cron(cron).unwrap(), zone(place).unwrap())
}

/// Shows the slots within so many hours of a local time: local time with offset, and the rule.
fn shown(plan: &Plan, from: &str, hours: i64) -> Vec<String> {
    let start = plan.zone.to_timestamp(from.parse().unwrap()).unwrap();
    let end = start + hours.hours();
    let slots = plan.after(start).take_while(|slot| slot.at <= end);
    slots
        .map(|slot| {
            let offset = plan.zone.to_offset(slot.at);
            let time = slot.at.display_with_offset(offset).to_string();
            // A slot shows the local time that its instant has.
            assert_eq!(offset.to_datetime(slot.at), slot.local);
            let moved = slot
                .moved
                .map_or(String::new(), |moved| format!(" {moved}"));
            let excluded = slot
                .excluded
                .map_or(String::new(), |why| format!(" -- {why}"));
            format!("{}{moved}{excluded}", &time[5..])
        })
        .collect()
}

const GONE: &str = "2026-03-08 02:30:00 does not exist: first instant after it";

#[test]
fn new_york_loses_an_hour_in_spring() {
    let night = |cron: &str, gap| {
        let mut plan = plan(cron, "America/New_York");
        plan.rules.gap = gap;
        shown(&plan, "2026-03-08T00:00", 6)
    };
    assert_eq!(
        night("30 2 * * *", Gap::Shift),
        [format!("03-08T03:00:00-04:00 {GONE}")]
    );
    assert_eq!(
        night("30 2 * * *", Gap::Skip),
        [format!(
            "03-08T03:00:00-04:00 {GONE} -- the local time does not exist, and `gap` is `skip`"
        )]
    );
    // All that the gap swallows makes one slot, or goes into the one that is there anyway.
    assert_eq!(
        night("5,30,55 2 * * *", Gap::Shift),
        ["03-08T03:00:00-04:00 2026-03-08 02:05:00 does not exist: first instant after it"]
    );
    let regular = [
        "03-08T01:30:00-05:00",
        "03-08T03:00:00-04:00",
        "03-08T03:30:00-04:00",
    ];
    assert_eq!(night("0,30 2,3 * * *", Gap::Shift), regular[1..]);
    assert_eq!(night("0,30 2,3 * * *", Gap::Skip), regular[1..]);
    // A rhythm goes on: an hour after half past one it is half past three.
    assert_eq!(
        night("30 1-3/1 * * *", Gap::Shift),
        [regular[0], regular[2]]
    );
    assert_eq!(night("30 1-3 * * *", Gap::Shift).len(), 3);
}

#[test]
fn new_york_gains_an_hour_in_autumn() {
    let night = |cron: &str, repeated| {
        let mut plan = plan(cron, "America/New_York");
        plan.rules.repeated = repeated;
        shown(&plan, "2026-11-01T00:59", 3)
    };
    let [first, second] = ["11-01T01:30:00-04:00", "11-01T01:30:00-05:00"];
    assert_eq!(
        night("30 1 * * *", Repeated::First),
        [format!("{first} comes twice: the first")]
    );
    assert_eq!(
        night("30 1 * * *", Repeated::Last),
        [format!("{second} comes twice: the second")]
    );
    assert_eq!(
        night("0,30 1 * * *", Repeated::Both),
        [
            "11-01T01:00:00-04:00 comes twice, fires twice: the first".into(),
            format!("{first} comes twice, fires twice: the first"),
            "11-01T01:00:00-05:00 comes twice, fires twice: the second".into(),
            format!("{second} comes twice, fires twice: the second"),
        ]
    );
    for rule in Repeated::ALL {
        let rhythm = night("*/30 * * * *", rule);
        assert_eq!(rhythm.len(), 6, "{rhythm:?}");
        assert_eq!(night("30 * * * *", rule).len(), 3);
    }
}

#[test]
fn lord_howe_moves_by_half_an_hour() {
    let place = "Australia/Lord_Howe";
    assert_eq!(
        shown(&plan("0,15 2 * * *", place), "2026-10-04T00:00", 4),
        ["10-04T02:30:00+11:00 2026-10-04 02:00:00 does not exist: first instant after it"]
    );
    assert_eq!(
        shown(&plan("45 2 * * *", place), "2026-10-04T00:00", 4),
        ["10-04T02:45:00+11:00"]
    );
    assert_eq!(
        shown(&plan("15,45 1 * * *", place), "2026-04-05T00:00", 4),
        [
            "04-05T01:15:00+11:00",
            "04-05T01:45:00+11:00 comes twice: the first"
        ]
    );
    assert_eq!(
        shown(&plan("*/30 1 * * *", place), "2026-04-05T00:00", 4),
        [
            "04-05T01:00:00+11:00",
            "04-05T01:30:00+11:00 comes twice, fires twice: the first",
            "04-05T01:30:00+10:30 comes twice, fires twice: the second"
        ]
    );
}

#[test]
fn cairo_has_no_midnight_and_prague_two_o_clocks() {
    assert_eq!(
        shown(&plan("0 0 * * *", "Africa/Cairo"), "2026-04-23T12:00", 48),
        [
            "04-24T01:00:00+03:00 2026-04-24 00:00:00 does not exist: first instant after it",
            "04-25T00:00:00+03:00"
        ]
    );
    assert_eq!(
        shown(&plan("@daily", "Africa/Cairo"), "2026-10-30T00:00", 26),
        ["10-31T00:00:00+02:00"]
    );
    assert_eq!(
        shown(&plan("30 23 * * *", "Africa/Cairo"), "2026-10-29T12:00", 24),
        ["10-29T23:30:00+03:00 comes twice: the first"]
    );
    assert_eq!(
        shown(&plan("0 2 * * *", "Europe/Prague"), "2026-03-29T00:00", 4),
        ["03-29T03:00:00+02:00 2026-03-29 02:00:00 does not exist: first instant after it"]
    );
    assert_eq!(
        shown(&plan("0 2 * * *", "Europe/Prague"), "2026-10-25T00:00", 6),
        ["10-25T02:00:00+02:00 comes twice: the first"]
    );
}

#[test]
fn apia_skipped_a_day() {
    let mut plan = plan("0 9,17 * * *", "Pacific/Apia");
    let wanted = [
        "12-29T17:00:00-10:00",
        "12-31T00:00:00+14:00 2011-12-30 09:00:00 does not exist: first instant after it",
        "12-31T09:00:00+14:00",
        "12-31T17:00:00+14:00",
    ];
    assert_eq!(shown(&plan, "2011-12-29T12:00", 30), wanted);
    // What is excluded is the day that was meant.
    plan.exclude.days.insert(
        Day::parse("2011-12-30").unwrap(),
        Exclusion::Day(Day::parse("2011-12-30").unwrap()),
    );
    let slots = shown(&plan, "2011-12-29T12:00", 30);
    assert_eq!(slots[1], format!("{} -- 2011-12-30 is excluded", wanted[1]));
    assert_eq!(slots[2], wanted[2]);
}

#[test]
fn the_judge_agrees_in_all_nights_and_under_all_rules() {
    let chance = Chance::from_seed(4);
    let mut compared = 0;
    for round in 0..144 {
        let (name, day) = NIGHTS[round % NIGHTS.len()];
        let text = loop {
            let (text, _) = expression(&chance);
            if Timing::cron(&text).is_ok() {
                break text;
            }
        };
        let mut plan = plan(&text, name);
        plan.rules = Rules {
            gap: Gap::ALL[usize::try_from(below(&chance, 2)).unwrap()],
            repeated: Repeated::ALL[usize::try_from(below(&chance, 3)).unwrap()],
        };
        // Starts in any minute before and in the night, also within a gap or a repeated hour.
        let start = noon_before(day, &plan.zone);
        let from = start + i64::try_from(below(&chance, 2880)).unwrap().minutes();
        let wanted = Judge::new(&text).slots(&plan.zone, plan.rules, start, 3);
        let wanted: BTreeSet<_> = wanted.into_iter().filter(|at| *at > from).collect();
        let last = start + (3 * 24).hours();
        let slots = plan.after(from).take_while(|slot| slot.at <= last);
        let seen: BTreeSet<_> = slots
            .filter(|slot| slot.excluded.is_none())
            .map(|slot| slot.at)
            .collect();
        let differing: Vec<_> = seen.symmetric_difference(&wanted).take(5).collect();
        assert!(
            differing.is_empty(),
            "{text} in {name} after {from}, {:?}: {differing:?}",
            plan.rules
        );
        compared += seen.len();
    }
    assert!(compared > 3000, "{compared}");
}

#[test]
fn a_rhythm_is_kept_all_year() {
    for (name, _) in NIGHTS {
        let plan = plan("*/15 * * * *", name);
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let year: Vec<_> = plan
            .after(start)
            .take(365 * 96)
            .map(|slot| slot.at)
            .collect();
        let paces = year
            .windows(2)
            .map(|pair| pair[1].duration_since(pair[0]).as_secs());
        assert_eq!(
            paces.collect::<BTreeSet<_>>(),
            BTreeSet::from([900]),
            "{name}"
        );
        assert_eq!(year[year.len() - 1], start + (365 * 24).hours(), "{name}");
    }
}

#[test]
fn slots_grow_and_do_not_depend_on_who_asks() {
    let chance = Chance::from_seed(5);
    for round in 0..240 {
        let (name, day) = NIGHTS[round % NIGHTS.len()];
        let (text, _) = expression(&chance);
        let Ok(timing) = Timing::cron(&text) else {
            continue;
        };
        let mut plan = Plan::new("x", timing, zone(name).unwrap());
        plan.rules.repeated = Repeated::ALL[round % 3];
        plan.jitter = Duration::from_secs(90);
        let start = noon_before(day, &plan.zone);
        let long: Vec<_> = plan.after(start).take(120).collect();
        assert!(
            long.windows(2).all(|pair| pair[0].at < pair[1].at),
            "{text} in {name}"
        );
        let mut chained = Vec::new();
        let mut from = start;
        while let Some(slot) = plan
            .after(from)
            .next()
            .filter(|_| chained.len() < long.len())
        {
            from = slot.at;
            chained.push(slot);
        }
        assert!(chained == long, "{text} in {name}");
        // From between two slots, and from fractions of a second, the next one is the same.
        for pair in long.windows(2).step_by(17) {
            for early in [1.nanosecond(), 1.second()] {
                let before = pair[1].at - early;
                let next = plan.after(before.max(pair[0].at)).next().unwrap();
                assert_eq!(next, pair[1], "{text} in {name}");
            }
        }
    }
}

#[test]
fn a_leap_day_and_the_ends_of_months() {
    assert_eq!(
        shown(
            &plan("0 12 29 2 *", "Europe/Prague"),
            "2027-01-01T00:00",
            24 * 365 * 3
        ),
        ["02-29T12:00:00+01:00"]
    );
    let ends = shown(&plan("59 23 28-31 * *", "UTC"), "2028-02-27T00:00", 24 * 6);
    assert_eq!(ends, ["02-28T23:59:00+00:00", "02-29T23:59:00+00:00"]);
}

#[test]
fn a_pace_is_absolute() {
    let zone = zone("America/New_York").unwrap();
    let anchor = Timing::default_anchor(&zone);
    assert_eq!(anchor.to_string(), "2026-01-01T05:00:00Z");
    let plan = Plan::new("x", Timing::every("6h", anchor).unwrap(), zone.clone());
    assert_eq!(
        shown(&plan, "2026-03-07T18:00", 24),
        [
            "03-08T00:00:00-05:00",
            "03-08T07:00:00-04:00",
            "03-08T13:00:00-04:00",
            "03-08T19:00:00-04:00"
        ]
    );
    // Before the anchor it is the same pace.
    let early = Plan::new("x", Timing::every("90 minutes", anchor).unwrap(), zone);
    let slots: Vec<_> = early
        .after("2025-12-31T23:59:59.5Z".parse().unwrap())
        .take(2)
        .collect();
    assert_eq!(slots[0].at.to_string(), "2026-01-01T00:30:00Z");
    assert_eq!(slots[1].at.to_string(), "2026-01-01T02:00:00Z");
    let old = early
        .after("1969-12-31T23:59:59.5Z".parse().unwrap())
        .next()
        .unwrap();
    assert_eq!(old.at.to_string(), "1970-01-01T00:30:00Z");
    assert_eq!(early.after(Timestamp::MAX).next(), None);
    assert!(early.after(Timestamp::MIN).next().is_some());
    for wrong in ["0s", "0.5s", "15", "", "1 month", "-5m", "300 years"] {
        assert!(Timing::every(wrong, anchor).is_err(), "{wrong}");
    }
}

#[test]
fn once_is_once_unless_the_hour_is_repeated() {
    let mut plan = Plan::new(
        "x",
        Timing::once("2026-11-01T01:30").unwrap(),
        zone("America/New_York").unwrap(),
    );
    let at = |plan: &Plan| {
        let slots = plan.after(Timestamp::MIN);
        slots.map(|slot| slot.at.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(at(&plan), ["2026-11-01T05:30:00Z"]);
    plan.rules.repeated = Repeated::Last;
    assert_eq!(at(&plan), ["2026-11-01T06:30:00Z"]);
    plan.timing = Timing::once("2026-03-08T02:30").unwrap();
    assert_eq!(at(&plan), ["2026-03-08T07:00:00Z"]);
    plan.timing = Timing::once("2026-12-24 18:00").unwrap();
    assert_eq!(at(&plan), ["2026-12-24T23:00:00Z"]);
    plan.timing = Timing::once("2026-12-24T18:00+01:00").unwrap();
    assert_eq!(at(&plan), ["2026-12-24T17:00:00Z"]);
    assert_eq!(
        plan.after("2026-12-24T17:00:00Z".parse().unwrap()).next(),
        None
    );
    for wrong in [
        "2026-12-24",
        "18:00",
        "2026-13-01T00:00",
        "2026-12-24T18:00:00.5",
        "2026-12-24T18:00[UTC]",
        "",
    ] {
        assert!(Timing::once(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn bounds_belong_to_the_plan() {
    let mut plan = plan("0 * * * *", "Africa/Cairo");
    let bounds = |plan: &Plan| {
        let slots: Vec<_> = plan.after(Timestamp::MIN).collect();
        (
            slots[0].at.to_string(),
            slots[slots.len() - 1].at.to_string(),
        )
    };
    // The day begins at one o'clock, and the last hour of the other one comes twice.
    plan.start = When::parse("2026-04-24").unwrap().start(&plan.zone);
    plan.end = When::parse("2026-10-29").unwrap().end(&plan.zone);
    assert_eq!(
        bounds(&plan),
        ("2026-04-23T22:00:00Z".into(), "2026-10-29T21:00:00Z".into())
    );
    assert_eq!(plan.end.unwrap().to_string(), "2026-10-29T21:59:59Z");
    plan.start = When::parse("2026-04-24T07:00").unwrap().start(&plan.zone);
    plan.end = When::parse("2026-04-24T05:00Z").unwrap().end(&plan.zone);
    assert_eq!(
        bounds(&plan),
        ("2026-04-24T04:00:00Z".into(), "2026-04-24T05:00:00Z".into())
    );
    let later = plan.after("2026-04-24T04:30:00Z".parse().unwrap()).count();
    assert_eq!(later, 1);
    plan.timing = Timing::Reboot;
    assert_eq!(plan.after(Timestamp::MIN).count(), 0);
}

#[test]
fn excluded_days_keep_their_slots_and_say_why() {
    let mut plan = plan("30 8 * * *", "Europe/Prague");
    plan.exclude.weekdays = vec![Weekday::Saturday, Weekday::Sunday];
    plan.exclude.days.insert(
        Day::parse("2026-12-23").unwrap(),
        Exclusion::Day(Day::Date(date(2026, 12, 23))),
    );
    plan.exclude.days.insert(
        Day::parse("12-24").unwrap(),
        Exclusion::Holiday(Some("Christmas Eve".into())),
    );
    plan.exclude
        .days
        .insert(Day::parse("12-25").unwrap(), Exclusion::Holiday(None));
    let from = "2026-12-21T12:00:00Z".parse().unwrap();
    let why: Vec<_> = plan
        .after(from)
        .take(7)
        .map(|slot| slot.excluded.map(|why| why.to_string()))
        .collect();
    let said = |text: &str| Some(text.to_owned());
    assert_eq!(
        why,
        [
            None,
            said("2026-12-23 is excluded"),
            said("holiday: Christmas Eve"),
            said("holiday"),
            said("Saturday is excluded"),
            said("Sunday is excluded"),
            None
        ]
    );
    for wrong in [
        "2026-02-30",
        "02-30",
        "1-1",
        "tomorrow",
        "2026-12-24T00:00",
        "",
    ] {
        assert!(Day::parse(wrong).is_err(), "{wrong}");
    }
    assert_eq!(Day::parse("02-29").unwrap().to_string(), "02-29");
}

#[test]
fn jitter_is_the_same_each_time_and_within_its_bound() {
    let mut plan = plan("*/5 * * * *", "UTC");
    plan.jitter = Duration::from_secs(60);
    let from = "2026-01-01T00:00:00Z".parse().unwrap();
    let delays = |plan: &Plan| -> Vec<_> {
        let slots = plan.after(from).take(500);
        slots
            .map(|slot| slot.due.duration_since(slot.at).as_millis())
            .collect()
    };
    let first = delays(&plan);
    assert_eq!(first, delays(&plan));
    assert!(first.iter().all(|delay| (0..60_000).contains(delay)));
    let average = first.iter().sum::<i128>() / 500;
    assert!((25_000..35_000).contains(&average), "{average}");
    // The schedule after a restart, or another version, must not draw anew.
    assert_eq!(first[..3], [13_606, 25_766, 23_777]);
    plan.name = "y".into();
    assert_ne!(delays(&plan), first);
}

#[test]
fn a_zone_that_is_not_there_is_named_with_a_near_one() {
    let fault = zone("Europe/Pargue").unwrap_err();
    assert_eq!(fault.what, "there is no time zone `Europe/Pargue`");
    assert_eq!(fault.hint.as_deref(), Some("did you mean `Europe/Prague`?"));
    let city = zone("kathmandu").unwrap_err().hint;
    assert_eq!(city.as_deref(), Some("did you mean `Asia/Kathmandu`?"));
    assert!(zone("x").unwrap_err().hint.unwrap().contains("IANA"));
    assert_eq!(zone("UTC").unwrap(), TimeZone::UTC);
}
