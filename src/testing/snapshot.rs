//! Values that are kept beside the tests: in `snapshots/FILE/TEST.json`, or with a name behind it.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::report::{Failure, FailureKind};

/// The snapshots of one test.
pub(super) struct Snapshots {
    root: PathBuf,
    folder: PathBuf,
    test: String,
    /// Whether they are kept anew.
    update: bool,
}

impl Snapshots {
    /// Returns the snapshots of a test of a file, which is named from the project's root.
    pub(super) fn new(root: &Path, file: &str, test: &str, update: bool) -> Self {
        let file = root.join(file);
        let stem = file.file_stem().unwrap_or_default();
        let beside = file.parent().unwrap_or(root);
        Self {
            root: root.to_owned(),
            folder: beside.join("snapshots").join(stem),
            test: test.strip_prefix("test_").unwrap_or(test).to_owned(),
            update,
        }
    }

    /// Returns what was kept under a name as `{"kept": …}`; keeps the value when that is wished.
    pub(super) fn meet(&self, name: &str, value: &Value) -> Result<Value, Failure> {
        let file = self.file(name)?;
        if self.update {
            self.keep(&file, value)?;
            return Ok(Value::Null);
        }
        let missing = || {
            let what = format!("there is no snapshot `{}`", self.shown(&file));
            Failure::new(FailureKind::NotFound, what).hint("`duvoscript test --update` keeps it")
        };
        let text = std::fs::read_to_string(&file).map_err(|_| missing())?;
        let kept: Value = serde_json::from_str(&text).map_err(|fault| {
            let what = format!("the snapshot `{}` is no JSON: {fault}", self.shown(&file));
            Failure::new(FailureKind::Io, what).hint("`duvoscript test --update` keeps it anew")
        })?;
        Ok(json!({ "kept": kept }))
    }

    fn shown<'a>(&self, file: &'a Path) -> std::path::Display<'a> {
        file.strip_prefix(&self.root).unwrap_or(file).display()
    }

    fn file(&self, name: &str) -> Result<PathBuf, Failure> {
        let is_plain = |letter: char| letter.is_alphanumeric() || "-_ ".contains(letter);
        if !name.chars().all(is_plain) {
            let what = format!("the name of a snapshot has letters and digits, not `{name}`");
            return Err(Failure::invalid(what));
        }
        let name = match name {
            "" => format!("{}.json", self.test),
            name => format!("{}-{}.json", self.test, name.replace(' ', "-")),
        };
        Ok(self.folder.join(name))
    }

    fn keep(&self, file: &Path, value: &Value) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(value).unwrap_or_default() + "\n";
        let written =
            std::fs::create_dir_all(&self.folder).and_then(|()| std::fs::write(file, text));
        written.map_err(|fault| {
            let what = format!("cannot write `{}`: {fault}", file.display());
            Failure::new(FailureKind::Io, what)
        })
    }
}
