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
    ];
    for ending in endings {
        let folder = folder(&format!("print(\"ready\"); {ending}"));
        let mut command = program(folder.path());
        command
            .env("DUVO_API_KEY", "dv_x")
            .env("DUVO_API_BASE_URL", &url)
            .args(["run", "x.rhai"]);
        let mut child = command
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
        assert_eq!(child.wait().unwrap().code(), Some(130), "{ending}");
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
