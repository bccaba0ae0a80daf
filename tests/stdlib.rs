//! Every example in the docs of the standard library runs on the simulator and gives what it says.
//!
//! An example is a fenced `rhai` block in the doc comment of a function; its last line is the
//! expected value as JSON behind `// => `.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use assert_cmd::Command;
use serde_json::Value;

/// The code in the doc of a public function, and what it is said to give.
struct Example {
    place: String,
    code: String,
    expected: Value,
}

#[test]
fn every_public_function_has_an_example_that_holds() {
    let examples: Vec<Example> = modules().iter().flat_map(|file| examples(file)).collect();
    assert!(
        examples.len() > 20,
        "only {} examples were found",
        examples.len()
    );
    let (queue, faults) = (Mutex::new(examples.iter()), Mutex::new(String::new()));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap().next();
                    let Some(example) = next else { break };
                    if let Err(fault) = check(example) {
                        writeln!(faults.lock().unwrap(), "{}: {fault}", example.place).unwrap();
                    }
                }
            });
        }
    });
    let faults = faults.into_inner().unwrap();
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn every_module_is_short_and_says_what_it_is_for() {
    for file in modules() {
        let text = fs::read_to_string(&file).unwrap();
        let name = file.display();
        assert!(
            text.starts_with("//! "),
            "{name} does not say what it is for"
        );
        assert!(
            text.lines().count() <= 150,
            "{name} is longer than 150 lines"
        );
    }
}

fn modules() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("stdlib");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|file| file.extension().is_some()).collect();
    files.sort();
    files
}

/// Returns the example of each public function of a module.
fn examples(file: &Path) -> Vec<Example> {
    let name = file.file_name().unwrap().to_string_lossy();
    let text = fs::read_to_string(file).unwrap();
    let (mut found, mut doc) = (Vec::new(), String::new());
    for (index, line) in text.lines().enumerate() {
        if let Some(line) = line.strip_prefix("///") {
            doc.push_str(line.strip_prefix(' ').unwrap_or(line));
            doc.push('\n');
            continue;
        }
        if line.starts_with("fn ") {
            found.push(example(format!("stdlib/{name}:{}", index + 1), &doc));
        }
        doc.clear();
    }
    found
}

fn example(place: String, doc: &str) -> Example {
    let block = doc
        .split_once("```rhai\n")
        .and_then(|(_, rest)| rest.split_once("```"));
    let (block, _) = block.unwrap_or_else(|| panic!("{place}: there is no example"));
    let parts = block.split_once("// => ");
    let (code, expected) = parts.unwrap_or_else(|| panic!("{place}: the example tells no result"));
    let expected = serde_json::from_str(expected.trim())
        .unwrap_or_else(|fault| panic!("{place}: the result of the example is no JSON: {fault}"));
    Example {
        place,
        code: code.into(),
        expected,
    }
}

fn check(example: &Example) -> Result<(), String> {
    let project = tempfile::tempdir().unwrap();
    fs::write(project.path().join("example.rhai"), &example.code).unwrap();
    let mut command = Command::cargo_bin("duvoscript").unwrap();
    command
        .current_dir(project.path())
        .env_clear()
        .env("NO_COLOR", "1");
    command.args(["run", "--sim", "--output", "json", "example.rhai"]);
    let output = command.output().unwrap();
    if !output.status.success() {
        return Err(format!(
            "it fails\n{}",
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    let shown = String::from_utf8_lossy(&output.stdout);
    let seen: Value = serde_json::from_str(&shown)
        .map_err(|fault| format!("it shows no JSON ({fault}): `{shown}`"))?;
    if seen == example.expected {
        Ok(())
    } else {
        Err(format!(
            "it is said to give {}, but gives {seen}",
            example.expected
        ))
    }
}
