//! What the tests of runs share: a project with a journal, a simulator if wished, and processes that
//! can be waited for and killed.

#![expect(clippy::panic, reason = "a test that cannot go on fails")]

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use duvoscript::clock::SystemClock;
use duvoscript::journal::{Journal, RunRow};
use duvoscript::simulator::{Settings, Simulator};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::{folder, program};

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Told {
    /// Returns the JSON on stdout.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

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

/// A project with one script `x.rhai`, and the world around it.
pub(crate) struct Ground {
    pub(crate) folder: TempDir,
    simulator: Option<(Simulator, Runtime)>,
}

impl Ground {
    /// Makes a project whose script needs no API.
    pub(crate) fn new(script: &str) -> Self {
        Self {
            folder: folder(script),
            simulator: None,
        }
    }

    /// Makes a project with a simulator of its own, in real time.
    pub(crate) fn simulated(script: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let mut settings = Settings::new();
        // What is sent twice shall count twice.
        settings.idempotency = false;
        let simulator = runtime.block_on(Simulator::start(settings)).unwrap();
        Self {
            folder: folder(script),
            simulator: Some((simulator, runtime)),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file of the project.
    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    /// Reads a file of the project; one that is not there is empty.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap_or_default()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(self.path());
        command.env("USER", "ada").args(arguments);
        if let Some((simulator, _)) = &self.simulator {
            command
                .env("DUVO_API_BASE_URL", simulator.url())
                .env("DUVO_API_KEY", simulator.key());
        }
        command
    }

    /// Runs a command to its end.
    pub(crate) fn call(&self, arguments: &[&str]) -> Told {
        told(self.command(arguments))
    }

    /// Runs the script to its end.
    pub(crate) fn run(&self) -> Told {
        self.call(&["run", "x.rhai"])
    }

    /// Runs a command and returns the JSON that it shows.
    #[track_caller]
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let told = self.call(&[arguments, &["--json"]].concat());
        assert_eq!(told.code, Some(0), "{told:?}");
        told.json()
    }

    /// Starts a command, and returns it while it goes on.
    pub(crate) fn start(&self, arguments: &[&str]) -> Going {
        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Going { child, out }
    }

    pub(crate) fn journal(&self) -> Journal {
        let state = self.path().join(".duvoscript");
        Journal::open(&state, Arc::new(SystemClock::new())).unwrap()
    }

    /// Waits until there is a run with some steps.
    #[track_caller]
    pub(crate) fn until_steps(&self, steps: u32) {
        let journal = self.journal();
        let is_there = || {
            let newest = journal.find("last").unwrap().pop();
            newest.is_some_and(|run| run.steps >= steps)
        };
        until(is_there, &format!("{steps} steps"));
    }

    /// Returns the newest run.
    pub(crate) fn last(&self) -> RunRow {
        self.journal().find("last").unwrap().remove(0)
    }

    /// Waits until the newest run is in a state, as `runs list` shows it.
    #[track_caller]
    pub(crate) fn until(&self, state: &str) -> RunRow {
        let journal = self.journal();
        let newest = || journal.find("last").unwrap().pop();
        let is_there = || newest().is_some_and(|run| run.state.as_str() == state);
        until(is_there, &format!("the run to be {state}"));
        newest().unwrap()
    }

    /// Returns how often the simulator did something of a name.
    pub(crate) fn count(&self, endpoint: &str) -> usize {
        let (simulator, _) = self.simulator.as_ref().unwrap();
        let ledger = simulator.ledger();
        let entries = ledger.as_array().unwrap().iter();
        let done = entries.filter(|entry| entry["status"].as_u64().unwrap() < 300);
        done.filter(|entry| entry["endpoint"] == endpoint).count()
    }

    /// Has the simulator follow a rule from now on, or none.
    pub(crate) fn fault(&self, rule: Option<&Value>) {
        let (simulator, runtime) = self.simulator.as_ref().unwrap();
        let client = duvoscript::api::outside_client().unwrap();
        let url = format!("{}/_sim/faults", simulator.url());
        let request = match rule {
            Some(rule) => client.post(url).body(rule.to_string()),
            None => client.delete(url),
        };
        let answer = runtime.block_on(request.send()).unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
    }
}

/// A process that goes on.
pub(crate) struct Going {
    pub(crate) child: Child,
    out: BufReader<std::process::ChildStdout>,
}

impl Going {
    /// Waits for a line of output.
    #[track_caller]
    pub(crate) fn line(&mut self, wanted: &str) {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        assert_eq!(line.trim_end(), wanted);
    }

    /// Returns what it writes to stdout.
    pub(crate) fn out(&mut self) -> &mut impl BufRead {
        &mut self.out
    }

    /// Kills it, as nothing but the system can.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Told {
        self.wait()
    }

    /// Waits for its end, and returns what it wrote since.
    pub(crate) fn wait(&mut self) -> Told {
        let mut out = String::new();
        self.out.read_to_string(&mut out).unwrap();
        let mut err = String::new();
        let stderr = self.child.stderr.as_mut().unwrap();
        stderr.read_to_string(&mut err).unwrap();
        Told {
            code: self.child.wait().unwrap().code(),
            out,
            err,
        }
    }
}

impl Drop for Going {
    fn drop(&mut self) {
        // It may have ended; a test that fails must leave nothing behind.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn told(mut command: Command) -> Told {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Told {
        code: output.status.code(),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// Waits until something holds, for a minute at most.
#[track_caller]
#[expect(
    clippy::disallowed_methods,
    reason = "other processes have a time of their own"
)]
pub(crate) fn until(holds: impl Fn() -> bool, what: &str) {
    for _ in 0..1200 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("waited in vain for {what}");
}
