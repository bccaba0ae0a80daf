//! Declarations in projects on disk: what they mean, and how what is wrong is shown.

mod slips;

use std::time::Duration;

use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use super::{CatchUp, Declaration, Found, Overlap, declared};
use crate::run::Project;
use crate::schedule::{Gap, Repeated, Slot, Timing};

const SCRIPT: &str = "// /// duvoscript\n// [args]\n// queue = { type = \"string\" }\n\
    // limit = { type = \"int\", default = 5 }\n// labels = { type = \"list\", required = false }\n// ///\n";

/// Finds the schedules of a project with these files.
fn found(files: &[(&str, &str)]) -> Found {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    declared(&Project::open(folder.path()).unwrap())
}

/// Finds the schedule of settings with one that runs `scripts/a.rhai` daily and more.
fn daily(more: &str) -> Found {
    let settings = format!(
        "[[schedule]]\nname = \"daily\"\nscript = \"scripts/a.rhai\"\nargs = {{ queue = \"Q\" }}\n{more}\n"
    );
    found(&[("duvoscript.toml", &settings), ("scripts/a.rhai", SCRIPT)])
}

/// Returns what is said of settings: the fault, its place, the part that is marked, and the hints.
fn refused(found: &Found) -> (String, usize, String, String) {
    let [problem] = found.faults.as_slice() else {
        panic!("{:?} {:?}", found.faults, found.declarations);
    };
    let at = problem.at.clone().unwrap();
    let text = found.sources.get(&at.source).unwrap();
    let line = text.lines().nth(at.line - 1).unwrap_or_default();
    let marked = line.chars().skip(at.column - 1).take(at.length).collect();
    (
        problem.what.clone(),
        at.line,
        marked,
        problem.hints.join("; "),
    )
}

