//! A script that loops or takes all memory is stopped by its limits, and hurts no other; schedules
//! with much to do leave room for the others.

use std::sync::Arc;

use duvoscript::clock::SystemClock;
use duvoscript::journal::{Journal, NewRun, Write};
use jiff::SignedDuration;

use crate::ground::Ground;

#[test]
fn loops_and_hogs_are_stopped_beside_a_good_run() {
    let ground = Ground::new(&[
        ("loop.rhai", "loop { }"),
        (
            "hog.rhai",
            "let all = []; loop { let text = \"x\"; text.pad(10000, \"y\"); all.push(text); }",
        ),
        ("pad.rhai", "let text = \"x\"; loop { text += text; }"),
        (
            "good.rhai",
            "let sum = 0; for n in 0..1000 { sum += n; } sleep(\"100ms\"); sum",
        ),
    ]);
    let options = ["--max-operations", "3000000", "--max-memory", "32"];
    let daemon = ground.serve_with(&options, "").unwrap();
    let bad: Vec<_> = ["loop.rhai", "hog.rhai", "pad.rhai", "loop.rhai"]
        .map(|script| daemon.begin(script))
        .into();
    let good = daemon.begin("good.rhai");
    assert_eq!(daemon.until(&good, "done")["result"], 499_500);
    for run in bad {
        let failed = daemon.until(&run, "failed");
        let what = failed["problem"]["what"].as_str().unwrap();
        assert!(
            ["used up", "longer", "large", "memory"]
                .iter()
                .any(|word| what.contains(word)),
            "{what}"
        );
    }
    let after = daemon.begin("good.rhai");
    daemon.until(&after, "done");
}

#[test]
fn a_schedule_with_much_to_do_leaves_room_for_others() {
    let ground = Ground::new(&[
        ("busy.rhai", "let n = 0; while n < 40000000 { n += 1; }"),
        ("quick.rhai", "1"),
        (
            "duvoscript.toml",
            "[[schedule]]\nname = \"busy\"\nscript = \"busy.rhai\"\nevery = \"1s\"\noverlap = \"allow\"\n",
        ),
    ]);
    let options = ["--workers", "2", "--per-schedule", "1"];
    let daemon = ground.serve_with(&options, "").unwrap();
    crate::ground::until(
        || {
            daemon
                .get("/api/v1/runs?state=running")
                .as_array()
                .unwrap()
                .len()
                == 1
        },
        "the busy one to be at work",
    );
    for _ in 0..3 {
        let run = daemon.begin("quick.rhai");
        daemon.until(&run, "done");
    }
}

/// Of each there are more than stand in line at once.
const CROWDS: [&str; 2] = ["crowd", "throng"];
const CROWD: i64 = 5_000;

#[test]
fn schedules_with_thousands_of_runs_leave_room_for_others() {
    let ground = Ground::new(&[("a.rhai", "1")]);
    let daemon = ground.serve();
    let first = daemon.begin("a.rhai");
    daemon.until(&first, "done");
    daemon.kill();
    let last = crowd(&ground, &first);
    let options = ["--workers", "1", "--per-schedule", "1"];
    let daemon = ground.serve_with(&options, "").unwrap();
    daemon.until(&last, "done");
    for crowd in CROWDS {
        let path = format!("/api/v1/runs?state=done&schedule={crowd}&limit=250");
        let before = daemon.get(&path).as_array().unwrap().len();
        assert!(before < 250, "it has waited for all of {crowd}");
    }
}

/// Makes many runs of some schedules that do what a run did, and behind them one of nobody's; returns
/// its id.
fn crowd(ground: &Ground, like: &str) -> String {
    let clock = Arc::new(SystemClock::new());
    let journal = Journal::open(&ground.state(), clock).unwrap();
    let like = journal.run(like).unwrap().unwrap();
    let sources = journal.sources(&like.id).unwrap();
    let put = |number: i64, schedule: Option<&str>| {
        let run = format!("{}-{number}", schedule.unwrap_or("nobody"));
        let at = like.created_at + SignedDuration::from_nanos(number);
        let new = NewRun {
            schedule: schedule.map(str::to_owned),
            slot: schedule.map(|_| at),
            unattended: true,
            ..like.again(run.clone(), at)
        };
        journal.put(Write::Run(new)).unwrap();
        for source in &sources {
            let (run, source) = (run.clone(), source.clone());
            journal.put(Write::Source { run, source }).unwrap();
        }
        run
    };
    for crowd in CROWDS {
        (0..CROWD).for_each(|number| drop(put(number, Some(crowd))));
    }
    put(CROWD, None)
}
