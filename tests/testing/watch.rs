//! Tests that run again whenever a file changes.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::project::Project;

#[test]
fn a_change_runs_them_again() {
    let project = Project::new("fn test_it() { test::eq(1, 2); }");
    let mut command = project.command(&["--watch"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut err = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut closing = || out.find_map(|line| line.ok().filter(|line| line.ends_with(" failed")));
    assert_eq!(closing().as_deref(), Some("0 passed, 1 failed"));
    let waits = err.find_map(|line| line.ok().filter(|line| line.starts_with("waiting")));
    assert_eq!(
        waits.as_deref(),
        Some("waiting for a change (Ctrl-C ends it)")
    );
    project.write("x_test.rhai", "fn test_it() {}\nfn test_more() {}");
    assert_eq!(closing().as_deref(), Some("2 passed, 0 failed"));
    // A file that no longer parses does not end the watch.
    err.find_map(|line| line.ok().filter(|line| line.starts_with("waiting")));
    project.write("x_test.rhai", "fn (");
    assert_eq!(closing().as_deref(), Some("0 passed, 1 failed"));
    child.kill().unwrap();
    child.wait().unwrap();
}