/// All keys that say when and how a schedule runs.
const ALL: &str = "cron = \"*/15 7-18 * * mon-fri\"
timezone = \"europe/prague\"
gap = \"skip\"
repeated_hour = \"both\"
jitter = \"30s\"
start = 2026-01-15
end = \"2026-12-31\"
overlap = \"queue\"
queue_depth = 3
catch_up = \"all\"
window = \"6h\"
deadline = \"2 hours\"
retries = { attempts = 4, backoff = \"30s\", max_backoff = \"90s\" }
pause_after = 5
ping = \"https://hc-ping.com/1234/\"
exclude = { dates = [2026-05-04, \"12-27\"], weekdays = [\"Wed\", \"friday\"], holidays = [\"2026-05-01 May Day\"] }";

/// Returns the one schedule, with which nothing is wrong.
fn only(mut found: Found) -> Declaration {
    assert!(found.faults.is_empty(), "{:?}", found.faults);
    assert_eq!(found.declarations.len(), 1);
    found.declarations.remove(0)
}

#[test]
fn reads_when_a_schedule_runs() {
    let declaration = only(daily(ALL));
    assert_eq!(
        (declaration.name(), declaration.script.as_str()),
        ("daily", "scripts/a.rhai")
    );
    assert_eq!(declaration.args, [("queue".into(), "Q".into())]);
    assert_eq!(
        (declaration.place.line, declaration.place.source.as_str()),
        (5, "duvoscript.toml")
    );
    let plan = &declaration.plan;
    assert_eq!(plan.timing, Timing::cron("*/15 7-18 * * mon-fri").unwrap());
    assert_eq!(plan.zone.iana_name(), Some("Europe/Prague"));
    assert_eq!(
        (plan.rules.gap, plan.rules.repeated),
        (Gap::Skip, Repeated::Both)
    );
    assert_eq!(plan.jitter, Duration::from_secs(30));
    assert_eq!(plan.start.unwrap().to_string(), "2026-01-14T23:00:00Z");
    assert_eq!(plan.end.unwrap().to_string(), "2026-12-31T22:59:59Z");
    assert_eq!(plan.exclude.weekdays, [Weekday::Wednesday, Weekday::Friday]);
    let may: Vec<Slot> = plan
        .after("2026-04-30T22:00:00Z".parse().unwrap())
        .collect();
    assert_eq!(
        may[0].excluded.clone().unwrap().to_string(),
        "holiday: May Day"
    );
    assert_eq!(
        may[48].excluded.clone().unwrap().to_string(),
        "2026-05-04 is excluded"
    );
    assert_eq!(may[96].excluded, None);
}

#[test]
fn reads_what_happens_around_its_slots() {
    let policy = only(daily(ALL)).policy;
    assert_eq!(policy.overlap, Overlap::Queue { depth: 3 });
    assert_eq!(
        policy.catch_up,
        CatchUp::All {
            window: Duration::from_secs(6 * 3600)
        }
    );
    assert_eq!(
        (policy.deadline, policy.pause_after),
        (Some(Duration::from_secs(7200)), Some(5))
    );
    let delays: Vec<_> = (0..6)
        .map(|attempt| policy.retries.delay(attempt).map(|delay| delay.as_secs()))
        .collect();
    assert_eq!(delays, [None, Some(30), Some(60), Some(90), Some(90), None]);
    let url = |url: &Option<url::Url>| url.as_ref().unwrap().to_string();
    assert_eq!(url(&policy.ping.start), "https://hc-ping.com/1234/start");
    assert_eq!(url(&policy.ping.success), "https://hc-ping.com/1234/");
    assert_eq!(url(&policy.ping.failure), "https://hc-ping.com/1234/fail");
}

#[test]
fn little_has_to_be_said() {
    let header = "//! Doc.\n// /// duvoscript\n// [schedule]\n//   every = \"36h\"\n//   start = 2026-02-01T08:00:00\n// ///\n";
    let found = found(&[
        ("scripts/reports/close_month.rhai", header),
        ("scripts/b.rhai", ""),
        ("x.rhai", header),
    ]);
    let declaration = only(found);
    assert_eq!(declaration.name(), "close_month");
    assert_eq!(declaration.script, "scripts/reports/close_month.rhai");
    assert_eq!((declaration.place.line, declaration.place.column), (4, 14));
    assert_eq!(declaration.plan.zone, TimeZone::UTC);
    assert_eq!(declaration.plan.timing.to_string(), "every 36h");
    // It counts from its start.
    let first = declaration.plan.after(jiff::Timestamp::MIN).next().unwrap();
    assert_eq!(first.at.to_string(), "2026-02-01T08:00:00Z");
    assert_eq!(declaration.policy.overlap, Overlap::Skip);
    assert_eq!(
        declaration.policy.catch_up,
        CatchUp::Latest { window: None }
    );
    assert_eq!(declaration.policy.retries.delay(1), None);
    assert_eq!(declaration.policy.ping.success, None);
}

#[test]
fn one_wrong_schedule_hides_no_other() {
    let good = "// /// duvoscript\n// [schedule]\n// cron = \"@daily\"\n// ///\n";
    let settings = "timezone = 1\n[[schedule]]\nname = \"a\"\nscript = \"scripts/b.rhai\"\nevery = \"1h\"\n\
        [[schedule]]\nname = \"c\"\nscript = \"scripts/bb.rhai\"\nevery = \"1h\"\n\
        [[schedule]]\nname = \"d\"\nscript = \"other/d.rhai\"\nevery = \"1h\"\n\
        [[schedule]]\nscript = \"scripts/b.rhai\"\nevery = \"1h\"\n\
        [[schedule]]\nname = \"f\"\nevery = \"1h\"\n[[schedul]]\nname = \"e\"\n";
    let found = found(&[
        ("duvoscript.toml", settings),
        ("scripts/a.rhai", good),
        ("scripts/b.rhai", ""),
        ("scripts/broken.rhai", "// /// duvoscript\n// x\n"),
        ("other/d.rhai", ""),
    ]);
    let names: Vec<_> = found.declarations.iter().map(Declaration::name).collect();
    assert_eq!(names, ["a", "d"]);
    assert_eq!(found.declarations[0].script, "scripts/a.rhai");
    let said: Vec<_> = found
        .faults
        .iter()
        .map(|fault| format!("{} {}", fault.what, fault.hints.join(" ")))
        .collect();
    let all = said.join("\n");
    for part in [
        "there is a schedule `a` at scripts/a.rhai:3 already",
        "there is no file `scripts/bb.rhai` did you mean `scripts/b.rhai`?",
        "a schedule wants a `name`",
        "a schedule wants a `script`",
        "the header is not closed",
        "`duvoscript.toml` has no key `schedul` did you mean `schedule`?",
    ] {
        assert!(all.contains(part), "{part}\n{all}");
    }
    assert_eq!(said.len(), 6, "{all}");
}

#[test]
fn settings_that_cannot_be_read_are_refused() {
    for (settings, what, line) in [
        ("[[schedule]\n", "`duvoscript.toml` is no TOML", 1),
        (
            "\n[schedule]\nname = \"x\"",
            "`schedule` must be a list of tables",
            2,
        ),
        (
            "schedule = [1]",
            "`schedule` must be a table, not integer",
            1,
        ),
    ] {
        let (said, at, ..) = refused(&found(&[("duvoscript.toml", settings)]));
        assert!(said.contains(what), "{said}");
        assert_eq!(at, line);
    }
    assert!(found(&[("duvoscript.toml", "")]).faults.is_empty());
    assert!(found(&[]).declarations.is_empty());
}

#[test]
fn holidays_may_stand_in_a_file() {
    let with = |holidays: &str| {
        let header = "// /// duvoscript\n// [schedule]\n// cron = \"0 9 * * *\"\n// [schedule.exclude]\n// holidays = \"days.txt\"\n// ///\n";
        found(&[("scripts/a.rhai", header), ("days.txt", holidays)])
    };
    let fine =
        with("# Czech\n\n2026-07-06\tJan Hus Day # a Monday\r\n  12-24 Christmas Eve\n11-17");
    assert!(fine.faults.is_empty(), "{:?}", fine.faults);
    let exclude = &fine.declarations[0].plan.exclude;
    let why = |day: &str| {
        exclude
            .find(day.parse().unwrap())
            .map(|why| why.to_string())
    };
    assert_eq!(why("2026-07-06").as_deref(), Some("holiday: Jan Hus Day"));
    assert_eq!(why("2031-12-24").as_deref(), Some("holiday: Christmas Eve"));
    assert_eq!(why("2026-11-17").as_deref(), Some("holiday"));
    assert_eq!(why("2027-07-06"), None);
    let found = with("2026-07-06\n  tomorrow off\n");
    let at = found.faults[0].at.clone().unwrap();
    assert_eq!(
        (at.source.as_str(), at.line, at.column, at.length),
        ("days.txt", 2, 3, 8)
    );
    assert_eq!(found.faults[0].what, "`tomorrow` is no day");
}

#[test]
fn warnings_have_their_place_and_refuse_nothing() {
    let found = daily("cron = \"0 7 1 * mon\"");
    let warning = &found.declarations[0].warnings[0];
    assert!(warning.what.contains("either"), "{}", warning.what);
    let at = warning.at.clone().unwrap();
    assert_eq!((at.line, at.column, at.length), (5, 13, 7));
}

#[test]
fn a_declaration_knows_when_it_has_changed() {
    let one = |more: &str| {
        daily(&format!("cron = \"0 7 * * *\"\n{more}"))
            .declarations
            .remove(0)
    };
    let plain = one("");
    assert!(plain.is_same(&one("# a comment\n\ntimezone = \"UTC\"")));
    for change in [
        "timezone = \"Europe/Prague\"",
        "jitter = \"1m\"",
        "overlap = \"allow\"",
        "end = 2030-01-01",
    ] {
        assert!(!plain.is_same(&one(change)), "{change}");
    }
}
