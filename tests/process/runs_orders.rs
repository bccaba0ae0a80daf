//! `runs resume`, `cancel` and `pause`: whoever executes a run, and whether anybody does.

use serde_json::json;

use crate::ground::Ground;

/// Makes a queue, is stopped in a call that hangs, and makes another.
const TWO_QUEUES: &str = r#"
    print("ready");
    duvo::queues::create(#{ name: "First" });
    duvo::assignments::list();
    duvo::queues::create(#{ name: "Second" });
    "both""#;

/// Waits for a signal, and registers what is to be done when it is cancelled all along.
const WAITING: &str = r#"
    on_cancel(|| { print("second"); files::append("clean.txt", "2"); });
    files::append("done.txt", "x");
    on_cancel(|| { print("first"); files::append("clean.txt", "1"); });
    print("ready");
    signal::wait("go", #{ deadline: "1h" })"#;

fn hang(ground: &Ground) {
    let rule =
        json!({ "endpoint": "assignments.list", "kind": "latency", "milliseconds": 600_000 });
    ground.fault(Some(&rule));
}

#[test]
fn a_killed_run_is_interrupted_and_goes_on_without_a_repeat() {
    let ground = Ground::simulated(TWO_QUEUES);
    hang(&ground);
    let mut run = ground.start(&["run", "x.rhai"]);
    run.line("ready");
    let journal = ground.journal();
    let is_begun = || ground.last().steps == 2 && ground.count("queues.create") == 1;
    crate::ground::until(is_begun, "the run to hang");
    assert_eq!(ground.json(&["runs", "list"])[0]["state"], "running");
    run.kill();

    assert_eq!(ground.json(&["runs", "list"])[0]["state"], "interrupted");
    let interrupted = ground.json(&["runs", "list", "--only", "interrupted"]);
    assert_eq!(interrupted.as_array().unwrap().len(), 1);
    assert_eq!(
        ground.json(&["runs", "list", "--only", "running"]),
        json!([])
    );
    let timeline = &ground.json(&["runs", "show", "last"])["timeline"];
    assert_eq!(timeline[1]["state"], "cut off");

    ground.fault(None);
    let resumed = ground.call(&["runs", "resume", "last"]);
    resumed.ends(0, &[]);
    assert_eq!(
        resumed.out, "both\n",
        "what was printed before is not printed again"
    );
    assert_eq!(ground.count("queues.create"), 2);
    assert_eq!(journal.steps(&ground.last().id).unwrap().len(), 3);
}

#[test]
fn a_run_that_has_ended_shows_how_without_running() {
    let ground = Ground::new("files::append(\"out.txt\", \"x\"); #{ n: 1 }");
    ground.write("y.rhai", "let a = 1;\nthrow \"no\";");
    ground.run();
    assert_eq!(ground.json(&["runs", "resume", "last"]), json!({ "n": 1 }));
    assert_eq!(ground.read("out.txt"), "x");
    ground.call(&["run", "y.rhai"]);
    let told = ground.call(&["runs", "resume", "last"]);
    told.ends(1, &["error: no", "y.rhai:2"]);
}

#[test]
fn only_one_process_executes_a_run() {
    let ground = Ground::new(WAITING);
    let mut first = ground.start(&["run", "x.rhai"]);
    first.line("ready");
    ground.until("waiting");
    let told = ground.call(&["runs", "resume", "last"]);
    let process = format!("process {}", first.child.id());
    told.ends(6, &["is executed by", &process]);
    first.kill();
    let mut second = ground.start(&["runs", "resume", "last"]);
    let is_taken = || ground.journal().is_owned(&ground.last());
    crate::ground::until(is_taken, "the run to be taken up");
    ground
        .call(&["runs", "resume", "last"])
        .ends(6, &["is executed by"]);
    ground
        .call(&["runs", "signal", "last", "go", "5"])
        .ends(0, &[]);
    second.line("5");
    assert_eq!(second.end().code, Some(0));
    assert_eq!(ground.read("done.txt"), "x");
}

#[test]
fn a_run_elsewhere_is_cancelled_in_its_wait_and_cleans_up_there() {
    let ground = Ground::new(WAITING);
    let mut run = ground.start(&["run", "x.rhai"]);
    run.line("ready");
    ground.until("waiting");
    let told = ground.call(&["runs", "cancel", "last", "--json"]);
    assert_eq!(told.ends(0, &[]).json()["state"], "cancelled");
    run.line("first");
    run.line("second");
    run.end().ends(130, &["was cancelled"]);
    assert_eq!(ground.read("clean.txt"), "12");
    assert_eq!(ground.json(&["runs", "show", "last"])["state"], "cancelled");
    ground
        .call(&["runs", "cancel", "last"])
        .ends(2, &["has ended: cancelled"]);
    ground
        .call(&["runs", "resume", "last"])
        .ends(130, &["was cancelled"]);
    ground
        .call(&["runs", "pause", "last"])
        .ends(2, &["has ended"]);
}

#[test]
fn a_run_that_nobody_executes_is_cancelled_here() {
    let ground = Ground::new(WAITING);
    let mut run = ground.start(&["run", "x.rhai"]);
    run.line("ready");
    ground.until("waiting");
    run.kill();
    let told = ground.call(&["runs", "cancel", "last"]);
    told.ends(0, &["nobody executes the run", "was cancelled"]);
    assert_eq!(told.out, "first\nsecond\n");
    assert_eq!(
        (ground.read("clean.txt"), ground.read("done.txt")),
        ("12".into(), "x".into())
    );
    let run = ground.json(&["runs", "show", "last"]);
    assert_eq!(
        (&run["state"], &run["exit"]),
        (&json!("cancelled"), &json!(130))
    );
}

#[test]
fn a_run_that_only_computes_is_cancelled_too() {
    let ground =
        Ground::new("on_cancel(|| print(\"clean\")); sleep(1); print(\"ready\"); loop { }");
    let mut first = ground.start(&["run", "x.rhai"]);
    first.line("ready");
    let journal = ground.journal();
    let is_kept = || !journal.lines(&ground.last().id, None).unwrap().is_empty();
    crate::ground::until(is_kept, "the line to be kept");
    first.kill();
    let mut second = ground.start(&["runs", "resume", "last"]);
    let is_taken = || ground.journal().is_owned(&ground.last());
    crate::ground::until(is_taken, "the run to be taken up");
    ground
        .call(&["runs", "cancel", "last"])
        .ends(0, &["was cancelled"]);
    second.line("clean");
    assert_eq!(second.end().code, Some(130));

    let ground = Ground::new("print(\"ready\"); loop { }");
    let mut run = ground.start(&["run", "x.rhai"]);
    run.line("ready");
    ground
        .call(&["runs", "cancel", "last"])
        .ends(0, &["was cancelled"]);
    assert_eq!(run.end().code, Some(130));
}

#[test]
fn a_clean_up_that_fails_is_told_of() {
    let ground = Ground::new("on_cancel(|| throw \"no\"); sleep(\"1h\");");
    let run = ground.start(&["run", "x.rhai"]);
    ground.until("waiting");
    run.kill();
    let told = ground.call(&["runs", "cancel", "last"]);
    told.ends(1, &["was cancelled, and its clean-up failed", "x.rhai:1"]);
    assert_eq!(ground.last().state.as_str(), "cancelled");
}

#[test]
fn a_diverged_run_cannot_clean_up_but_can_be_ended() {
    let ground = Ground::new(WAITING);
    let mut run = ground.start(&["run", "x.rhai"]);
    run.line("ready");
    ground.until("waiting");
    run.kill();
    let (journal, run) = (ground.journal(), ground.last());
    let other = duvoscript::journal::StoredSource {
        name: "x.rhai".into(),
        text: WAITING.replace("done.txt", "other.txt"),
    };
    journal
        .replace_sources(&run.id, &[other], &run.engine)
        .unwrap();
    let told = ground.call(&["runs", "cancel", "last"]);
    told.ends(7, &["is not what it was before", "--no-clean-up"]);
    ground
        .call(&["runs", "cancel", "last", "--no-clean-up"])
        .ends(0, &["was cancelled"]);
    assert_eq!(ground.read("clean.txt"), "");
}

#[test]
fn a_run_whose_world_is_gone_can_be_ended() {
    let ground = Ground::new(WAITING);
    let run = ground.start(&["run", "x.rhai"]);
    ground.until("waiting");
    run.kill();
    let elsewhere = |arguments: &[&str]| {
        let mut command = ground.command(arguments);
        let output = command
            .env("DUVO_API_BASE_URL", "https://other.example")
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, told) = elsewhere(&["runs", "cancel", "last"]);
    assert_eq!(code, Some(2), "{told}");
    assert!(
        told.contains("DUVO_API_BASE_URL") && told.contains("--no-clean-up"),
        "{told}"
    );
    assert_eq!(
        elsewhere(&["runs", "cancel", "last", "--no-clean-up"]).0,
        Some(0)
    );
    assert_eq!(ground.json(&["runs", "list"])[0]["state"], "cancelled");
    assert_eq!(ground.read("clean.txt"), "");
}

#[test]
fn a_paused_run_rests_until_it_is_resumed() {
    let ground = Ground::new(WAITING);
    let mut run = ground.start(&["run", "x.rhai"]);
    run.line("ready");
    ground.until("waiting");
    let told = ground.call(&["runs", "pause", "last"]);
    told.ends(0, &["is paused", "runs resume"]);
    run.end().ends(7, &["is paused"]);
    ground
        .call(&["runs", "pause", "last"])
        .ends(0, &["is paused"]);
    ground
        .call(&["runs", "signal", "last", "go", "7"])
        .ends(0, &["runs resume"]);
    assert_eq!(ground.json(&["runs", "list"])[0]["state"], "paused");
    let told = ground.call(&["runs", "resume", "last"]);
    assert_eq!((told.code, told.out.as_str()), (Some(0), "7\n"), "{told:?}");
    assert_eq!(ground.read("done.txt"), "x");
}

#[test]
fn a_run_that_nobody_executes_is_paused_where_it_stands() {
    let ground = Ground::new(WAITING);
    let run = ground.start(&["run", "x.rhai"]);
    ground.until("waiting");
    run.kill();
    let told = ground.call(&["runs", "pause", "last", "--json"]);
    assert_eq!(told.ends(0, &[]).json()["state"], "paused");
    assert_eq!(ground.last().state.as_str(), "paused");
    ground
        .call(&["runs", "cancel", "last"])
        .ends(0, &["was cancelled"]);
    assert_eq!(ground.read("clean.txt"), "12");
}
