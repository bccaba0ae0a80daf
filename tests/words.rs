//! What must not stand in any file, and what every file must have.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

/// What belongs to the project: all that is read here.
const PARTS: &[&str] = &[
    "src",
    "tests",
    "benches",
    "stdlib",
    "scripts",
    ".ci",
    "README.md",
    "CHANGELOG.md",
    "Cargo.toml",
    "clippy.toml",
    "rustfmt.toml",
];

/// Words that mark what is not finished, and places of one machine. They are put together, so that
/// this file does not hold them.
const FORBIDDEN: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("X", "XX"),
    concat!("todo", "!("),
    concat!("unimplemented", "!("),
    concat!("dbg", "!("),
    concat!("#[", "ignore"),
    concat!("/work", "/"),
    concat!("/tmp/bash", "_jobs"),
];

/// Beyond this a file has more than one job.
const LINES: usize = 600;

struct File {
    path: PathBuf,
    text: String,
}

impl File {
    fn has_extension(&self, extension: &str) -> bool {
        self.path.extension().is_some_and(|it| it == extension)
    }

    fn is_below(&self, folders: &[&str]) -> bool {
        folders.iter().any(|folder| self.path.starts_with(folder))
    }
}

/// Returns the text files of the project, with paths from its root.
fn files() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    for part in PARTS {
        collect(&root.join(part), &mut paths);
    }
    let read = |path: PathBuf| {
        // What is no text holds no words.
        let text = fs::read_to_string(&path).ok()?;
        let path = path.strip_prefix(root).unwrap().to_owned();
        Some(File { path, text })
    };
    paths.into_iter().filter_map(read).collect()
}

fn collect(path: &Path, found: &mut Vec<PathBuf>) {
    if path.is_dir() {
        let mut entries: Vec<_> = fs::read_dir(path)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        entries.sort();
        for entry in &entries {
            collect(entry, found);
        }
    } else if path.exists() {
        found.push(path.to_owned());
    }
}

/// Collects the files that break a rule, so that one run of a test shows them all.
fn assert_all(rule: impl Fn(&File) -> Vec<String>) {
    let faults: Vec<_> = files()
        .iter()
        .flat_map(|file| {
            let path = file.path.display();
            let faults = rule(file);
            faults
                .into_iter()
                .map(move |fault| format!("{path}{fault}"))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Returns where forbidden words stand.
fn forbidden(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (at, line) in text.lines().enumerate() {
        for word in FORBIDDEN.iter().filter(|word| has_word(line, word)) {
            faults.push(format!(":{}: holds `{word}`", at + 1));
        }
    }
    faults
}

/// Returns whether a word stands in a line, and not as a part of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let is_cut = |next: Option<char>, edge: Option<char>| {
            let is_letter =
                |of: Option<char>| of.is_some_and(|of| of.is_alphanumeric() || of == '_');
            is_letter(next) && is_letter(edge)
        };
        !is_cut(before, word.chars().next()) && !is_cut(after, word.chars().next_back())
    })
}

/// Returns where a lint is silenced without a reason; attributes stand at the start of a line.
fn silenced(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut rest = text;
    for (at, line) in text.lines().enumerate() {
        let attribute = line.trim_start().replacen("#![", "#[", 1);
        let is_one = ["#[allow(", "#[expect("]
            .iter()
            .any(|it| attribute.starts_with(it));
        let whole = rest.split(")]").next().unwrap_or_default();
        if is_one && !whole.contains("reason = \"") {
            faults.push(format!(":{}: silences a lint without a reason", at + 1));
        }
        rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
    }
    faults
}

/// Returns whether a script says first what it is for: in a header, or in a comment of its own.
fn introduces_itself(script: &str) -> bool {
    let first = script.lines().next().unwrap_or_default();
    ["// ///", "//!", "///", "/**", "/*!"]
        .iter()
        .any(|opening| first.starts_with(opening))
}

#[test]
fn no_file_holds_a_forbidden_word() {
    assert_all(|file| forbidden(&file.text));
}

#[test]
fn no_lint_is_silenced_without_a_reason() {
    assert_all(|file| {
        let code = file.has_extension("rs").then_some(file.text.as_str());
        code.map(silenced).unwrap_or_default()
    });
}

#[test]
fn every_source_file_says_what_it_is_for() {
    assert_all(|file| {
        let is_silent = file.has_extension("rs") && !file.text.starts_with("//! ");
        is_silent
            .then(|| ": does not start with `//!`".into())
            .into_iter()
            .collect()
    });
}

#[test]
fn every_script_says_what_it_is_for() {
    assert_all(|file| {
        let is_script = file.has_extension("rhai") && file.is_below(&["stdlib", "scripts"]);
        let is_silent = is_script && !introduces_itself(&file.text);
        is_silent
            .then(|| ": starts neither with a header nor with a doc comment".into())
            .into_iter()
            .collect()
    });
}

#[test]
fn no_file_is_too_long() {
    assert_all(|file| {
        let lines = file.text.lines().count();
        let is_code = file.has_extension("rs") || file.has_extension("rhai");
        (is_code && lines > LINES)
            .then(|| format!(": has {lines} lines; {LINES} are the most"))
            .into_iter()
            .collect()
    });
}

#[test]
fn the_rules_find_what_breaks_them() {
    for word in FORBIDDEN {
        let text = format!("one\n  // {word} x\n");
        assert_eq!(forbidden(&text), [format!(":2: holds `{word}`")]);
    }
    assert_eq!(
        forbidden(concat!("a METO", "DOS b, my_todo", "!(x)")),
        [""; 0]
    );
    assert_eq!(
        silenced(concat!("//! x\n#[al", "low(dead_code)]")),
        [":2: silences a lint without a reason"]
    );
    assert_eq!(
        silenced(concat!("#![ex", "pect(\n    dead_code,\n)]")),
        [":1: silences a lint without a reason"]
    );
    assert_eq!(
        silenced("#[expect(\n    dead_code,\n    reason = \"because\"\n)]"),
        [""; 0]
    );
    assert!(introduces_itself("// /// duvoscript\n// ///"));
    assert!(introduces_itself("//! Jobs."));
    assert!(!introduces_itself("let a = 1;") && !introduces_itself("// a"));
}
