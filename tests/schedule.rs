//! `duvoscript schedule` as people and programs use it: what it prints, and how it fails.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use assert_cmd::Command;
use duvoscript::clock::{Clock, VirtualClock};
use duvoscript::ids::Chance;
use duvoscript::journal::Journal;
use duvoscript::run::Project;
use duvoscript::schedule::{Keeper, Parts};
use duvoscript::secret::Veil;
use jiff::Timestamp;
use tempfile::TempDir;

/// Runs the program in a folder, and returns exit code, stdout and stderr.
fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::cargo_bin("duvoscript").unwrap();
    let output = command
        .current_dir(folder)
        .env_clear()
        .env("NO_COLOR", "1")
        .arg("schedule")
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn next(arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &[&["next"], arguments].concat())
}

fn times(arguments: &[&str]) -> Vec<String> {
    let (code, stdout, stderr) = next(&[arguments, &["--json"]].concat());
    assert_eq!(code, Some(0), "{stderr}");
    serde_json::from_str(&stdout).unwrap()
}

#[test]
fn next_prints_an_array_of_times() {
    let newyork = ["--timezone", "America/New_York", "-n", "3", "--from"];
    let spring = [
        newyork.as_slice(),
        &["2026-03-07T12:00:00Z", "--cron", "30 2 * * *"],
    ]
    .concat();
    assert_eq!(
        times(&spring),
        [
            "2026-03-08T03:00:00-04:00",
            "2026-03-09T02:30:00-04:00",
            "2026-03-10T02:30:00-04:00"
        ]
    );
    assert_eq!(
        times(&[spring.as_slice(), &["--gap", "skip"]].concat()),
        [
            "2026-03-09T02:30:00-04:00",
            "2026-03-10T02:30:00-04:00",
            "2026-03-11T02:30:00-04:00"
        ]
    );
    let autumn = [
        newyork.as_slice(),
        &["2026-11-01T00:00:00-04:00", "--cron", "0 1 * * *"],
    ]
    .concat();
    assert_eq!(
        times(&[autumn.as_slice(), &["--repeated-hour", "both"]].concat()),
        [
            "2026-11-01T01:00:00-04:00",
            "2026-11-01T01:00:00-05:00",
            "2026-11-02T01:00:00-05:00"
        ]
    );
}

#[test]
fn next_shows_what_comes_after_a_time() {
    // The given time may be a local one.
    let daily = ["--cron", "@daily", "-n", "1"];
    assert_eq!(
        times(&[daily.as_slice(), &["--from", "2026-01-01T00:00:00.5Z"]].concat()),
        ["2026-01-02T00:00:00+00:00"]
    );
    assert_eq!(
        times(
            &[
                daily.as_slice(),
                &["--from", "2026-06-01", "--timezone", "Asia/Kathmandu"]
            ]
            .concat()
        ),
        ["2026-06-02T00:00:00+05:45"]
    );
    assert_eq!(times(&["--cron", "@reboot"]), [""; 0]);
    assert_eq!(
        times(&["--at", "2026-12-24T18:00", "--from", "2026-12-01"]),
        ["2026-12-24T18:00:00+00:00"]
    );
    assert_eq!(
        times(&[
            "--every",
            "36h",
            "-n",
            "2",
            "--anchor",
            "2026-02-01T08:00",
            "--from",
            "2026-02-02"
        ]),
        ["2026-02-02T20:00:00+00:00", "2026-02-04T08:00:00+00:00"]
    );
    assert_eq!(times(&["--cron", "* * * * *"]).len(), 10);
}

