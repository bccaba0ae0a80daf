//! Inputs from a pipe: line by line, without a prompt, up to the first that fails.

use std::io::Write;
use std::process::Stdio;

use crate::terminal::program;

/// Returns exit code, stdout and stderr.
fn pipe(inputs: impl AsRef<[u8]>, arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let mut child = program(folder.path())
        .arg("repl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(inputs.as_ref()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn every_line_is_an_input() {
    let inputs = "let a = 20;\nfn f(x) {\n  x * 2\n}\nf(a)\n\n:json [_]\n";
    let (code, stdout, stderr) = pipe(inputs, &["--sim"]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert_eq!(stdout, "40\n[\n  40\n]\n");
}

#[test]
fn the_first_failure_ends_it_with_its_exit_code() {
    for (inputs, code, told) in [
        ("1\nthrow \"no\"\n2\n", 1, "error: no"),
        ("1\nlet a = ;\n2\n", 3, "--> input 2:1:9"),
        ("1\nfn f() {\n", 3, "error: "),
        ("1\nassert(false)\n2\n", 4, "error: "),
        ("1\n:nope\n2\n", 2, "there is no command `:nope`"),
        ("1\nask(\"Who?\")\nme\n", 1, "there is nobody to answer"),
    ] {
        let (exit, stdout, stderr) = pipe(inputs, &["--sim"]);
        assert_eq!((exit, stdout.as_str()), (Some(code), "1\n"), "{inputs}");
        assert!(
            stderr.contains(told) && !stderr.contains('\u{1b}'),
            "{stderr}"
        );
    }
}

#[test]
fn results_can_be_json() {
    let (code, stdout, _) = pipe("[1]\nprint(2)\nlet a = 1;\n", &["--sim", "--json"]);
    assert_eq!((code, stdout.as_str()), (Some(0), "[\n  1\n]\n"));
}

#[test]
fn leaving_early_is_no_failure() {
    let (code, stdout, _) = pipe("1\n:quit\n2\n", &["--sim"]);
    assert_eq!((code, stdout.as_str()), (Some(0), "1\n"));
    let (code, stdout, _) = pipe("1\nexit()\n2\n", &["--sim"]);
    assert_eq!((code, stdout.as_str()), (Some(0), "1\n"));
}

#[test]
fn line_ends_of_other_systems_and_wide_letters_are_fine() {
    let inputs = "let a = 20;\r\nfn f(x) {\r\n  x * 2\r\n}\r\nf(a)\r\n[]\r\n\"日本 😀\"";
    let (code, stdout, stderr) = pipe(inputs, &["--sim"]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert_eq!(stdout, "40\nnothing\n日本 😀\n");
}

#[test]
fn what_is_no_text_fails() {
    let (code, stdout, stderr) = pipe(b"1\n\xff\xfe\n2\n", &["--sim"]);
    assert_eq!((code, stdout.as_str()), (Some(2), "1\n"));
    assert!(stderr.contains("cannot read the next input"), "{stderr}");
}

#[test]
fn large_values_and_long_lines_come_through() {
    let long = format!("\"{}\".len\n", "x".repeat(1_000_000));
    let inputs = format!("{long}let big = \"\"; big.pad(10000000, \"x\"); big\n");
    let (code, stdout, _) = pipe(inputs, &["--sim"]);
    assert_eq!((code, stdout.len()), (Some(0), 8 + 10_000_001));
}
