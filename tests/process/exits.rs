//! How a run of a script ends: exit codes, and what stands on stdout and stderr.

use std::io::Read;
use std::process::Stdio;

use crate::{call, folder, program, run};

#[test]
fn each_kind_of_end_has_its_exit_code() {
    assert_eq!(run("", &[]).0, Some(0));
    assert_eq!(run("throw \"no\";", &[]).0, Some(1));
    assert_eq!(run("", &["--arg", "x=1"]).0, Some(2));
    assert_eq!(run("", &["--nope"]).0, Some(2));
    assert_eq!(run("let x = ;", &[]).0, Some(3));
    let folder = folder("");
    let call = |arguments: &[&str]| {
        program(folder.path())
            .args(arguments)
            .output()
            .unwrap()
            .status
            .code()
    };
    assert_eq!(call(&["run", "missing.rhai"]), Some(2));
    assert_eq!(call(&["run"]), Some(2));
    assert_eq!(call(&["api", "show", "jobs.strat"]), Some(2));
    assert_eq!(
        call(&[
            "api",
            "call",
            "--sim",
            "jobs.get",
            "run_id=00000000-0000-4000-8000-000000000000"
        ]),
        Some(5)
    );
    assert_eq!(call(&["api", "call", "teams.list"]), Some(5));
}

#[test]
fn an_uncaught_failure_is_shown_at_its_line() {
    let (code, _, stderr) = run("let a = 1;\nduvo::jobs::get(\"nope\");\n", &["--sim"]);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("--> x.rhai:2:1"), "{stderr}");
    assert!(stderr.contains("duvo::jobs::get"), "{stderr}");
}

#[test]
fn json_output_is_json_alone() {
    let (code, stdout, stderr) = run(
        "print(\"talk\"); log::info(\"more\"); #{ b: [1, 2], a: \"x\" }",
        &["--output", "json"],
    );
    assert_eq!(code, Some(0), "{stderr}");
    let value: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(value, serde_json::json!({ "a": "x", "b": [1, 2] }));
    assert!(
        stderr.contains("talk") && stderr.contains("more"),
        "{stderr}"
    );
}

#[test]
fn a_closed_pipe_ends_no_run() {
    let folder =
        folder("for i in 0..20000 { print(`line ${i}`); } files::write(\"done.txt\", \"yes\");");
    let mut child = program(folder.path())
        .args(["run", "x.rhai"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut stderr = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut stderr)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{stderr}");
    assert!(folder.path().join("done.txt").exists());
    assert!(!stderr.contains("panicked"), "{stderr}");
}

#[test]
fn a_script_that_cannot_be_read_is_a_usage_fault() {
    let folder = folder("");
    std::fs::write(folder.path().join("binary.rhai"), [0xff, 0xfe, 0x00]).unwrap();
    std::fs::write(folder.path().join("close_month.rhai"), "").unwrap();
    for (script, what) in [
        (".", "cannot read"),
        ("missing.rhai", "cannot read"),
        ("close_moth.rhai", "did you mean `close_month.rhai`?"),
        ("close_month", "did you mean `close_month.rhai`?"),
        ("binary.rhai", "is not UTF-8 text"),
    ] {
        let (code, _, stderr) = call(folder.path(), &["run", script]);
        assert_eq!(code, Some(2), "{script}");
        assert!(stderr.contains(what), "{script}: {stderr}");
    }
}

#[test]
fn drift_is_told_by_the_exit_code() {
    let folder = folder("");
    let spec =
        r#"{"openapi":"3.0.0","info":{},"paths":{"/v2/new":{"get":{"operationId":"readNew"}}}}"#;
    std::fs::write(folder.path().join("spec.json"), spec).unwrap();
    std::fs::write(folder.path().join("other.json"), "[]").unwrap();
    let (code, stdout, _) = call(folder.path(), &["api", "diff", "spec.json"]);
    assert_eq!(code, Some(1));
    assert!(stdout.contains("+ GET /v2/new"), "{stdout}");
    assert!(stdout.contains("- jobs.start"), "{stdout}");
    let (_, json, _) = call(
        folder.path(),
        &["api", "diff", "spec.json", "--output", "json"],
    );
    let drift: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(drift.as_array().unwrap().len() > 200);
    for file in ["other.json", "missing.json", "x.rhai"] {
        assert_eq!(
            call(folder.path(), &["api", "diff", file]).0,
            Some(2),
            "{file}"
        );
    }
}
