//! Wrong scripts beside what a check finds in them, and their right neighbours.
//!
//! `tests/check/RULE/CASE.rhai` is checked in `tests/check`, whose `modules` are there to import; `CASE.out` holds stdout, `CASE.err` what
//! else is said, `CASE.args` further arguments, one a line. A case that starts with `right` must
//! not be flagged. `UPDATE_GOLDEN=1 cargo test --test check` writes the outputs anew.

use std::path::{Path, PathBuf};

#[path = "shared/cases.rs"]
mod cases;

use assert_cmd::Command;
use cases::{entries, has_extension, name_of, no_stray_files, read, write};
use duvoscript::check::RULES;
use libtest_mimic::{Arguments, Failed, Trial};

/// The endings of a case's files beside `rhai`.
const PARTS: &[&str] = &["out", "err", "args"];

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = root.join("tests/check");
    let mut trials = Vec::new();
    for topic in entries(&corpus)
        .iter()
        .filter(|topic| name_of(topic) != "modules")
    {
        let files = entries(topic);
        for case in files.iter().filter(|file| has_extension(file, "rhai")) {
            let name = format!("{}::{}", name_of(topic), name_of(case));
            let case = case.clone();
            trials.push(Trial::test(name, move || run(&case)));
        }
        let name = format!("{}::every_file_is_read", name_of(topic));
        trials.push(Trial::test(name, move || no_stray_files(&files, PARTS)));
    }
    trials.push(Trial::test("every_rule_has_its_cases", move || {
        every_rule_has_its_cases(&corpus)
    }));
    for folder in ["scripts", "stdlib"] {
        let name = format!("{folder}_are_clean");
        trials.push(Trial::test(name, move || is_clean(root, &[folder.into()])));
    }
    trials.push(Trial::test("what_runs_well_is_clean", move || {
        let golden = root.join("tests/golden");
        let topics = entries(&golden);
        topics.iter().try_for_each(|topic| {
            let cases = entries(topic).into_iter();
            let runs_well = |case: &PathBuf| {
                has_extension(case, "rhai") && !case.with_extension("exit").exists()
            };
            is_clean(topic, &cases.filter(runs_well).collect::<Vec<_>>())
        })
    }));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn check(folder: &Path) -> Result<Command, Failed> {
    let mut command = Command::cargo_bin("duvoscript")?;
    command
        .current_dir(folder)
        .env_clear()
        .env("NO_COLOR", "1")
        .arg("check");
    Ok(command)
}

fn run(case: &Path) -> Result<(), Failed> {
    let folder = case.parent().ok_or("a case stands in a folder")?;
    let mut command = check(
        folder
            .parent()
            .ok_or("a rule's folder stands in the corpus")?,
    )?;
    command.args(read(case, "args").lines());
    command.arg(format!("{}/{}.rhai", name_of(folder), name_of(case)));
    let output = command.output()?;
    let found = String::from_utf8(output.stdout)?;
    let said = String::from_utf8(output.stderr)?;
    let rule = name_of(folder);
    judge(&name_of(case), &rule, &found, output.status.code())?;
    // How many there are is told each time in the same words.
    let said: String = said
        .lines()
        .filter(|line| !line.contains(" checked: "))
        .collect();
    let seen = [("out", found), ("err", said)];
    #[expect(clippy::disallowed_methods, reason = "tests are told so")]
    let is_update = std::env::var_os("UPDATE_GOLDEN").is_some();
    for (part, text) in seen {
        if is_update {
            write(case, part, &text)?;
        } else if read(case, part) != text {
            let expected = read(case, part);
            return Err(format!("--- expected .{part}\n{expected}\n--- seen\n{text}").into());
        }
    }
    Ok(())
}

/// A wrong case is flagged by its rule, a right one by none; the exit code says so.
fn judge(case: &str, rule: &str, found: &str, exit: Option<i32>) -> Result<(), Failed> {
    let is_right = case.starts_with("right") || case == "json_of_nothing";
    let code = if is_right { 0 } else { 3 };
    let is_told = is_right || rule == "output" || found.contains(&format!("error[{rule}]"));
    match exit {
        Some(seen) if seen == code && is_told => Ok(()),
        _ => Err(format!("exit code {exit:?}, and `{rule}` is to be told:\n{found}").into()),
    }
}

fn every_rule_has_its_cases(corpus: &Path) -> Result<(), Failed> {
    for rule in RULES {
        let cases = entries(&corpus.join(rule.code));
        let names: Vec<_> = cases
            .iter()
            .filter(|case| has_extension(case, "rhai"))
            .map(|case| name_of(case))
            .collect();
        let right = names
            .iter()
            .filter(|name| name.starts_with("right"))
            .count();
        if right == 0 || right == names.len() {
            return Err(format!("`{}` lacks a wrong case, or a right one", rule.code).into());
        }
    }
    Ok(())
}

fn is_clean(folder: &Path, paths: &[PathBuf]) -> Result<(), Failed> {
    if paths.is_empty() {
        return Ok(());
    }
    let output = check(folder)?.args(paths).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8(output.stdout)?.into())
}
