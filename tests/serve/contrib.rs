//! The unit for systemd and the container file: what they say is what the program understands.

use std::time::Duration;

use crate::ground::{Ground, is_private};

const UNIT: &str = include_str!("../../contrib/duvoscript.service");
const CONTAINER: &str = include_str!("../../contrib/Containerfile");

/// Returns the values of a key of the unit.
fn all(key: &str) -> Vec<&'static str> {
    let lines = UNIT.lines();
    let values = lines.filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    values.collect()
}

/// Returns the value of a key that the unit has once.
#[track_caller]
fn one(key: &str) -> &'static str {
    let values = all(key);
    assert_eq!(values.len(), 1, "{key}");
    values[0]
}

/// Returns what an instruction of the container file holds.
#[track_caller]
fn instruction(name: &str) -> &'static str {
    let mut lines = CONTAINER.lines();
    lines
        .find_map(|line| line.strip_prefix(name))
        .unwrap()
        .trim()
}

fn list(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap()
}

/// Returns how long runs have to suspend, as a command line says.
fn grace(arguments: &[String]) -> Duration {
    let at = arguments.iter().position(|one| one == "--grace").unwrap();
    let seconds = arguments[at + 1].strip_suffix('s').unwrap();
    Duration::from_secs(seconds.parse().unwrap())
}

/// Starts the program as it is told, but at a free port and with paths of the test.
#[track_caller]
fn starts(arguments: &[String], environment: &[&str]) {
    let ground = Ground::new(&[("api-key", "a key\n"), ("scripts/a.rhai", "1 + 1")]);
    let folder = ground.folder.path();
    let free: Vec<_> = arguments
        .iter()
        .map(|one| one.replace(":8700", ":0"))
        .collect();
    assert_ne!(
        free, arguments,
        "it listens at the port that is told to people"
    );
    let free: Vec<_> = free.iter().map(String::as_str).collect();
    let mut command = ground.program(&free);
    command.arg("--json");
    for variable in environment {
        let (name, value) = variable.split_once('=').unwrap();
        let value = match name {
            "DUVOSCRIPT_STATE" => folder.join("kept").display().to_string(),
            "DUVO_API_KEY_FILE" => folder.join("api-key").display().to_string(),
            _ => value.to_owned(),
        };
        command.env(name, value);
    }
    let state = folder.join("kept");
    let mut daemon = ground.serve_in(&state, command).unwrap();
    assert!(is_private(&state.join("token")));
    // All addresses are one's own as well.
    daemon.url = daemon.url.replace("0.0.0.0", "127.0.0.1");
    let run = daemon.begin("scripts/a.rhai");
    assert_eq!(daemon.until(&run, "done")["result"], 2);
    daemon.signal("TERM");
    let (code, said) = daemon.wait();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("taken up"), "the log is on: {said}");
}

#[test]
fn the_unit_starts_and_stops_the_program() {
    let command: Vec<_> = one("ExecStart").split(' ').map(str::to_owned).collect();
    assert_eq!(command[0], "/usr/local/bin/duvoscript");
    let environment = all("Environment");
    assert!(
        environment
            .iter()
            .any(|one| one.starts_with("DUVO_API_KEY_FILE=%d/"))
    );
    starts(&command[1..], &environment);
    assert_eq!(one("KillSignal"), "SIGTERM");
    assert_eq!(one("ExecReload"), "/bin/kill -HUP $MAINPID");
    let stop: u64 = one("TimeoutStopSec").parse().unwrap();
    assert!(Duration::from_secs(stop) > grace(&command));
    // A wrong command line ends it with this code, which no second try changes.
    let wrong = Ground::new(&[])
        .program(&["serve", "--grce"])
        .output()
        .unwrap();
    let code = wrong.status.code().unwrap().to_string();
    assert_eq!(one("RestartPreventExitStatus"), code);
}

#[test]
fn the_container_starts_and_stops_the_program() {
    let mut command = list(instruction("ENTRYPOINT"));
    command.extend(list(instruction("CMD")));
    assert_eq!(command[0], "duvoscript");
    let environment: Vec<_> = instruction("ENV").split(' ').collect();
    let mut with_key = environment.clone();
    with_key.push("DUVO_API_KEY_FILE=/run/secrets/api-key");
    starts(&command[1..], &with_key);
    assert_eq!(instruction("STOPSIGNAL"), "SIGTERM");
    assert!(CONTAINER.contains("/target/release/duvoscript /usr/local/bin/duvoscript"));
    assert_eq!(instruction("EXPOSE"), "8700");
    // The volume is where the state goes.
    let state = format!("DUVOSCRIPT_STATE={}", instruction("VOLUME"));
    assert!(environment.contains(&state.as_str()));
}
