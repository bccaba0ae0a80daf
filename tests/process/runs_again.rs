//! `runs retry` and `rerun`: new runs from old ones.

use crate::ground::Ground;

const SCRIPT: &str = r#"// /// duvoscript
// [args]
// name = { type = "string", secret = true }
// ///
import "part" as part;
let queue = duvo::queues::find("Invoices");
let first = duvo::cases::create(queue, [#{ title: args.name }]);
print(`made ${first[0].title}`);
files::append("between.txt", part::word());
let second = duvo::cases::create(queue, [#{ title: "Second" }]);
if files::read("fail.txt") == "yes" { throw "stopped"; }
[first.len, second.len]"#;

fn ground() -> Ground {
    let ground = Ground::simulated(SCRIPT);
    ground.write("part.rhai", "fn word() { \"old \" }");
    ground.write("fail.txt", "yes");
    let failed = ground.call(&["run", "x.rhai", "--arg", "name=Returns"]);
    failed.ends(1, &["stopped"]);
    ground
}

#[test]
fn a_retry_runs_the_stored_sources_with_the_same_arguments() {
    let ground = ground();
    let failed = ground.last();
    std::fs::remove_file(ground.path().join("x.rhai")).unwrap();
    ground.write("part.rhai", "fn word() { \"new \" }");
    ground.write("fail.txt", "no");
    let told = ground.call(&["runs", "retry", &failed.id, "--json"]);
    told.ends(0, &["begins"]);
    assert_eq!(told.json().as_array().unwrap().len(), 2);
    assert!(told.err.contains("made ***"), "{told:?}");
    assert_eq!(ground.count("cases.create"), 4);
    assert_eq!(ground.read("between.txt"), "old old ");
    let run = ground.json(&["runs", "show", "last"]);
    assert_eq!(run["parent"], failed.id);
    assert_eq!(run["arguments"]["name"], "***");
    assert_eq!(
        ground.json(&["runs", "show", &failed.id])["state"],
        "failed"
    );
}

#[test]
fn a_rerun_keeps_what_was_done_before_a_step() {
    let ground = ground();
    let failed = ground.last();
    let steps = ground.journal().steps(&failed.id).unwrap();
    let second = steps
        .iter()
        .filter(|step| step.name == "cases.create")
        .nth(1)
        .unwrap();
    ground.write("fail.txt", "no");
    let told = ground.call(&["runs", "rerun", "last", "--from", &second.key]);
    told.ends(0, &["begins"]);
    assert!(told.out.starts_with("made ***\n"), "{told:?}");
    assert_eq!(
        ground.count("cases.create"),
        3,
        "the first case was not made again"
    );
    assert_eq!(ground.read("between.txt"), "old ");
    let new = ground.last();
    assert_eq!(new.parent.as_deref(), Some(failed.id.as_str()));
    let kept = ground.journal().steps(&new.id).unwrap();
    assert_eq!(kept[0].outcome, steps[0].outcome);
    assert_eq!(kept.len(), steps.len());
    let told = ground.call(&["runs", "rerun", &failed.id, "--from", "77"]);
    told.ends(2, &["has no step `77`"]);
}

#[test]
fn a_rerun_begins_at_no_step_behind_a_doubtful_one() {
    let script = "on_cancel(|| files::append(\"c.txt\", \"c\")); duvo::queues::create(#{ name: \"A\" }); sleep(\"1h\");";
    let ground = Ground::simulated(script);
    let rule = serde_json::json!({ "endpoint": "queues.create", "kind": "latency", "milliseconds": 600_000 });
    ground.fault(Some(&rule));
    let run = ground.start(&["run", "x.rhai"]);
    ground.until_steps(1);
    run.kill();
    ground.fault(None);
    ground
        .call(&["runs", "cancel", "last"])
        .ends(0, &["was cancelled"]);
    let keys: Vec<_> = ground
        .journal()
        .steps(&ground.last().id)
        .unwrap()
        .into_iter()
        .map(|step| step.key)
        .collect();
    assert_eq!(keys.len(), 2, "{keys:?}");
    let told = ground.call(&["runs", "rerun", "last", "--from", &keys[1]]);
    told.ends(2, &["belongs to the clean-up"]);
    assert_eq!(
        ground.count("queues.create"),
        0,
        "nothing but the clean-up was done"
    );
}
