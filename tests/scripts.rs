//! Every script in `scripts/` runs as it stands on the simulator, and prints what it did before.
//!
//! `tests/scripts/NAME.out` holds the output of `scripts/NAME.rhai`; `UPDATE_GOLDEN=1` writes them
//! anew. Each script runs in a copy of the folder, so that what it writes stays out of the tree.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use assert_cmd::Command;
use duvoscript::script::{Header, Source};

#[test]
fn every_script_runs_as_it_stands() {
    let names = names("scripts", "rhai");
    let (queue, faults) = (Mutex::new(names.iter()), Mutex::new(String::new()));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap().next();
                    let Some(name) = next else { break };
                    if let Err(fault) = check(name) {
                        writeln!(faults.lock().unwrap(), "{name}: {fault}").unwrap();
                    }
                }
            });
        }
    });
    let faults = faults.into_inner().unwrap();
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn every_script_tells_what_it_does_and_needs_no_arguments() {
    for name in names("scripts", "rhai") {
        let text = fs::read_to_string(path("scripts").join(format!("{name}.rhai"))).unwrap();
        assert!(
            text.contains("\n//! "),
            "{name} does not tell what it changes"
        );
        assert!(
            text.to_lowercase().contains("again"),
            "{name} does not tell whether it can run again"
        );
        let header = Header::parse(&Source {
            name: name.clone(),
            text,
        })
        .unwrap();
        assert!(!header.description.is_empty(), "{name} has no description");
        for argument in &header.args {
            let is_told = !argument.help.is_empty() && argument.default.is_some();
            assert!(
                is_told,
                "`{}` of {name} has no help, or no default",
                argument.name
            );
        }
    }
}

#[test]
fn every_output_has_its_script() {
    assert_eq!(names("tests/scripts", "out"), names("scripts", "rhai"));
}

#[expect(
    clippy::disallowed_methods,
    reason = "the outputs are only written anew on request"
)]
fn check(name: &str) -> Result<(), String> {
    let project = tempfile::tempdir().unwrap();
    copy(&path("scripts"), &project.path().join("scripts"));
    let mut command = Command::cargo_bin("duvoscript").unwrap();
    command
        .current_dir(project.path())
        .env_clear()
        .env("NO_COLOR", "1");
    // The scripts that rotate something read it from here.
    command
        .env("NEW_SECRET_VALUE", "new")
        .env("OLD_SECRET_VALUE", "old");
    let output = command
        .args(["run", "--sim", &format!("scripts/{name}.rhai")])
        .output()
        .unwrap();
    if !output.status.success() {
        return Err(format!(
            "it fails\n{}",
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    let seen = String::from_utf8_lossy(&output.stdout);
    let golden = path("tests/scripts").join(format!("{name}.out"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(golden, seen.as_bytes()).unwrap();
        return Ok(());
    }
    let expected = fs::read_to_string(golden).unwrap_or_default();
    if seen == expected {
        Ok(())
    } else {
        Err(format!("\n--- expected\n{expected}\n--- seen\n{seen}"))
    }
}

fn path(below: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(below)
}

/// Returns the names of the files of a folder that have an extension, without it.
fn names(folder: &str, extension: &str) -> BTreeSet<String> {
    let files = fs::read_dir(path(folder)).into_iter().flatten();
    let files = files.map(|entry| entry.unwrap().path());
    let files = files.filter(|file| file.extension().is_some_and(|found| found == extension));
    files
        .map(|file| file.file_stem().unwrap().to_string_lossy().into_owned())
        .filter(|name| !name.ends_with("_test"))
        .collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap().path();
        let target = to.join(entry.file_name().unwrap());
        if entry.is_dir() {
            copy(&entry, &target);
        } else {
            fs::copy(&entry, &target).unwrap();
        }
    }
}
