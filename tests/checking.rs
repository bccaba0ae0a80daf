//! The checker as a whole: nothing that is meant to be right is flagged, nothing that is broken
//! brings it down, and its reports have the shapes that others read.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use assert_cmd::Command;
use duvoscript::check::{Checker, Finding, RULES, sarif};
use duvoscript::report::Failure;
use duvoscript::script::{Source, TEST_ENDING, functions};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::Config;
use serde_json::Value;

/// Longest time that the check of one short script may take, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Checks texts that import nothing but the library.
fn check(texts: &[String]) -> Vec<Finding> {
    let find = |_: &str, path: &str| Err(Failure::invalid(format!("there is no `{path}`")));
    let sources = texts.iter().enumerate().map(|(number, text)| Source {
        name: name(number, text),
        text: text.clone(),
    });
    let sources: Vec<_> = sources.collect();
    let found = Checker::new(&find).check(&sources).unwrap();
    found.into_iter().flatten().collect()
}

/// Returns the name of an example: that of a file of tests, where it holds some.
fn name(number: usize, text: &str) -> String {
    let is_test = text.contains("\nfn test_");
    format!("{number}{}", if is_test { TEST_ENDING } else { ".rhai" })
}

fn shown(findings: &[Finding], texts: &[String]) -> String {
    let one = |finding: &Finding| {
        let name = finding.at.source.as_str();
        let end = name.find(|letter: char| !letter.is_ascii_digit());
        let number = name[..end.unwrap_or(name.len())].parse::<usize>();
        format!(
            "{}: {}\n{}\n",
            finding.rule.code,
            finding.message,
            texts[number.unwrap()]
        )
    };
    findings.iter().map(one).collect()
}

#[test]
fn the_examples_of_the_builtins_are_clean() {
    let examples = functions()
        .into_iter()
        .flat_map(|function| function.examples);
    let texts: Vec<_> = examples.map(|(code, _)| code.to_owned()).collect();
    assert!(texts.len() > 100, "{}", texts.len());
    let findings = check(&texts);
    assert!(findings.is_empty(), "{}", shown(&findings, &texts));
}

#[test]
fn the_examples_of_the_documentation_are_clean() {
    let mut texts = rhai_blocks(&fs::read_to_string(root().join("README.md")).unwrap());
    for module in scripts(&root().join("stdlib")) {
        let text = fs::read_to_string(module).unwrap();
        let comments = text.lines().filter_map(|line| line.strip_prefix("///"));
        let comments: Vec<_> = comments
            .map(|line| line.strip_prefix(' ').unwrap_or(line))
            .collect();
        texts.extend(rhai_blocks(&comments.join("\n")));
    }
    assert!(texts.len() > 20, "{}", texts.len());
    let findings = check(&texts);
    assert!(findings.is_empty(), "{}", shown(&findings, &texts));
}

fn rhai_blocks(text: &str) -> Vec<String> {
    let blocks = text.split("```rhai\n").skip(1);
    blocks
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

#[test]
fn a_report_for_code_hosts_has_its_shape() {
    let texts = [
        "duvo::queues::fnd(1);".to_owned(),
        "print(qeue); (".to_owned(),
    ];
    let report = sarif(&check(&texts));
    assert_eq!(report["version"], "2.1.0");
    assert!(
        report["$schema"]
            .as_str()
            .unwrap()
            .ends_with("sarif-2.1.0.json")
    );
    let [run] = report["runs"].as_array().unwrap().as_slice() else {
        panic!("there is one run");
    };
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let ids: BTreeSet<_> = rules
        .iter()
        .map(|rule| rule["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), RULES.len());
    assert_eq!(run["tool"]["driver"]["name"], "duvoscript");
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 2);
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert_eq!(result["level"], "error");
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let place = &result["locations"][0]["physicalLocation"];
        assert!(place["artifactLocation"]["uri"].is_string());
        assert!(place["region"]["startLine"].as_u64().unwrap() > 0);
    }
}

#[test]
fn paths_are_folders_and_files_and_each_script_is_checked_once() {
    let project = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &[u8]| {
        let path = project.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("scripts/deep/wrong.rhai", b"print(qeue);");
    write("scripts/bytes.rhai", b"\xff\xfe");
    write("scripts/.hidden/other.rhai", b"(");
    write("scripts/target/other.rhai", b"(");
    write("scripts/notes.txt", b"(");
    write("scripts/duvo.d.rhai", b"module duvo;");
    write("elsewhere.rhai", b"(");
    let run = |arguments: &[&str]| {
        let mut command = Command::cargo_bin("duvoscript").unwrap();
        command.current_dir(project.path()).env_clear().arg("check");
        let output = command.args(arguments).output().unwrap();
        (output.status.code(), output.stdout)
    };
    let (exit, found) = run(&["--json"]);
    let found: Value = serde_json::from_slice(&found).unwrap();
    let places: Vec<_> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["file"].as_str().unwrap())
        .collect();
    assert_eq!(
        (exit, places),
        (
            Some(3),
            vec!["scripts/deep/wrong.rhai", "scripts/bytes.rhai"]
        )
    );
    let (exit, found) = run(&[
        "--output",
        "json",
        "scripts/deep",
        "./scripts/deep/wrong.rhai",
    ]);
    let found: Value = serde_json::from_slice(&found).unwrap();
    assert_eq!((exit, found.as_array().unwrap().len()), (Some(3), 1));
    assert_eq!(run(&["nowhere.rhai"]).0, Some(2));
    assert_eq!(run(&["scripts/target/"]).0, Some(3));
    assert_eq!(run(&["--json", "--sarif"]).0, Some(2));
}

#[test]
fn the_readme_shows_what_a_check_prints() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let mut blocks = readme.split("```text\n").skip(1);
    let shown = blocks.find(|block| block.starts_with("error[")).unwrap();
    let shown = shown.split("```").next().unwrap();
    let line = shown
        .lines()
        .find_map(|line| line.strip_prefix("2 | "))
        .unwrap();
    let before = "let job = duvo::jobs::list()[0]; let queue = duvo::queues::list()[0];";
    let project = tempfile::tempdir().unwrap();
    fs::write(
        project.path().join("close_month.rhai"),
        format!("{before}\n{line}\n"),
    )
    .unwrap();
    let mut command = Command::cargo_bin("duvoscript").unwrap();
    command
        .current_dir(project.path())
        .env_clear()
        .env("NO_COLOR", "1");
    let output = command
        .args(["check", "close_month.rhai"])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), shown);
}

