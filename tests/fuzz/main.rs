//! Runs the fuzz targets without the fuzzer: over their seeds, and over seeds that are a little changed.
//!
//! It is for noticing at once that a target no longer compiles or holds; finding what nobody
//! thought of is left to `.ci/fuzz`.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

pub mod targets;

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use targets::{TARGETS, Target};

/// How many changed inputs each target is given.
const CASES: u32 = 40;

/// Longer seeds are left to the fuzzer.
const LONGEST: u64 = 20_000;

#[test]
fn the_targets_hold_on_changed_seeds() {
    std::thread::scope(|scope| {
        for target in TARGETS {
            scope.spawn(move || hold(target));
        }
    });
}

#[test]
fn every_target_has_seeds_and_a_program() {
    for (name, _) in TARGETS {
        assert!(!seeds(name).is_empty(), "{name} has no seeds");
        let program = root().join(format!("tests/fuzz/bin/{name}.rs"));
        let text = fs::read_to_string(program).unwrap();
        assert!(text.contains(&format!("targets::{name}::fuzz")), "{name}");
    }
    let listed = fs::read_to_string(root().join("tests/fuzz/seeds.txt")).unwrap();
    assert_eq!(listed.lines().count(), TARGETS.len());
}

fn hold((name, fuzz): Target) {
    let seeds = seeds(name);
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    let changes = proptest::collection::vec(change(), 0..6);
    let inputs = (proptest::sample::select(seeds), changes).prop_map(|(seed, changes)| {
        let changed = |input: Vec<u8>, change: &Change| change.apply(&input);
        changes.iter().fold(seed, changed)
    });
    let held = TestRunner::new(config).run(&inputs, |input| {
        fuzz(&input);
        Ok(())
    });
    held.unwrap_or_else(|fault| panic!("{name}: {fault}"));
}

/// A change to an input, at a share of its length.
#[derive(Clone, Debug)]
enum Change {
    Insert(f64, String),
    Remove(f64, usize),
    Repeat(f64, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let at = || 0.0..1.0;
    let some = proptest::sample::select(vec![
        "0",
        "-1",
        "9223372036854775807",
        "1e308",
        "\"",
        "'",
        "`",
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        ",",
        ";",
        "\n",
        "\r\n",
        "\u{feff}",
        "\0",
        "é",
        "🦀",
        "*/7",
        "null",
        "true",
        "\\",
        "#{",
        "//",
        "|",
    ]);
    prop_oneof![
        (at(), some).prop_map(|(at, text)| Change::Insert(at, text.to_owned())),
        (at(), 1..30_usize).prop_map(|(at, length)| Change::Remove(at, length)),
        (at(), 1..30_usize).prop_map(|(at, length)| Change::Repeat(at, length)),
    ]
}

impl Change {
    fn apply(&self, input: &[u8]) -> Vec<u8> {
        let text: Vec<char> = String::from_utf8_lossy(input).chars().collect();
        let (Self::Insert(share, _) | Self::Remove(share, _) | Self::Repeat(share, _)) = self;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share of a length"
        )]
        let at = (text.len() as f64 * share) as usize;
        let (before, after) = text.split_at(at);
        let part = |length: usize| after.len().min(length);
        let changed: String = match self {
            Self::Insert(_, text) => before
                .iter()
                .copied()
                .chain(text.chars())
                .chain(after.iter().copied())
                .collect(),
            Self::Remove(_, length) => before.iter().chain(&after[part(*length)..]).collect(),
            Self::Repeat(_, length) => before
                .iter()
                .chain(&after[..part(*length)])
                .chain(after)
                .collect(),
        };
        changed.into_bytes()
    }
}

/// Returns the seeds of a target.
fn seeds(name: &str) -> Vec<Vec<u8>> {
    let listed = fs::read_to_string(root().join("tests/fuzz/seeds.txt")).unwrap();
    let line = listed
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .unwrap();
    let mut found = Vec::new();
    for folder in line.split_whitespace() {
        collect(&root().join(folder), &mut found);
    }
    found
}

fn collect(folder: &Path, found: &mut Vec<Vec<u8>>) {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, found);
        } else if path.metadata().unwrap().len() <= LONGEST {
            found.push(fs::read(path).unwrap());
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
