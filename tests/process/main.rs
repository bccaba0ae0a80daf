//! What needs the real program: exit codes, signals, pipes, a terminal, and runs that outlive it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod commands;
mod exits;
mod ground;
mod interrupts;
mod keys;
mod questions;
mod runs_again;
mod runs_files;
mod runs_orders;
mod runs_people;
mod runs_seen;
mod runs_upgrade;
mod simulators;

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_duvoscript"));
    command
        .current_dir(folder)
        .env_clear()
        .env("NO_COLOR", "1")
        .stdin(Stdio::null());
    command
}

fn folder(script: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.rhai"), script).unwrap();
    folder
}

/// Runs a script and returns exit code, stdout and stderr.
fn run(script: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = folder(script);
    let output = program(folder.path())
        .args(["run", "x.rhai"])
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// Runs the program in a folder and returns exit code, stdout and stderr.
fn call(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = program(folder).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// Answers every request with 401, and gives its address.
fn refusing_server() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).unwrap();
            let answer =
                "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    url
}
