//! The simulator as a program of its own, and its options.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::{call, folder, program};

/// Runs a script against a simulator of its own process, and returns what it printed.
fn run_beside_simulator(script: &str, options: &[&str]) -> String {
    let folder = folder(script);
    let mut child = program(folder.path())
        .args(["sim", "--output", "json"])
        .args(options)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut text = String::new();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    while !text.contains('}') {
        assert_ne!(lines.read_line(&mut text).unwrap(), 0, "{text}");
    }
    let place: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut command = program(folder.path());
    command
        .env("DUVO_API_KEY", place["key"].as_str().unwrap())
        .env("DUVO_API_BASE_URL", place["url"].as_str().unwrap());
    let output = command.args(["run", "x.rhai"]).output().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_simulator_serves_as_a_program_of_its_own() {
    let printed = run_beside_simulator("print(duvo::teams::list().len > 0);", &[]);
    assert_eq!(printed, "true\n");
}

#[test]
fn a_removed_call_goes_on_to_its_successor() {
    let script = "
        let queue = duvo::queues::find(`Invoices`);
        let added = duvo::cases::create(queue, [#{ title: `Return 1` }]);
        duvo::cases::update_status(queue, added, #{ status: `failed` });
        print(duvo::cases::retry(queue, added).count);
    ";
    for removed in ["redirect", "gone", "served"] {
        let printed = run_beside_simulator(script, &["--deprecated", removed]);
        assert_eq!(printed, "1\n", "{removed}");
    }
}

#[test]
fn the_options_of_the_simulator_are_judged() {
    let folder = folder("");
    for wrong in [
        ["--speed", "0"],
        ["--speed", "inf"],
        ["--webhook-reorder", "2"],
        ["--deprecated", "x"],
    ] {
        let output = program(folder.path())
            .arg("sim")
            .args(wrong)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn several_teams_are_listed_until_one_is_chosen() {
    let folder = folder("print(duvo::queues::list().len);");
    let teams = "organization = \"Two\"\n[[team]]\nname = \"North\"\n[[team]]\nname = \"South\"\n\
                 [[member]]\nname = \"Ada\"\nemail = \"ada@two.example\"\nrole = \"admin\"\n";
    std::fs::write(folder.path().join("two.toml"), teams).unwrap();
    let simulated = ["--sim", "--scenario", "two.toml"];
    let run = |more: &[&str]| {
        call(
            folder.path(),
            &[&["run", "x.rhai"], &simulated[..], more].concat(),
        )
    };
    let (code, _, stderr) = run(&[]);
    assert_eq!(code, Some(1));
    assert!(
        stderr.contains("`North`") && stderr.contains("`South`"),
        "{stderr}"
    );
    assert!(stderr.contains("--team"), "{stderr}");

    let list = [
        &["api", "call", "teams.list", "--output", "json"],
        &simulated[..],
    ]
    .concat();
    let (_, json, _) = call(folder.path(), &list);
    let answer: serde_json::Value = serde_json::from_str(&json).unwrap();
    let team = answer["teams"][1]["id"].as_str().unwrap();
    let (code, stdout, stderr) = run(&["--team", team]);
    assert_eq!((code, stdout.as_str()), (Some(0), "0\n"), "{stderr}");
}
