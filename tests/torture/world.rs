//! A world of its own for each run: a simulator whose time the run moves by hand, a project, a journal.

use std::io::{Read, Write};
use std::process::{Command, Output, Stdio};

use duvoscript::catalog::{self, Repeat};
use duvoscript::clock::VirtualClock;
use duvoscript::simulator::{Settings, Simulator};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A script, and what it needs beside it.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) script: &'static str,
    pub(crate) data: &'static [(&'static str, &'static str)],
}

/// A world of its own: a simulator whose time moves by hand, a project, and a journal.
pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) simulator: Simulator,
    _runtime: Runtime,
}

impl World {
    pub(crate) fn new(case: &Case) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let clock = VirtualClock::new("2026-01-05T08:00:00Z".parse().unwrap());
        let mut settings = Settings::new().on_virtual(&clock);
        settings.rate_limit = None;
        // What is sent twice shall count twice.
        settings.idempotency = false;
        let simulator = runtime.block_on(Simulator::start(settings)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in case.data.iter().chain(&[(case.name, case.script)]) {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self {
            folder,
            simulator,
            _runtime: runtime,
        }
    }

    /// Sends something to the simulator's control.
    pub(crate) fn control(&self, method: &str, path: &str, body: &Value) {
        let address = self
            .simulator
            .url()
            .trim_start_matches("http://")
            .to_owned();
        let body = body.to_string();
        let request = format!(
            "{method} /_sim/{path} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {}\r\n\
             connection: close\r\n\r\n{body}",
            body.len()
        );
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    /// Runs the program in the project, and waits for its end.
    pub(crate) fn program(&self, arguments: &[&str], fail_points: &str) -> Output {
        self.command(arguments, fail_points).output().unwrap()
    }

    /// Returns the program, ready to run in the project.
    pub(crate) fn command(&self, arguments: &[&str], fail_points: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_duvoscript"));
        command
            .current_dir(self.folder.path())
            .env_clear()
            .env("NO_COLOR", "1")
            .env("DUVO_API_KEY", self.simulator.key())
            .env("FAILPOINTS", fail_points)
            .args(arguments)
            .args(["--output", "json"])
            .stdin(Stdio::null());
        command
    }

    /// Returns the option that names this world.
    pub(crate) fn option(&self) -> String {
        format!("--sim={}", self.simulator.url())
    }

    pub(crate) fn start(&self, case: &Case, fail_points: &str) -> Output {
        self.program(&["run", &self.option(), case.name], fail_points)
    }

    /// Takes the run up until it ends; `fail_points` are in force the first time.
    pub(crate) fn go_on(&self, fail_points: &str) -> Output {
        let output = self.program(&["runs", "resume", "last"], fail_points);
        if was_killed(&output) {
            return self.program(&["runs", "resume", "last"], "");
        }
        output
    }

    /// Returns every mutation that was done, without ids, sorted. One that leaves the same behind when
    /// it is done twice counts once.
    pub(crate) fn mutations(&self) -> Vec<String> {
        let ledger = self.simulator.ledger();
        let mut told: Vec<String> = Vec::new();
        for entry in ledger.as_array().unwrap() {
            let name = entry["endpoint"].as_str().unwrap();
            let shown = without_ids(&format!("{name} {}", entry["body"]));
            let is_once = catalog::by_name(name).is_none_or(|found| found.repeat == Repeat::Once);
            let is_done = entry["status"].as_u64().is_some_and(|status| status < 300);
            if is_done && (is_once || !told.contains(&shown)) {
                told.push(shown);
            }
        }
        told.sort();
        told
    }
}

/// Ids differ between runs: each becomes the same word.
pub(crate) fn without_ids(text: &str) -> String {
    let pattern =
        regex_lite::Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    pattern.unwrap().replace_all(text, "ID").into_owned()
}

pub(crate) fn was_killed(output: &Output) -> bool {
    use std::os::unix::process::ExitStatusExt;
    output.status.signal() == Some(9)
}

pub(crate) fn result(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|_| {
        json!({ "code": output.status.code(), "stderr": String::from_utf8_lossy(&output.stderr) })
    })
}
