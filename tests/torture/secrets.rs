//! Marker secrets enter a run wherever they can; none may stay in the journal, a log, an error or an
//! export.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;

use crate::world::{Case, World, was_killed};

/// Every marker holds this.
const MARKER: &str = "marker-";

const CASE: Case = Case {
    name: "secrets.rhai",
    script: include_str!("secrets.rhai"),
    data: &[],
};

/// Answers every request with a token of its own; returns its address.
fn host() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 8192];
            let _ = stream.read(&mut request).unwrap();
            let body = r#"{"access_token":"marker-answer-5"}"#;
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nset-cookie: s=marker-cookie-6\r\n\
                 content-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    address
}

/// Fails when a marker stands in any file below a folder.
fn search(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            search(&path);
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let at = bytes
            .windows(MARKER.len())
            .position(|part| part == MARKER.as_bytes());
        let from = at.unwrap_or_default().saturating_sub(200);
        let around = &bytes[from..bytes.len().min(from + 300)];
        let told = String::from_utf8_lossy(around);
        assert!(at.is_none(), "{}: {told}", path.display());
    }
}

#[test]
fn no_secret_stays() {
    let world = World::new(&CASE);
    let script = world.folder.path().join(CASE.name);
    std::fs::write(&script, CASE.script.replace("HOST", &host())).unwrap();
    let secret = [
        "run",
        &world.option(),
        CASE.name,
        "--arg",
        "token=marker-argument-7",
    ];
    let run = |arguments: &[&str], fail_points: &str| {
        let mut command = world.command(arguments, fail_points);
        command.env("MARKER_ENV", "marker-environment-8");
        command.env("DUVOSCRIPT_LOG", "trace");
        command.output().unwrap()
    };
    // Killed while it sleeps, with everything recorded that came before.
    let killed = run(&secret, "run::send::before=8*off->1*return");
    assert!(
        was_killed(&killed),
        "{}",
        String::from_utf8_lossy(&killed.stderr)
    );
    let state = world.folder.path().join(".duvoscript");
    search(&state);

    let resumed = run(&["runs", "resume", "last"], "");
    let stderr = String::from_utf8_lossy(&resumed.stderr);
    assert_eq!(resumed.status.code(), Some(1), "{stderr}");
    assert!(!stderr.contains(MARKER), "{stderr}");
    assert!(
        stderr.contains("not-a-queue-"),
        "the script got to its end: {stderr}"
    );
    search(&state);
    for shown in [
        &["runs", "show", "last"][..],
        &["runs", "logs", "last"],
        &["runs", "export", "last"],
    ] {
        let output = world.program(shown, "");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(0), "{shown:?}");
        assert!(!text.contains(MARKER), "{shown:?}: {text}");
    }
}
