//! `duvoscript schedule` as people and programs use it: what it prints, and how it fails.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;

use assert_cmd::Command;
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
