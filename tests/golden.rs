//! Golden cases: a script beside what it prints.
//!
//! `tests/golden/TOPIC/CASE.rhai` is run with `--sim` in its folder; `CASE.out` and `CASE.err` hold
//! stdout and stderr, `CASE.exit` the exit code when it is not 0, `CASE.args` further arguments, one
//! a line, and `CASE.in` what is typed. `UPDATE_GOLDEN=1 cargo test --test golden` writes them anew.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use libtest_mimic::{Arguments, Failed, Trial};

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
            move || no_stray_files(&files),
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

fn no_stray_files(files: &[PathBuf]) -> Result<(), Failed> {
    let cases: BTreeSet<String> = files
        .iter()
        .filter(|file| has_extension(file, "rhai"))
        .map(|file| name_of(file))
        .collect();
    let parts = ["rhai", "out", "err", "exit", "args", "in"];
    let is_read = |file: &&PathBuf| {
        file.is_dir()
            || (cases.contains(&name_of(file))
                && parts.iter().any(|part| has_extension(file, part)))
    };
    match files.iter().find(|file| !is_read(file)) {
        Some(stray) => Err(format!("no case reads `{}`", stray.display()).into()),
        None => Ok(()),
    }
}

fn read(case: &Path, part: &str) -> String {
    fs::read_to_string(case.with_extension(part)).unwrap_or_default()
}

fn write(case: &Path, part: &str, text: &str) -> Result<(), Failed> {
    let file = case.with_extension(part);
    if text.is_empty() {
        // It may never have been there.
        let _ = fs::remove_file(file);
        return Ok(());
    }
    Ok(fs::write(file, text)?)
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    entries.sort();
    entries
}

fn has_extension(file: &Path, extension: &str) -> bool {
    file.extension().is_some_and(|found| found == extension)
}

fn name_of(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