#[test]
fn next_points_at_what_is_wrong() {
    let (code, stdout, stderr) = next(&["--cron", "0 7 ? * 1-5"]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    let expected = "\
error: `?` (no day given) is not supported, in the field day of month
 --> --cron:1:5
  |
1 | 0 7 ? * 1-5
  |     ^
  |
  = hint: write `*`: a day field that is `*` leaves the day to the other one; ";
    assert!(stderr.starts_with(expected), "{stderr}");
    for (arguments, what) in [
        (&["--cron", "0 0 31 2 *"] as &[&str], "it never fires"),
        (
            &["--cron", "@daily", "--timezone", "Europe/Pragu"],
            "did you mean `Europe/Prague`?",
        ),
        (
            &["--cron", "@daily", "--from", "soon"],
            "`soon` is no point in time",
        ),
        (&["--every", "0s"], "`0s` is no pace"),
        (&["--every", "1h", "--anchor", "x"], "--anchor:1:1"),
        (&["--at", "2026-12-24"], "lacks the time of day"),
        (
            &["--cron", "@daily", "--every", "1h"],
            "cannot be used with",
        ),
        (
            &["--cron", "@daily", "--anchor", "2026-01-01"],
            "cannot be used with",
        ),
        (&[], "required"),
    ] {
        let (code, stdout, stderr) = next(arguments);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(stderr.contains(what), "{arguments:?}: {stderr}");
    }
}

#[test]
fn next_warns_and_still_answers() {
    let (code, stdout, stderr) = next(&["--cron", "*/90 * 1 * mon", "-n", "1", "--json"]);
    assert_eq!(code, Some(0));
    assert!(stdout.starts_with('['), "{stdout}");
    let warnings: Vec<_> = stderr.lines().collect();
    assert_eq!(warnings.len(), 2, "{stderr}");
    assert!(
        warnings[0].starts_with("warning: --cron:1:1: the step 90 "),
        "{stderr}"
    );
    assert!(
        warnings[1].starts_with("warning: --cron:1:8: day of month and day of week "),
        "{stderr}"
    );
}

/// Makes a project with a schedule in a header and one in its settings.
fn project() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "scripts/close_month.rhai",
        "// /// duvoscript\n// [schedule]\n// cron = \"30 2 * * *\"\n// timezone = \"Europe/Prague\"\n\
         // exclude = { weekdays = [\"sat\"], holidays = \"holidays.txt\" }\n// ///\n",
    );
    write("holidays.txt", "2026-10-28 Independence Day\n");
    write(
        "duvoscript.toml",
        "[[schedule]]\nname = \"poll\"\nscript = \"scripts/poll.rhai\"\nevery = \"15m\"\njitter = \"1m\"\n",
    );
    write("scripts/poll.rhai", "");
    write("inner/readme.txt", "");
    folder
}

#[test]
fn preview_shows_slots_with_their_reasons() {
    let folder = project();
    let arguments = [
        "preview",
        "close_month",
        "--from",
        "2026-10-23T12:00:00Z",
        "-n",
        "5",
    ];
    let (code, stdout, stderr) = run(folder.path(), &arguments);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(
        stderr,
        "close_month: cron 30 2 * * *, Europe/Prague, runs scripts/close_month.rhai\n"
    );
    let expected = "\
LOCAL                           UTC                  NOTE
Sat 2026-10-24 02:30:00 +02:00  2026-10-24 00:30:00  does not run: Saturday is excluded
Sun 2026-10-25 02:30:00 +02:00  2026-10-25 00:30:00  comes twice: the first
Mon 2026-10-26 02:30:00 +01:00  2026-10-26 01:30:00
Tue 2026-10-27 02:30:00 +01:00  2026-10-27 01:30:00
Wed 2026-10-28 02:30:00 +01:00  2026-10-28 01:30:00  does not run: holiday: Independence Day
";
    let stdout: Vec<_> = stdout.lines().map(str::trim_end).collect();
    assert_eq!(stdout, expected.lines().collect::<Vec<_>>());

    let (code, stdout, _) = run(
        &folder.path().join("inner"),
        &[&arguments[..], &["--json"]].concat(),
    );
    assert_eq!(code, Some(0));
    let slots: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(
        slots[1],
        serde_json::json!({
            "at": "2026-10-25T00:30:00Z",
            "local": "2026-10-25T02:30:00+02:00",
            "due": "2026-10-25T00:30:00Z",
            "moved": "comes twice: the first",
            "excluded": null,
        })
    );
    assert_eq!(slots[0]["excluded"], "Saturday is excluded");
}

