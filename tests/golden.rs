//! Golden cases: a script beside what it prints.
//!
//! `tests/golden/TOPIC/CASE.rhai` is run with `--sim` in its folder; `CASE.out` and `CASE.err` hold
//! stdout and stderr, `CASE.exit` the exit code when it is not 0, `CASE.args` further arguments, one
//! a line, and `CASE.in` what is typed. `UPDATE_GOLDEN=1 cargo test --test golden` writes them anew.

use std::path::Path;

#[path = "shared/cases.rs"]
mod cases;

use assert_cmd::Command;
use cases::{entries, has_extension, name_of, no_stray_files, read, write};
use libtest_mimic::{Arguments, Failed, Trial};

/// The endings of a case's files beside `rhai`.
const PARTS: &[&str] = &["out", "err", "exit", "args", "in"];

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut trials = Vec::new();
    for topic in entries(&root) {
        let files = entries(&topic);
        for case in files.iter().filter(|file| has_extension(file, "rhai")) {
            let name = format!("{}::{}", name_of(&topic), name_of(case));
            let case = case.clone();
            trials.push(Trial::test(name, move || run(&case)));
        }
        let topic_name = name_of(&topic);
        trials.push(Trial::test(
            format!("{topic_name}::every_file_is_read"),
            move || no_stray_files(&files, PARTS),
        ));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn run(case: &Path) -> Result<(), Failed> {
    let folder = case.parent().ok_or("a case stands in a folder")?;
    let mut command = Command::cargo_bin("duvoscript")?;
    command
        .current_dir(folder)
        .env_clear()
        .env("NO_COLOR", "1")
        .args(["run", "--sim"]);
    command.args(read(case, "args").lines());
    command
        .arg(case.file_name().ok_or("a case has a name")?)
        .write_stdin(read(case, "in"));
    let output = command.output()?;
    let exit = output
        .status
        .code()
        .map_or_else(|| "killed".to_owned(), |code| code.to_string());
    let exit = if exit == "0" {
        String::new()
    } else {
        format!("{exit}\n")
    };
    let seen = [
        ("out", String::from_utf8(output.stdout)?),
        ("err", String::from_utf8(output.stderr)?),
        ("exit", exit),
    ];
    #[expect(clippy::disallowed_methods, reason = "tests are told so")]
    let is_update = std::env::var_os("UPDATE_GOLDEN").is_some();
    if is_update {
        return seen
            .iter()
            .try_for_each(|(part, text)| write(case, part, text));
    }
    let wrong: Vec<String> = seen
        .iter()
        .filter(|(part, text)| read(case, part) != *text)
        .map(|(part, text)| {
            format!(
                "--- expected .{part}\n{}\n--- seen\n{text}",
                read(case, part)
            )
        })
        .collect();
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.join("\n").into())
    }
}
