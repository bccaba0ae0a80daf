//! Questions of a script, answered from a pipe, at a terminal, or by their deadline.

use std::io::Write;
use std::process::Stdio;
#[cfg(unix)]
use std::time::Duration;

use crate::{folder, program, run};

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
