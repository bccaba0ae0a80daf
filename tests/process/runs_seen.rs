//! `runs list`, `show` and `logs`: what people and programs see of runs.

use serde_json::json;

use crate::ground::{Going, Ground};

/// Runs a script that ends, one that fails, and one that waits.
fn three() -> (Ground, Going) {
    let ground = Ground::new("1 + 1");
    ground.write("y.rhai", "throw \"no\";");
    ground.write("z.rhai", "signal::wait(\"go\", #{ deadline: \"1h\" })");
    assert_eq!(ground.run().code, Some(0));
    assert_eq!(ground.call(&["run", "y.rhai"]).code, Some(1));
    let waiting = ground.start(&["run", "z.rhai"]);
    ground.until("waiting");
    (ground, waiting)
}

#[test]
fn the_list_tells_how_runs_stand() {
    let (ground, waiting) = three();
    let all = ground.json(&["runs", "list"]);
    let told = |name: &str| {
        let runs = all.as_array().unwrap().iter();
        runs.map(|run| run[name].clone()).collect::<Vec<_>>()
    };
    assert_eq!(told("script"), ["z.rhai", "y.rhai", "x.rhai"]);
    assert_eq!(told("state"), ["waiting", "failed", "done"]);
    assert_eq!(all[0]["reason"], "waits for the signal `go`");
    assert_eq!(
        (&all[1]["reason"], &all[1]["exit"]),
        (&json!("no"), &json!(1))
    );
    assert!(
        all[0]["wake_at"].is_string() && all[0]["ended_at"].is_null(),
        "{all}"
    );
    assert!(
        all[2]["ended_at"].is_string() && all[2]["duration_ms"].is_u64(),
        "{all}"
    );

    let page = ground.call(&["runs", "list", "--limit", "1"]);
    let id = all[0]["id"].as_str().unwrap();
    page.ends(0, &[&format!("--before {id}")]);
    assert!(page.out.starts_with("ID "), "{}", page.out);
    assert!(
        page.out.contains("z.rhai") && !page.out.contains("y.rhai"),
        "{}",
        page.out
    );
    waiting.kill();
}

#[test]
fn the_list_can_be_narrowed() {
    let (ground, waiting) = three();
    let scripts = |options: &[&str]| {
        let runs = ground.json(&[&["runs", "list"], options].concat());
        let runs = runs.as_array().unwrap().iter();
        runs.map(|run| run["script"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(scripts(&["--only", "done"]), ["x.rhai"]);
    assert_eq!(
        scripts(&["--only", "done", "--only", "waiting"]),
        ["z.rhai", "x.rhai"]
    );
    assert_eq!(scripts(&["--script", "y.rh"]), ["y.rhai"]);
    assert_eq!(scripts(&["--since", "1h"]).len(), 3);
    assert_eq!(scripts(&["--until", "2026-01-01"]), [""; 0]);
    assert_eq!(scripts(&["--only", "interrupted"]), [""; 0]);
    let first = ground.last().id;
    assert_eq!(scripts(&["--limit", "1", "--before", &first]), ["y.rhai"]);
    let list = |options: &[&str]| ground.call(&[&["runs", "list"], options].concat());
    list(&["--only", "sleeping"]).ends(2, &["interrupted"]);
    list(&["--since", "soon"]).ends(2, &["is no time"]);
    waiting.kill();
}

#[test]
fn a_run_is_named_by_the_start_of_its_id() {
    let ground = Ground::new("");
    ground
        .call(&["runs", "show", "last"])
        .ends(2, &["there is no journal"]);
    ground.run();
    let id = ground.last().id;
    assert_eq!(ground.json(&["runs", "show", &id[..6]])["id"], id);
    ground
        .call(&["runs", "show", "nope"])
        .ends(2, &["there is no run `nope`", "runs list"]);
    ground.run();
    ground.run();
    ground
        .call(&["runs", "show", ""])
        .ends(2, &["several runs begin with", &id]);
}

#[test]
fn the_timeline_shows_steps_with_their_lines() {
    let script = r#"// /// duvoscript
// [args]
// pin = { type = "string", secret = true }
// ///
let queue = duvo::queues::create(#{ name: "Returns" });
try { duvo::queues::get("00000000-0000-4000-8000-000000000000") } catch { }
parallel([1, 2], |i| sleep(`${i} ms`));
#{ name: queue.name }"#;
    let ground = Ground::simulated(script);
    assert_eq!(
        ground
            .call(&["run", "x.rhai", "--arg", "pin=hunter22"])
            .code,
        Some(0)
    );

    let text = ground.call(&["runs", "show", "last"]).out;
    for word in [
        "state      done",
        "pin=***",
        r#"result     {"name":"Returns"}"#,
        "queues.create",
        "failed: not_found (404)",
        r#"x.rhai:5 let queue = duvo::queues::create(#{ name: "Returns" });"#,
    ] {
        assert!(text.contains(word), "`{word}` is not in {text}");
    }

    let run = ground.json(&["runs", "show", "last"]);
    assert_eq!(run["result"], json!({ "name": "Returns" }));
    assert_eq!(run["arguments"]["pin"], "***");
    let steps = run["timeline"].as_array().unwrap();
    let told: Vec<_> = steps
        .iter()
        .map(|step| step["name"].as_str().unwrap())
        .collect();
    assert_eq!(told, ["queues.create", "queues.get", "sleep", "sleep"]);
    assert_eq!(steps[0]["state"], "ok");
    assert_eq!(
        (&steps[0]["line"], &steps[0]["mutates"]),
        (&json!(5), &json!(true))
    );
    assert_eq!(steps[1]["failure"]["kind"], "not_found");
    let branches: Vec<_> = steps[2..]
        .iter()
        .map(|step| step["step"].as_str().unwrap())
        .collect();
    assert!(branches.iter().all(|key| key.contains('/')), "{branches:?}");

    let key = steps[0]["step"].as_str().unwrap();
    let step = ground.json(&["runs", "show", "last", key]);
    assert_eq!(step["request"]["fields"]["name"], "Returns");
    assert_eq!(step["answer"]["queue"]["name"], "Returns");
    ground
        .call(&["runs", "show", "last", "99"])
        .ends(2, &["has no step `99`"]);
}

#[test]
fn logs_are_kept_and_can_be_followed() {
    let script = r#"print("one"); log::warn("two");
        signal::wait("go", #{ deadline: "1h" }); print("three");"#;
    let ground = Ground::new(script);
    let mut run = ground.start(&["run", "x.rhai"]);
    run.line("one");
    ground.until("waiting");
    let lines = ground.json(&["runs", "logs", "last"]);
    assert_eq!(lines[0]["text"], "one");
    assert_eq!(
        (&lines[1]["text"], &lines[1]["level"]),
        (&json!("two"), &json!("warn"))
    );

    let mut follower = ground.start(&["runs", "logs", "last", "--follow", "--json"]);
    let first: serde_json::Value = {
        let mut line = String::new();
        std::io::BufRead::read_line(follower.out(), &mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    };
    assert_eq!(first["text"], "one");
    ground
        .call(&["runs", "signal", "last", "go", "1"])
        .ends(0, &[]);
    assert_eq!(run.end().code, Some(0));
    let told = follower.end();
    told.ends(0, &["is done"]);
    assert!(
        told.out.trim_end().ends_with("\"text\":\"three\"}"),
        "{told:?}"
    );
    let text = ground.call(&["runs", "logs", "last"]).out;
    assert!(
        text.contains("Z print three") && text.contains("Z warn  two"),
        "{text}"
    );
}
