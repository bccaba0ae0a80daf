//! Pings: told over HTTP when a run starts, is done and fails; one that is lost harms nothing.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::json;

use crate::ground::{Ground, until};

/// Listens at a free port; returns its address, and the paths that are asked for.
fn listener() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, asked) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                request.extend(byte);
            }
            let head = String::from_utf8(request).unwrap();
            let path = head.split(' ').nth(1).unwrap().to_owned();
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                .unwrap();
            if sender.send(path).is_err() {
                return;
            }
        }
    });
    (format!("http://{address}"), asked)
}

fn script(ping: &str, body: &str) -> String {
    format!(
        "// /// duvoscript\n// [schedule]\n// cron = \"0 0 1 1 *\"\n// ping = \"{ping}\"\n// ///\n{body}"
    )
}

#[test]
fn starts_successes_and_failures_are_told() {
    let (url, asked) = listener();
    let good = script(&format!("{url}/good"), "print(1);");
    let bad = script(&format!("{url}/bad"), "throw \"worn out\";");
    let ground = Ground::new(&[("scripts/good.rhai", &good), ("scripts/bad.rhai", &bad)]);
    let daemon = ground.serve();
    let told = |schedule: &str| {
        let path = format!("/api/v1/schedules/{schedule}/trigger");
        assert_eq!(daemon.post(&path, &json!({})).json()["kind"], "triggered");
        let next = || asked.recv_timeout(Duration::from_secs(20)).unwrap();
        [next(), next()]
    };
    assert_eq!(told("good"), ["/good/start", "/good"]);
    assert_eq!(told("bad"), ["/bad/start", "/bad/fail"]);
}

#[test]
fn a_ping_that_nobody_takes_harms_nothing() {
    // Nobody listens at a port that was just given back.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let lonely = script(&format!("http://{address}/x"), "print(1);");
    let ground = Ground::new(&[("scripts/lonely.rhai", &lonely)]);
    let daemon = ground.serve();
    daemon.post("/api/v1/schedules/lonely/trigger", &json!({}));
    until(
        || {
            let runs = daemon.get("/api/v1/runs?schedule=lonely&state=done");
            runs.as_array().unwrap().len() == 1
        },
        "the run",
    );
    assert_eq!(daemon.get("/api/v1/health")["ok"], true);
}
