//! A script that loops or takes all memory is stopped by its limits, and hurts no other; schedules
//! with much to do leave room for the others.

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
