//! What is asked before something is destroyed: a simulator plays Duvo.

use std::net::TcpListener;
use std::process::Stdio;

use duvoscript::clock::VirtualClock;
use duvoscript::simulator::{Settings, Simulator};
use tokio::runtime::Runtime;

use crate::terminal::{Prompt, program};

struct Duvo {
    simulator: Simulator,
    _runtime: Runtime,
}

impl Duvo {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let clock = VirtualClock::new("2026-01-05T08:00:00Z".parse().unwrap());
        let settings = Settings::new().on_virtual(&clock);
        let simulator = runtime.block_on(Simulator::start(settings)).unwrap();
        Self {
            simulator,
            _runtime: runtime,
        }
    }

    fn command(&self, folder: &std::path::Path) -> std::process::Command {
        let mut command = program(folder);
        command
            .env("DUVO_API_KEY", self.simulator.key())
            .env("DUVO_API_BASE_URL", self.simulator.url())
            .arg("repl");
        command
    }
}

#[test]
fn a_destructive_call_asks_first_and_the_prompt_says_where() {
    let duvo = Duvo::start();
    let folder = tempfile::tempdir().unwrap();
    let command = duvo.command(folder.path());
    let mut prompt = Prompt::of(folder, command, "live 127.0.0.1> ");
    prompt.input("let queue = duvo::queues::find(\"Invoices\");");
    for (answer, left) in [("1", "Invoices"), ("2", "error")] {
        prompt.clear();
        prompt.types("duvo::queues::delete(queue)\r");
        let asked = prompt.shows("2) yes");
        assert!(
            asked
                .replace('\n', "")
                .contains("cannot be undone in live 127.0.0.1: go on?"),
            "{asked}"
        );
        prompt.enter_with(answer);
        let shown = prompt.input("duvo::queues::get(queue).name");
        assert!(shown.contains(left), "{shown}");
    }
    prompt.types(":sim\r");
    prompt.now("sim> ");
    assert_eq!(
        prompt.input("duvo::queues::find(\"Invoices\").name"),
        "Invoices"
    );
}

#[test]
fn a_pipe_destroys_only_when_it_may() {
    let duvo = Duvo::start();
    let folder = tempfile::tempdir().unwrap();
    let inputs = "duvo::queues::delete(duvo::queues::find(\"Invoices\"))\n";
    for (flags, code, told) in [(&[][..], 1, "nobody could be asked"), (&["--yes"], 0, "")] {
        let mut child = duvo
            .command(folder.path())
            .args(flags)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        std::io::Write::write_all(&mut stdin, inputs.as_bytes()).unwrap();
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{stderr}");
        assert!(stderr.contains(told), "{stderr}");
    }
}

#[test]
fn a_call_that_hangs_can_be_stopped_and_never_holds_the_prompt() {
    // It takes every connection, and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut command = program(folder.path());
    command
        .env("DUVO_API_KEY", "dv_0123456789")
        .env(
            "DUVO_API_BASE_URL",
            format!("http://{}", silent.local_addr().unwrap()),
        )
        .arg("repl");
    let mut prompt = Prompt::of(folder, command, "live 127.0.0.1> ");
    prompt.types("duvo::queues::get(\"Inv\t\toices");
    prompt.shows("get(\"Invoices");
    prompt.interrupt();
    prompt.clear();
    prompt.types("let n = 1; print(\"begun\"); duvo::queues::list()\r");
    prompt.shows("\nbegun");
    assert!(prompt.interrupt().contains("interrupted"));
    assert!(prompt.input("n").contains("there is no variable `n`"));
    assert_eq!(prompt.input("1 + 1"), "2");
}