/// Returns the scripts below a folder.
fn scripts(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(scripts(&path));
        } else if path.extension().is_some_and(|end| end == "rhai") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn corpus() -> Vec<String> {
    let folders = ["scripts", "stdlib", "tests/check", "tests/golden"];
    let files = folders
        .iter()
        .flat_map(|folder| scripts(&root().join(folder)));
    files
        .map(|file| fs::read_to_string(file).unwrap())
        .collect()
}

/// A way to break a text.
#[derive(Clone, Debug)]
enum Break {
    DeleteLetter(Index),
    DoubleLetter(Index),
    DeleteLine(Index),
    DoubleLine(Index),
    SwapLines(Index, Index),
    Insert(Index, &'static str),
}

const PIECES: [&str; 16] = [
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "#{",
    "|x|",
    "duvo::",
    "::",
    ".",
    "`",
    "\"",
    "// allow(",
    "${",
    "é",
];

impl Break {
    fn apply(&self, text: &mut String) {
        let mut letters: Vec<char> = text.chars().collect();
        let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
        if letters.is_empty() {
            return;
        }
        *text = match self {
            Self::DeleteLetter(at) => {
                letters.remove(at.index(letters.len()));
                letters.into_iter().collect()
            }
            Self::DoubleLetter(at) => {
                let at = at.index(letters.len());
                letters.insert(at, letters[at]);
                letters.into_iter().collect()
            }
            Self::DeleteLine(at) => {
                lines.remove(at.index(lines.len()));
                lines.concat()
            }
            Self::DoubleLine(at) => {
                let at = at.index(lines.len());
                lines.insert(at, lines[at]);
                lines.concat()
            }
            Self::SwapLines(one, other) => {
                let count = lines.len();
                lines.swap(one.index(count), other.index(count));
                lines.concat()
            }
            Self::Insert(at, piece) => {
                let at = at.index(letters.len());
                letters.splice(at..at, piece.chars());
                letters.into_iter().collect()
            }
        };
    }
}

fn breaks() -> impl Strategy<Value = Vec<Break>> {
    let at = any::<Index>;
    let one = prop_oneof![
        at().prop_map(Break::DeleteLetter),
        at().prop_map(Break::DoubleLetter),
        at().prop_map(Break::DeleteLine),
        at().prop_map(Break::DoubleLine),
        (at(), at()).prop_map(|(one, other)| Break::SwapLines(one, other)),
        (at(), prop::sample::select(&PIECES[..])).prop_map(|(at, piece)| Break::Insert(at, piece)),
    ];
    prop::collection::vec(one, 1..8)
}

proptest! {
    #![proptest_config(Config {
        cases: 96,
        failure_persistence: None,
        ..Config::default()
    })]

    #[test]
    fn broken_scripts_do_not_break_the_check(
        broken in prop::collection::vec((any::<Index>(), breaks()), 8)
    ) {
        let corpus = corpus();
        let texts: Vec<String> = broken
            .iter()
            .map(|(which, breaks)| {
                let mut text = which.get(&corpus).clone();
                for one in breaks {
                    one.apply(&mut text);
                }
                text
            })
            .collect();
        let (sender, receiver) = mpsc::channel();
        let given = texts.clone();
        std::thread::spawn(move || _ = sender.send(check(&given)));
        let findings = receiver.recv_timeout(PATIENCE);
        prop_assert!(findings.is_ok(), "{texts:#?}");
        for finding in findings.unwrap() {
            prop_assert!(finding.at.line > 0, "{finding:?}");
        }
    }
}
