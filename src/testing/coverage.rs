//! Which lines of the scripts were reached, and how often.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use super::ground::lock;
use crate::script::{self, LineWatcher, Source};

/// The lines of one source that hold statements, and how often each was reached.
pub type Lines = BTreeMap<usize, u64>;

/// What the scripts of all tests have reached.
#[derive(Debug, Default)]
pub struct Coverage {
    /// The lines that hold statements.
    files: Mutex<BTreeMap<String, Lines>>,
    /// What was reached, known or not: a module is known only after the run that imports it.
    reached: Mutex<BTreeMap<String, Lines>>,
}

impl Coverage {
    /// Returns what notes each line that is reached.
    pub(super) fn watcher(self: &Arc<Self>) -> LineWatcher {
        let coverage = Arc::clone(self);
        Arc::new(move |source: &str, line: usize| {
            if is_library(source) {
                return;
            }
            let mut reached = lock(&coverage.reached);
            if !reached.contains_key(source) {
                reached.insert(source.to_owned(), Lines::new());
            }
            if let Some(lines) = reached.get_mut(source) {
                *lines.entry(line).or_default() += 1;
            }
        })
    }

    /// Begins to count the lines of a source; those of the library are nobody's here.
    pub(super) fn add(&self, source: &Source) {
        if is_library(&source.name) {
            return;
        }
        lock(&self.files)
            .entry(source.name.clone())
            .or_insert_with(|| {
                let lines = script::statement_lines(source).into_iter();
                lines.map(|line| (line, 0)).collect()
            });
    }

    /// Returns what was reached so far, by source.
    pub fn files(&self) -> BTreeMap<String, Lines> {
        let mut files = lock(&self.files).clone();
        let reached = lock(&self.reached);
        for (name, lines) in &mut files {
            for (line, count) in lines {
                let seen = reached.get(name).and_then(|lines| lines.get(line));
                *count = seen.copied().unwrap_or(0);
            }
        }
        files
    }

    /// Returns it in the form of `lcov`.
    pub fn lcov(&self) -> String {
        let mut text = String::new();
        for (name, lines) in self.files() {
            // Writing to a text cannot fail.
            _ = writeln!(text, "TN:\nSF:{name}");
            for (line, count) in &lines {
                _ = writeln!(text, "DA:{line},{count}");
            }
            let hit = lines.values().filter(|count| **count > 0).count();
            _ = writeln!(text, "LF:{}\nLH:{hit}\nend_of_record", lines.len());
        }
        text
    }
}

fn is_library(source: &str) -> bool {
    source.starts_with("std/")
}
