//! `runs export`, `import` and `prune`, and `doctor`: the journal and its files.

#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::ground::Ground;

const SCRIPT: &str = r#"// /// duvoscript
// [args]
// pin = { type = "string", default = "", secret = true }
// ///
print("one"); files::append("out.txt", "x"); #{ n: 1 }"#;

#[test]
fn an_exported_run_is_shown_elsewhere_as_it_was() {
    let (here, there) = (Ground::new(SCRIPT), Ground::new(""));
    here.call(&["run", "x.rhai", "--arg", "pin=hunter22"]);
    let id = here.last().id;
    here.call(&["runs", "export", "last", "run.jsonl"])
        .ends(0, &["run.jsonl", "1 values that hold secrets"]);
    here.call(&["runs", "export", "last", "run.jsonl"])
        .ends(2, &["cannot make the file"]);
    let file = here.path().join("run.jsonl");
    assert_eq!(
        std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let text = here.read("run.jsonl");
    assert!(!text.contains("hunter22"), "{text}");
    assert_eq!(here.call(&["runs", "export", &id]).out, text);

    let file = file.to_str().unwrap();
    assert_eq!(there.json(&["runs", "import", file])["run"], id);
    let mut told = [&here, &there].map(|ground| ground.json(&["runs", "show", "last"]));
    for run in &mut told {
        run["root"] = json!("");
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(there.json(&["runs", "logs", "last"])[0]["text"], "one");
    assert_eq!(there.json(&["runs", "resume", "last"]), json!({ "n": 1 }));
    there
        .call(&["runs", "import", file])
        .ends(6, &["is in the journal already"]);
    there.write("broken.jsonl", &text[..text.len() / 2]);
    there
        .call(&["runs", "import", "broken.jsonl"])
        .ends(6, &["line", "nothing was imported"]);
    there
        .call(&["runs", "import", "missing.jsonl"])
        .ends(2, &["cannot read"]);
    there
        .call(&["runs", "retry", "last"])
        .ends(6, &["left out when the run was exported"]);
}

#[test]
fn pruning_removes_old_runs_and_never_a_live_one() {
    let ground = Ground::new("1");
    ground.write("y.rhai", "throw \"no\"");
    ground.write("z.rhai", "signal::wait(\"go\", #{ deadline: \"1h\" })");
    ground.run();
    ground.call(&["run", "y.rhai"]);
    let waiting = ground.start(&["run", "z.rhai"]);
    ground.until("waiting");
    let prune = |options: &[&str]| ground.call(&[&["runs", "prune"], options].concat());
    prune(&[]).ends(2, &["--older-than"]);
    prune(&["--older-than", "0s", "--only", "waiting"]).ends(2, &["done, failed, cancelled"]);
    prune(&["--older-than", "1h"]).ends(0, &["0 runs removed"]);
    prune(&["--older-than", "0s", "--dry-run"]).ends(0, &["2 runs would be removed"]);
    prune(&["--older-than", "0s", "--only", "failed"]).ends(0, &["1 run removed"]);
    let told = prune(&["--older-than", "0s", "--json"]);
    assert_eq!(told.json(), json!({ "runs": 1, "removed": true }));
    waiting.kill();
    prune(&["--older-than", "0s"]).ends(0, &["0 runs removed"]);
    let left = ground.json(&["runs", "list"]);
    assert_eq!(
        (left.as_array().unwrap().len(), &left[0]["script"]),
        (1, &json!("z.rhai"))
    );
}

#[test]
fn the_doctor_tells_what_is_here() {
    let ground = Ground::new("signal::wait(\"go\", #{ deadline: \"1h\" })");
    let none = ground.json(&["doctor"]);
    assert_eq!(
        (&none["journal"], &none["fault"]),
        (&json!(null), &json!(null))
    );
    let run = ground.start(&["run", "x.rhai"]);
    ground.until("waiting");
    let sound = ground.json(&["doctor"]);
    assert_eq!(sound["journal"]["runs"], json!({ "waiting": 1 }));
    assert_eq!(sound["journal"]["owners"], json!({ "alive": 1, "dead": 0 }));
    run.kill();
    let mut command = ground.command(&["doctor"]);
    let output = command
        .env("DUVO_API_KEY", "dv_marker_4711")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for word in [
        "sound",
        "700: for its owner alone",
        "format 3",
        "1 waiting",
        "1 of one that died",
        "from DUVO_API_KEY",
    ] {
        assert!(text.contains(word), "`{word}` is not in {text}");
    }
    assert!(!text.contains("marker"), "{text}");
}

#[test]
fn the_doctor_finds_what_is_damaged() {
    let ground = Ground::new("for i in 0..200 { print(`line ${i} of many`); }");
    ground.run();
    let path = ground.path().join(".duvoscript/journal.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 3000].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();
    let told = ground.call(&["doctor", "--json"]);
    told.ends(6, &["damaged"]);
    assert!(told.json()["fault"].is_string(), "{told:?}");

    std::fs::write(
        &path,
        "this is no database, it is only text that is long enough",
    )
    .unwrap();
    ground.call(&["doctor"]).ends(6, &["is not a journal"]);
    ground
        .call(&["runs", "list"])
        .ends(6, &["is not a journal"]);
}