#[test]
fn preview_shows_when_a_run_starts_behind_its_slot() {
    let folder = project();
    let (_, stdout, _) = run(
        folder.path(),
        &[
            "preview",
            "poll",
            "-n",
            "2",
            "--from",
            "2026-01-01T00:00:00Z",
        ],
    );
    let lines: Vec<_> = stdout.lines().collect();
    assert!(lines[0].contains("STARTS"), "{stdout}");
    assert!(lines[1].contains("2026-01-01 00:15:00  00:15:"), "{stdout}");
}

#[test]
fn preview_names_what_could_be_meant_and_shows_what_is_wrong() {
    let folder = project();
    let (code, stdout, stderr) = run(folder.path(), &["preview", "close_mont"]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert!(
        stderr.contains("there is no schedule `close_mont`"),
        "{stderr}"
    );
    assert!(stderr.contains("did you mean `close_month`?"), "{stderr}");

    std::fs::write(
        folder.path().join("scripts/broken.rhai"),
        "// /// duvoscript\n// [schedule]\n// cron = \"0 7 * * mno\"\n// ///\n",
    )
    .unwrap();
    let (code, _, stderr) = run(folder.path(), &["preview", "broken"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("--> scripts/broken.rhai:3:20"), "{stderr}");
    assert!(
        stderr.contains("the project has close_month, poll"),
        "{stderr}"
    );
    assert_eq!(run(folder.path(), &["preview", "poll"]).0, Some(0));
}

/// Serves the project's schedules in the past, as a daemon would: from one time, and with a look at
/// each of these.
fn serve(folder: &Path, start: &str, looks: &[&str]) {
    let start: Timestamp = start.parse().unwrap();
    let clock = VirtualClock::new(start);
    let shared: Arc<dyn Clock> = Arc::new(clock.clone());
    let mut keeper = Keeper::new(Parts {
        journal: Journal::open(&folder.join(".duvoscript"), Arc::clone(&shared)).unwrap(),
        clock: Arc::clone(&shared),
        chance: Arc::new(Chance::from_seed(1)),
        project: Arc::new(Project::open(folder).unwrap()),
        world: serde_json::json!({}),
        environment: BTreeMap::new(),
        veil: Veil::default(),
    });
    keeper.reload().unwrap();
    for look in looks {
        let look: Timestamp = look.parse().unwrap();
        clock.advance(look.duration_since(shared.now()).unsigned_abs());
        keeper.turn(look).unwrap();
    }
}

fn json(folder: &Path, arguments: &[&str]) -> serde_json::Value {
    let (code, stdout, stderr) = run(folder, &[arguments, &["--json"]].concat());
    assert_eq!(code, Some(0), "{stderr}");
    serde_json::from_str(&stdout).unwrap()
}

#[test]
fn list_and_show_tell_how_schedules_stand() {
    let folder = project();
    let listed = json(folder.path(), &["list"]);
    assert_eq!(listed[0]["name"], "close_month");
    assert_eq!(listed[0]["state"], "not served yet");
    assert!(!folder.path().join(".duvoscript").exists());

    let fired = "2025-10-21T00:30:00Z";
    serve(
        folder.path(),
        "2025-10-20T12:00:00Z",
        &[fired, "2025-10-22T00:30:00Z"],
    );
    let listed = json(folder.path(), &["list"]);
    assert_eq!(
        (&listed[0]["state"], &listed[0]["last"]["fate"]),
        (&"served".into(), &"skipped".into())
    );
    assert!(listed[0]["next"].is_string());
    let (code, stdout, _) = run(folder.path(), &["list"]);
    assert_eq!(code, Some(0));
    assert!(
        stdout.contains("Wed 2025-10-22 02:30:00 +02:00 skipped"),
        "{stdout}"
    );
    let (code, stdout, stderr) = run(folder.path(), &["show", "close_month"]);
    assert_eq!(code, Some(0), "{stderr}");
    for part in [
        "Europe/Prague",
        "catch_up",
        "Tue 2025-10-21 02:30:00 +02:00",
        "is on",
    ] {
        assert!(stdout.contains(part), "{part}: {stdout}");
    }
    let shown = json(folder.path(), &["show", "close_month", "-n", "1"]);
    assert_eq!(shown["slots"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&shown["policy"]["overlap"], &shown["policy"]["catch_up"]),
        (&"skip".into(), &"latest".into())
    );
    let (code, _, stderr) = run(folder.path(), &["show", "close_moth"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("did you mean `close_month`?"), "{stderr}");
}

#[test]
fn list_shows_what_is_wrong_and_fails() {
    let folder = project();
    std::fs::write(
        folder.path().join("scripts/broken.rhai"),
        "// /// duvoscript\n// [schedule]\n// cron = \"0 7 * * mno\"\n// ///\n",
    )
    .unwrap();
    let (code, stdout, stderr) = run(folder.path(), &["list"]);
    assert_eq!(code, Some(3));
    assert!(
        stdout.contains("close_month") && stderr.contains("scripts/broken.rhai:3:20"),
        "{stderr}"
    );
}

#[test]
fn explain_says_why_a_slot_ran_or_did_not() {
    let folder = project();
    let looks = [
        "2025-10-21T00:30:00Z",
        "2025-10-22T00:30:00Z",
        "2025-10-25T12:00:00Z",
    ];
    serve(folder.path(), "2025-10-20T12:00:00Z", &looks);
    let say = |at: &str| {
        let (code, stdout, stderr) = run(folder.path(), &["explain", "close_month", "--at", at]);
        assert_eq!(code, Some(0), "{stderr}");
        stdout
    };
    let ran = say("2025-10-21T02:30");
    assert!(
        ran.starts_with("Tue 2025-10-21 02:30:00 +02:00: it ran, run "),
        "{ran}"
    );
    assert!(
        ran.contains("is queued") && ran.contains("the slot after it: Wed 2025-10-22"),
        "{ran}"
    );
    assert!(
        say("2025-10-22T00:30:40Z").contains("it was skipped: the run "),
        "skipped"
    );
    assert!(
        say("2025-10-25T02:30").contains("it was skipped: Saturday is excluded"),
        "excluded"
    );
    assert!(
        say("2025-10-26T02:30").contains("the local time comes twice: the first"),
        "moved"
    );
    assert!(
        say("2025-10-21T09:00").contains("the schedule has no slot at that time"),
        "none"
    );
    assert!(
        say("2025-10-19T02:30").contains("before the time from which"),
        "before"
    );
    let value = json(
        folder.path(),
        &["explain", "close_month", "--at", "2025-10-26T02:30"],
    );
    assert_eq!(
        (&value["account"], &value["slot"]),
        (&"undecided".into(), &serde_json::Value::Null)
    );
    let (code, _, stderr) = run(folder.path(), &["explain", "poll", "--at", "soon"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("--at:1:1"), "{stderr}");
}

#[test]
fn pause_and_resume_work_without_a_daemon() {
    let folder = project();
    let paused = json(folder.path(), &["pause", "poll", "--reason", "audit"]);
    assert_eq!(
        (&paused["new"], &paused["paused"]["reason"]),
        (&true.into(), &"audit".into())
    );
    let (_, _, stderr) = run(folder.path(), &["pause", "poll", "--reason", "more"]);
    assert!(
        stderr.contains("`poll` is paused already, since ") && stderr.contains(": audit"),
        "{stderr}"
    );
    assert_eq!(json(folder.path(), &["list"])[1]["state"], "paused");
    let (_, stdout, _) = run(folder.path(), &["show", "poll"]);
    assert!(stdout.contains("audit"), "{stdout}");
    assert_eq!(json(folder.path(), &["resume", "poll"])["resumed"], true);
    let (code, _, stderr) = run(folder.path(), &["resume", "poll"]);
    assert_eq!((code, stderr.as_str()), (Some(0), "`poll` is not paused\n"));
    assert_eq!(run(folder.path(), &["pause", "poll"]).0, Some(2));
}

#[test]
fn trigger_waits_for_the_daemon_and_says_so() {
    let folder = project();
    let (code, _, stderr) = run(folder.path(), &["trigger", "poll"]);
    assert_eq!(code, Some(0));
    let lines: Vec<_> = stderr.lines().collect();
    assert!(lines[0].starts_with("`poll` is triggered, at "), "{stderr}");
    assert!(
        lines[1].starts_with("no daemon serves `") && lines[1].contains("duvoscript serve"),
        "{stderr}"
    );
    // A daemon keeps this file locked.
    let lock = std::fs::File::create(folder.path().join(".duvoscript/daemon.lock")).unwrap();
    lock.lock().unwrap();
    let triggered = json(folder.path(), &["trigger", "poll"]);
    assert_eq!(triggered["served"], true);
    assert_eq!(
        (&triggered["slot"]["kind"], &triggered["slot"]["fate"]),
        (&"triggered".into(), &"queued".into())
    );
    let (_, _, stderr) = run(folder.path(), &["trigger", "poll"]);
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
}

#[test]
fn backfill_shows_first_what_it_would_do() {
    let folder = project();
    let span = [
        "backfill",
        "close_month",
        "--from",
        "2025-10-17",
        "--to",
        "2025-10-21T12:00",
    ];
    let (code, stdout, stderr) = run(folder.path(), &[&span[..], &["--dry-run"]].concat());
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert_eq!(stdout.matches("would run").count(), 4, "{stdout}");
    assert!(stdout.contains("Saturday is excluded"), "{stdout}");
    let listed = json(folder.path(), &["show", "close_month"]);
    assert_eq!(listed["slots"], serde_json::json!([]));
    let (_, stdout, stderr) = run(folder.path(), &span);
    assert_eq!(stdout.matches("queued").count(), 4, "{stdout}");
    assert!(stderr.contains("no daemon serves"), "{stderr}");
    let again = json(folder.path(), &span);
    assert_eq!(
        (&again[0]["runs"], &again[0]["why_not"]),
        (&false.into(), &"it is queued".into())
    );
    let (code, _, stderr) = run(
        folder.path(),
        &[
            "backfill",
            "poll",
            "--from",
            "2026-02-01",
            "--to",
            "2026-01-01",
        ],
    );
    assert_eq!(code, Some(2));
    assert!(stderr.contains("`--to` comes before `--from`"), "{stderr}");
    let wide = [
        "backfill",
        "poll",
        "--from",
        "2024-01-01",
        "--to",
        "2026-01-01",
    ];
    assert!(
        run(folder.path(), &wide)
            .2
            .contains("more than 10000 slots")
    );
}

/// The README's schedule is one that the program takes.
#[test]
fn the_schedule_of_the_readme_is_understood() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"));
    let readme = readme.unwrap();
    let block = readme.split("```toml\n").nth(1).unwrap();
    let folder = project();
    std::fs::write(
        folder.path().join("duvoscript.toml"),
        block.split("```").next().unwrap(),
    )
    .unwrap();
    let script = "// /// duvoscript\n// [args]\n// queue = { type = \"string\" }\n// ///\n";
    std::fs::write(folder.path().join("scripts/close_month.rhai"), script).unwrap();
    let listed = json(folder.path(), &["list"]);
    assert_eq!(listed[0]["name"], "close-month");
    let shown = json(folder.path(), &["show", "close-month"]);
    assert_eq!(shown["policy"]["window"], "6h");
}
