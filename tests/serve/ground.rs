//! What the tests share: a project, a simulator if wished, and daemons that can be asked and killed.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use duvoscript::simulator::{Settings, Simulator};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A project, and the world around it.
pub(crate) struct Ground {
    pub(crate) folder: TempDir,
    pub(crate) runtime: Runtime,
    pub(crate) simulator: Option<Simulator>,
}

impl Ground {
    /// Makes a project of some files that needs no API.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let ground = Self {
            folder,
            runtime,
            simulator: None,
        };
        for (name, text) in files {
            ground.write(name, text);
        }
        ground
    }

    /// Makes a project with a simulator of its own, in real time.
    pub(crate) fn simulated(files: &[(&str, &str)]) -> Self {
        let mut ground = Self::new(files);
        let mut settings = Settings::new();
        // What is sent twice shall count twice.
        settings.idempotency = false;
        let simulator = ground.runtime.block_on(Simulator::start(settings));
        ground.simulator = Some(simulator.unwrap());
        ground
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let file = self.folder.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }

    pub(crate) fn state(&self) -> std::path::PathBuf {
        self.folder.path().join(".duvoscript")
    }

    /// Returns the program in the project, about to do something.
    pub(crate) fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_duvoscript"));
        command
            .current_dir(self.folder.path())
            .env_clear()
            .env("NO_COLOR", "1")
            .env("USER", "ada")
            .stdin(Stdio::null())
            .args(arguments);
        if let Some(simulator) = &self.simulator {
            command
                .env("DUVO_API_BASE_URL", simulator.url())
                .env("DUVO_API_KEY", simulator.key());
        }
        command
    }

    /// Starts a daemon that listens at a free port.
    #[track_caller]
    pub(crate) fn serve(&self) -> Daemon<'_> {
        self.serve_with(&[], "").unwrap()
    }

    /// Starts a daemon with further options and fail points; gives back what it said when it ended
    /// before it listened.
    pub(crate) fn serve_with(
        &self,
        options: &[&str],
        points: &str,
    ) -> Result<Daemon<'_>, (Option<i32>, String)> {
        let mut command = self.program(&["serve", "--json"]);
        if !options.contains(&"--listen") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        command.args(options).env("FAILPOINTS", points);
        self.serve_as(command)
    }

    /// Starts a daemon by a command.
    pub(crate) fn serve_as(&self, command: Command) -> Result<Daemon<'_>, (Option<i32>, String)> {
        self.serve_in(&self.state(), command)
    }

    /// Starts a daemon by a command that names its state directory.
    pub(crate) fn serve_in(
        &self,
        state: &Path,
        mut command: Command,
    ) -> Result<Daemon<'_>, (Option<i32>, String)> {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        while serde_json::from_str::<Value>(&said).is_err() {
            if out.read_line(&mut said).unwrap() == 0 {
                let mut err = String::new();
                let mut stderr = child.stderr.take().unwrap();
                stderr.read_to_string(&mut err).unwrap();
                return Err((child.wait().unwrap().code(), err));
            }
        }
        let said: Value = serde_json::from_str(&said).unwrap();
        let token = std::fs::read_to_string(state.join("token")).unwrap();
        Ok(Daemon {
            ground: self,
            child,
            out,
            url: said["url"].as_str().unwrap().to_owned(),
            token: token.trim().to_owned(),
            client: duvoscript::api::outside_client().unwrap(),
        })
    }
}

/// A daemon that goes on, and is killed with the test.
pub(crate) struct Daemon<'a> {
    ground: &'a Ground,
    pub(crate) child: Child,
    out: BufReader<ChildStdout>,
    pub(crate) url: String,
    pub(crate) token: String,
    pub(crate) client: reqwest::Client,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) kind: String,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }
}

impl Daemon<'_> {
    /// Returns a request with the token.
    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = method.parse().unwrap();
        let request = self.client.request(method, format!("{}{path}", self.url));
        request.bearer_auth(&self.token)
    }

    /// Sends a request.
    #[track_caller]
    pub(crate) fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        self.try_send(request).unwrap()
    }

    /// Sends a request that a killed daemon may not answer.
    pub(crate) fn try_send(&self, request: reqwest::RequestBuilder) -> Option<Answer> {
        self.ground.runtime.block_on(async {
            let answer = request.send().await.ok()?;
            let kind = answer.headers().get("content-type");
            Some(Answer {
                status: answer.status().as_u16(),
                kind: kind.map_or_else(String::new, |kind| kind.to_str().unwrap().to_owned()),
                text: answer.text().await.ok()?,
            })
        })
    }

    /// Returns what a path shows.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Value {
        let answer = self.send(self.request("GET", path));
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }

    /// Has something done.
    #[track_caller]
    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.posting(path, body))
    }

    /// Returns a request that has something done.
    pub(crate) fn posting(&self, path: &str, body: &Value) -> reqwest::RequestBuilder {
        let request = self.request("POST", path);
        let request = request.header("content-type", "application/json");
        request.body(body.to_string())
    }

    /// Begins a run of a script; returns its id.
    #[track_caller]
    pub(crate) fn begin(&self, script: &str) -> String {
        let answer = self.post("/api/v1/runs", &json!({ "script": script }));
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// Waits until a run is in a state; returns it.
    #[track_caller]
    pub(crate) fn until(&self, run: &str, state: &str) -> Value {
        let path = format!("/api/v1/runs/{run}");
        for _ in 0..1200 {
            let seen = self.get(&path);
            if seen["state"] == state {
                return seen;
            }
            assert_eq!(seen["is_ended"], false, "{run} is not {state}: {seen:#}");
            rest(50);
        }
        panic!(
            "waited in vain for {run} to be {state}: {:#}",
            self.get(&path)
        );
    }

    /// Waits until something waits for a person; returns the first.
    #[track_caller]
    pub(crate) fn item(&self) -> Value {
        let items = || {
            self.get("/api/v1/inbox")["items"]
                .as_array()
                .unwrap()
                .clone()
        };
        until(|| !items().is_empty(), "something in the inbox");
        items().remove(0)
    }

    /// Sends it a signal of the system.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits until it ends; returns its exit code and what it said.
    pub(crate) fn wait(mut self) -> (Option<i32>, String) {
        let mut said = String::new();
        let mut err = self.child.stderr.take().unwrap();
        err.read_to_string(&mut said).unwrap();
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code(), said + rest.as_str())
    }

    /// Kills it, as nothing but the system can.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Daemon<'_> {
    fn drop(&mut self) {
        // It may have ended; a test that fails must leave nothing behind.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Waits until something holds, for a minute at most.
#[track_caller]
pub(crate) fn until(holds: impl Fn() -> bool, what: &str) {
    for _ in 0..1200 {
        if holds() {
            return;
        }
        rest(50);
    }
    panic!("waited in vain for {what}");
}

/// Waits a while, in real time.
#[expect(
    clippy::disallowed_methods,
    reason = "other processes have a time of their own"
)]
pub(crate) fn rest(milliseconds: u64) {
    std::thread::sleep(Duration::from_millis(milliseconds));
}

/// Returns whether a file may be read by its owner alone.
pub(crate) fn is_private(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file)
        .unwrap()
        .permissions()
        .mode()
        .trailing_zeros()
        >= 6
}
