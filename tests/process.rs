//! What needs the real program: exit codes, signals, pipes, a terminal.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_duvoscript"));
    command
        .current_dir(folder)
        .env_clear()
        .env("NO_COLOR", "1")
        .stdin(Stdio::null());
    command
}

fn folder(script: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.rhai"), script).unwrap();
    folder
}

/// Runs a script and returns exit code, stdout and stderr.
fn run(script: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = folder(script);
    let output = program(folder.path())
        .args(["run", "x.rhai"])
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

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

/// Answers every request with 401, and gives its address.
fn refusing_server() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).unwrap();
            let answer =
                "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    url
}

#[test]
fn the_key_never_shows() {
    let folder = folder("print(`${duvo::teams::list()}`);");
    let mut command = program(folder.path());
    command
        .env("DUVO_API_KEY", "dv_marker_4711")
        .env("DUVO_API_BASE_URL", refusing_server());
    let output = command
        .env("DUVOSCRIPT_LOG", "trace")
        .args(["run", "x.rhai"])
        .output()
        .unwrap();
    let all = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(all.contains("401 auth"), "{all}");
    assert!(!all.contains("marker_4711"), "{all}");
}

#[cfg(unix)]
fn interrupt(child: &Child) {
    let status = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_a_loop_a_sleep_and_a_call_at_once() {
    // A listener that never answers stands for a server that hangs.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let endings = [
        "loop {}",
        "sleep(\"1h\");",
        "duvo::teams::list();",
        "try { [1].map(|x| sleep(\"1h\")); } catch { loop {} }",
        "parallel([1, 2, 3], |x| sleep(\"1h\"));",
        "retry(#{ backoff: \"1h\" }, || { throw #{ kind: \"network\", message: \"no\", retryable: true } });",
        "loop { try { ask(\"Go on?\") } catch { } }",
    ];
    for ending in endings {
        let folder = folder(&format!("print(\"ready\"); {ending}"));
        let mut command = program(folder.path());
        command
            .env("DUVO_API_KEY", "dv_x")
            .env("DUVO_API_BASE_URL", &url)
            .args(["run", "x.rhai"]);
        // A pipe that stays open is a person who thinks.
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert_eq!(line.trim(), "ready");
        interrupt(&child);
        let stdin = child.stdin.take();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{ending}");
        drop(stdin);
    }
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
fn a_question_is_answered_from_a_pipe() {
    let folder = folder(
        "let a = ask(\"Colour?\", #{ choices: [\"red\", \"blue\"] }); print(a); print(ask(\"Name?\"));",
    );
    let mut child = program(folder.path())
        .args(["run", "x.rhai"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"green\n2\nAda\n")
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "blue\nAda\n");
}

#[test]
fn with_nobody_to_ask_the_deadline_decides() {
    let script = "print(ask(\"Go?\", #{ deadline: \"3d\", otherwise: \"no\" })); ask(\"Sure?\");";
    let (code, stdout, stderr) = run(script, &["--sim"]);
    assert_eq!((code, stdout.as_str()), (Some(1), "no\n"), "{stderr}");
    assert!(stderr.contains("nobody to answer"), "{stderr}");
}

#[cfg(unix)]
#[test]
fn a_person_answers_at_a_real_terminal() {
    use expectrl::{Eof, Expect, Session};
    let folder = folder(
        "let a = ask(\"Approve 1,250.00 EUR?\", #{ choices: [\"approve\", \"deny\"] }); print(`answer: ${a}`);",
    );
    let mut command = program(folder.path());
    command
        .args(["run", "x.rhai"])
        .env("TERM", "xterm")
        .stdin(Stdio::inherit());
    let mut terminal = Session::spawn(command).unwrap();
    terminal.set_expect_timeout(Some(Duration::from_secs(20)));
    terminal.expect("1) approve").unwrap();
    terminal.send_line("1").unwrap();
    terminal.expect("answer: approve").unwrap();
    terminal.expect(Eof).unwrap();
}

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

/// Runs the program in a folder and returns exit code, stdout and stderr.
fn call(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = program(folder).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn every_help_says_what_it_is_about_and_gives_an_example() {
    let folder = folder("");
    let commands = [
        "",
        "run",
        "sim",
        "api",
        "api list",
        "api show",
        "api call",
        "api diff",
        "completions",
    ];
    for command in commands {
        for flag in ["-h", "--help"] {
            let arguments: Vec<&str> = command.split_whitespace().chain([flag]).collect();
            let (code, help, _) = call(folder.path(), &arguments);
            assert_eq!(code, Some(0), "{command}");
            assert!(help.contains("Example"), "{command} {flag}: {help}");
            assert!(
                help.contains("Usage: duvoscript"),
                "{command} {flag}: {help}"
            );
            assert!(!help.starts_with("The options"), "{command} {flag}: {help}");
        }
    }
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

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder("print(duvo::teams::list().len);");
    let key = folder.path().join("key");
    let config = folder.path().join(".config/duvoscript/config.toml");
    std::fs::create_dir_all(config.parent().unwrap()).unwrap();
    std::fs::write(&key, "dv_marker_4711").unwrap();
    std::fs::write(&config, "[profiles.x]\napi_key = \"dv_marker_4711\"\n").unwrap();
    let refused = |arguments: &[&str], profile: &str| {
        let output = program(folder.path())
            .env("HOME", folder.path())
            .env("DUVO_PROFILE", profile)
            .env("DUVO_API_BASE_URL", refusing_server())
            .args(["run", "x.rhai"])
            .args(arguments)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(!stderr.contains("marker_4711"), "{stderr}");
        stderr
    };
    let close = |mode: u32| {
        for file in [&key, &config] {
            std::fs::set_permissions(file, std::fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    close(0o644);
    assert!(refused(&["--api-key-file", "key"], "").contains("chmod 600"));
    assert!(refused(&[], "x").contains("chmod 600"));
    close(0o600);
    assert!(refused(&["--api-key-file", "key"], "").contains("401 auth"));
    assert!(refused(&[], "x").contains("401 auth"));
    assert!(refused(&[], "y").contains("it has `x`"));
}

#[test]
fn plain_http_is_for_this_machine_only() {
    let folder = folder("duvo::teams::list();");
    let output = program(folder.path())
        .env("DUVO_API_KEY", "dv_x")
        .env("DUVO_API_BASE_URL", "http://duvo.example")
        .args(["run", "x.rhai"])
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains("plain http to `duvo.example` is refused"),
        "{stderr}"
    );
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
