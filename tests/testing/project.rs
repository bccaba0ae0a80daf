//! A project with scripts and tests of them.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Told {
    /// Asserts the exit code and the closing line.
    #[track_caller]
    pub(crate) fn closes(&self, code: i32, closing: &str) -> &Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.out.lines().last(), Some(closing), "{}", self.out);
        self
    }

    /// Asserts that stdout holds some words.
    #[track_caller]
    pub(crate) fn says(&self, words: &[&str]) -> &Self {
        for word in words {
            assert!(self.out.contains(word), "`{word}` is not in {}", self.out);
        }
        self
    }

    /// Asserts that it is a wrong command line, and that stderr holds some words.
    #[track_caller]
    pub(crate) fn refuses(&self, words: &[&str]) {
        assert_eq!(self.code, Some(2), "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "`{word}` is not in {}", self.err);
        }
    }
}

/// A project.
pub(crate) struct Project(TempDir);

impl Project {
    /// Makes a project with one test file `x_test.rhai`.
    pub(crate) fn new(tests: &str) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        project.write("x_test.rhai", tests);
        project
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file, and the folders that it needs.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Reads a file; one that is not there is empty.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap_or_default()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        command(self.path(), arguments)
    }

    /// Runs `duvoscript test` to its end.
    pub(crate) fn test(&self, arguments: &[&str]) -> Told {
        told(self.command(arguments))
    }

    /// Runs `duvoscript test --json`.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let told = self.test(&[&["--json"], arguments].concat());
        serde_json::from_str(&told.out).unwrap()
    }
}

/// Returns `duvoscript test` in a folder.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_duvoscript"));
    command
        .current_dir(folder)
        .env_clear()
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .arg("test")
        .args(arguments);
    command
}

/// Runs a command to its end.
pub(crate) fn told(mut command: Command) -> Told {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Told {
        code: output.status.code(),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}
