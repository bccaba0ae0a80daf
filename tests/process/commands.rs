//! The command line: help, completion, and single calls of the API.

use std::path::Path;

use crate::{call, folder};

/// Returns the commands that a help lists.
fn subcommands(help: &str) -> Vec<String> {
    let listed = help.split("\nCommands:\n").nth(1).unwrap_or_default();
    let lines = listed.lines().take_while(|line| line.starts_with("  "));
    // What is wrapped stands further in.
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    names
        .filter(|name| !["", "help"].contains(name))
        .map(str::to_owned)
        .collect()
}

/// Judges the help of a command and of all below it; returns how many there are.
fn judge_help(folder: &Path, command: &[String]) -> usize {
    let mut below = Vec::new();
    for flag in ["-h", "--help"] {
        let arguments: Vec<&str> = command.iter().map(String::as_str).chain([flag]).collect();
        let (code, help, _) = call(folder, &arguments);
        assert_eq!(code, Some(0), "{command:?}");
        assert!(help.contains("Example"), "{command:?} {flag}: {help}");
        assert!(
            help.contains("Usage: duvoscript"),
            "{command:?} {flag}: {help}"
        );
        assert!(
            !help.starts_with("The options"),
            "{command:?} {flag}: {help}"
        );
        below = subcommands(&help);
    }
    let deeper = below.into_iter().map(|name| {
        let command: Vec<_> = command.iter().cloned().chain([name]).collect();
        judge_help(folder, &command)
    });
    1 + deeper.sum::<usize>()
}

#[test]
fn every_help_says_what_it_is_about_and_gives_an_example() {
    let folder = folder("");
    let judged = judge_help(folder.path(), &[]);
    assert!(judged > 20, "only {judged} commands were found");
}

#[test]
fn a_shell_completes_the_commands() {
    let folder = folder("");
    for shell in ["bash", "zsh", "fish"] {
        let (code, script, _) = call(folder.path(), &["completions", shell]);
        assert_eq!(code, Some(0), "{shell}");
        assert!(script.contains("api-key-file"), "{shell}");
        assert!(script.contains("completions"), "{shell}");
    }
    assert_eq!(call(folder.path(), &["completions", "csh"]).0, Some(2));
}

#[test]
fn a_call_from_the_command_line_checks_what_it_is_given() {
    let folder = folder("");
    std::fs::write(folder.path().join("cases.json"), r#"[{"title":"from @"}]"#).unwrap();
    let hint = |arguments: &[&str]| {
        let (code, _, stderr) = call(
            folder.path(),
            &[&["api", "call", "--sim"], arguments].concat(),
        );
        assert_eq!(code, Some(2), "{arguments:?}: {stderr}");
        stderr
    };
    assert!(hint(&["queues.lst"]).contains("did you mean `queues.list`?"));
    assert!(hint(&["queues"]).contains("`duvoscript api list queues.`"));
    assert!(hint(&["queues.list", "limt=5"]).contains("did you mean `limit`?"));
    assert!(hint(&["queues.list", "limit=many"]).contains("must be an integer"));
    assert!(hint(&["queues.create"]).contains("`name` is missing"));
    assert!(hint(&["queues.create", "name=a", "name=b"]).contains("given twice"));
    assert!(hint(&["queues.create", "name"]).contains("FIELD=VALUE"));
    assert!(hint(&["jobs.get", "id=5"]).contains("did you mean `run_id`?"));
    assert!(hint(&["jobs.get", "run_id=5"]).contains("must be an id"));
    assert!(hint(&["queues.create", "name=@missing"]).contains("cannot read `missing`"));

    let done = |arguments: &[&str]| {
        let (code, stdout, stderr) = call(
            folder.path(),
            &[&["api", "call", "--sim"], arguments].concat(),
        );
        assert_eq!(code, Some(0), "{arguments:?}: {stderr}");
        stdout
    };
    assert!(done(&["queues.create", "name=Returns"]).starts_with("id "));
    let queues = done(&["queues.list", "--output", "json"]);
    let queues: serde_json::Value = serde_json::from_str(&queues).unwrap();
    let queue = format!("queue_id={}", queues["queues"][0]["id"].as_str().unwrap());
    assert!(done(&["cases.create", &queue, "cases=@cases.json"]).contains("from @"));
    assert!(done(&["listQueues", "limit=1"]).starts_with("NAME"));
}

#[test]
fn what_destroys_wants_a_yes() {
    let folder = folder("");
    let id = "queue_id=11111111-1111-4111-8111-111111111111";
    let (code, _, stderr) = call(folder.path(), &["api", "call", "queues.delete", id]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("--yes"), "{stderr}");
    let (code, _, stderr) = call(folder.path(), &["api", "call", "-y", "queues.delete", id]);
    assert_eq!(code, Some(5));
    assert!(stderr.contains("there is no API key"), "{stderr}");
}

#[test]
fn the_list_of_endpoints_is_made_for_programs() {
    let folder = folder("");
    let (_, json, _) = call(folder.path(), &["api", "list", "--json"]);
    let endpoints: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    assert_eq!(endpoints.len(), 224);
    let start = endpoints
        .iter()
        .find(|entry| entry["name"] == "jobs.start")
        .unwrap();
    assert_eq!(start["path"], "/v2/teams/{teamId}/runs");
    assert_eq!(start["operation_id"], "startRun");
    assert_eq!(start["path_params"], serde_json::json!(["teamId"]));
    assert_eq!(start["body"][0]["name"], "agent_id");
    assert_eq!(start["body"][0]["required"], true);
    assert!(start["body"][0]["type"].is_string());
    for entry in &endpoints {
        for key in [
            "method",
            "section",
            "query",
            "paging",
            "repeat",
            "destructive",
            "deprecated",
            "successor",
        ] {
            assert!(entry.get(key).is_some(), "{}: {key}", entry["name"]);
        }
    }
}
