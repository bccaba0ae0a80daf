//! The README says what is: its scripts run, its tables are the program's own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;
use std::path::Path;

use assert_cmd::Command;
use duvoscript::cli::{env, exit};

fn readme() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

/// Returns the code blocks of a language, each without its fence.
fn blocks(language: &str) -> Vec<String> {
    let text = readme();
    let fence = format!("```{language}\n");
    let blocks = text.split(&fence).skip(1);
    blocks
        .map(|rest| rest.split("```").next().unwrap_or_default().to_owned())
        .collect()
}

fn duvoscript(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("duvoscript").unwrap();
    command.current_dir(folder).env_clear().env("NO_COLOR", "1");
    command
}

#[test]
fn the_exit_codes_are_those_of_the_program() {
    let mut table = String::from("| code | meaning |\n| --- | --- |\n");
    for exit in exit::TABLE {
        writeln!(table, "| {} | {} |", exit.code, exit.meaning).unwrap();
    }
    assert!(
        readme().contains(&table),
        "the README lacks this table:\n{table}"
    );
}

#[test]
fn the_variables_of_the_environment_are_all_named() {
    let text = readme();
    let unnamed: Vec<_> = env::VARIABLES
        .iter()
        .filter(|variable| !text.contains(variable.name))
        .collect();
    assert!(unnamed.is_empty(), "{unnamed:?}");
}

#[test]
fn the_first_script_runs_and_its_typo_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let script = blocks("rhai").into_iter().next().expect("a script");
    std::fs::write(folder.path().join("first.rhai"), &script).unwrap();
    duvoscript(folder.path())
        .args(["run", "--sim", "first.rhai"])
        .assert()
        .success();
    let help = duvoscript(folder.path())
        .args(["run", "first.rhai", "--help"])
        .assert()
        .success();
    assert!(String::from_utf8_lossy(&help.get_output().stdout).contains("limit"));

    let typo = script.replace(
        "message: \"Match the invoices of today\"",
        "mesage: \"Match\"",
    );
    assert_ne!(typo, script);
    std::fs::write(folder.path().join("first.rhai"), typo).unwrap();
    let failed = duvoscript(folder.path())
        .args(["run", "--sim", "first.rhai"])
        .assert()
        .code(1);
    let shown = String::from_utf8_lossy(&failed.get_output().stderr).into_owned();
    let expected = blocks("text")
        .into_iter()
        .find(|block| block.starts_with("error:"))
        .expect("an error");
    assert_eq!(shown.trim_end(), expected.trim_end());
}

#[test]
fn every_command_that_it_shows_is_understood() {
    let folder = tempfile::tempdir().unwrap();
    for block in blocks("sh") {
        for line in block
            .lines()
            .filter_map(|line| line.strip_prefix("duvoscript "))
        {
            let words: Vec<&str> = line
                .split('#')
                .next()
                .unwrap_or_default()
                .split_whitespace()
                .collect();
            let command: Vec<&str> = words
                .iter()
                .copied()
                .take_while(|word| !word.contains('.') && !word.contains('='))
                .collect();
            let known = command
                .iter()
                .copied()
                .filter(|word| !word.starts_with('-'))
                .take(2);
            duvoscript(folder.path())
                .args(known)
                .arg("--help")
                .assert()
                .success();
        }
    }
}
