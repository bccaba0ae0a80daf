//! A project with a script, and a simulator that takes the place of the real system.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use duvoscript::simulator::{Settings, Simulator};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Told {
    /// Asserts the exit code, and that stderr holds some words.
    #[track_caller]
    pub(crate) fn ends(&self, code: i32, words: &[&str]) -> &Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "`{word}` is not in {}", self.err);
        }
        self
    }
}

/// A project, and the system that its scripts change.
pub(crate) struct World {
    folder: TempDir,
    simulator: Simulator,
    _runtime: Runtime,
}

impl World {
    /// Makes a project with one script `x.rhai`.
    pub(crate) fn new(script: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let simulator = runtime.block_on(Simulator::start(Settings::new())).unwrap();
        let world = Self {
            folder: tempfile::tempdir().unwrap(),
            simulator,
            _runtime: runtime,
        };
        world.write("x.rhai", script);
        world
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file of the project.
    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_duvoscript"));
        command
            .current_dir(self.path())
            .env_clear()
            .env("NO_COLOR", "1")
            .env("DUVO_API_BASE_URL", self.simulator.url())
            .env("DUVO_API_KEY", self.simulator.key())
            .stdin(Stdio::null())
            .args(arguments);
        command
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "other processes have a time of their own"
    )]
    /// Starts a run, and kills it once it waits.
    pub(crate) fn kill_once_it_waits(&self, arguments: &[&str]) {
        let mut child = self.command(arguments).spawn().unwrap();
        let waits = || {
            self.call(&["runs", "list", "--json"])
                .out
                .contains("\"waiting\"")
        };
        let came = (0..200).any(|_| {
            std::thread::sleep(Duration::from_millis(50));
            waits()
        });
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(came, "the run does not wait");
    }

    /// Runs a command to its end.
    pub(crate) fn call(&self, arguments: &[&str]) -> Told {
        let output = self.command(arguments).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Told {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// Returns the plan of the script, and keeps it in `plan.json`.
    #[track_caller]
    pub(crate) fn plan(&self) -> Value {
        let told = self.call(&["plan", "x.rhai", "--json"]);
        assert_eq!(told.code, Some(0), "{told:?}");
        self.write("plan.json", &told.out);
        serde_json::from_str(&told.out).unwrap()
    }

    /// Runs the script, held to `plan.json`.
    pub(crate) fn approved(&self, more: &[&str]) -> Told {
        self.call(&[&["run", "x.rhai", "--approve", "plan.json"], more].concat())
    }

    /// Returns the names of the changes that were made.
    pub(crate) fn made(&self) -> Vec<String> {
        let ledger = self.simulator.ledger();
        let entries = ledger.as_array().unwrap().iter();
        let name = |entry: &Value| entry["endpoint"].as_str().unwrap().to_owned();
        entries.map(name).collect()
    }
}
