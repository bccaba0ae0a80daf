//! What the simulator gives as a program of its own: requests a second, time until it is ready, memory.
//!
//! The program is the release build, in another process than the load. For the requests it is put on
//! the second core where `taskset` can do that; `taskset -c 0 cargo bench --bench simulator` keeps
//! the load on the first. The memory is printed, for it is no duration.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that goes wrong shall stop, and the memory is told"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use serde_json::{Value, json};

/// Requests that make one sample.
const REQUESTS: usize = 4000;
/// Cases with which the memory is measured.
const CASES: usize = 10_000;
const BINARY: &str = env!("CARGO_BIN_EXE_duvoscript");

/// A running `duvoscript sim`, ended when it is dropped.
struct Program {
    child: Child,
    address: String,
    key: String,
}

impl Program {
    /// Starts it, and returns when it has said where it is.
    fn start() -> Self {
        Self::run(Command::new(BINARY))
    }

    /// Starts it on a core of its own, if that can be had.
    fn apart() -> Self {
        let core = ["-c", "1"];
        let can = Command::new("taskset").args(core).arg("true").status();
        if !can.is_ok_and(|status| status.success()) {
            return Self::start();
        }
        let mut command = Command::new("taskset");
        command.args(core).arg(BINARY);
        Self::run(command)
    }

    fn run(mut command: Command) -> Self {
        let mut child = command
            .args(["sim", "--output", "json", "--rate-limit", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut told = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        while serde_json::from_str::<Value>(&told).is_err() {
            assert_ne!(lines.read_line(&mut told).unwrap(), 0, "{told}");
        }
        let told: Value = serde_json::from_str(&told).unwrap();
        let url = told["url"].as_str().unwrap();
        Self {
            child,
            address: url.trim_start_matches("http://").to_owned(),
            key: told["key"].as_str().unwrap().to_owned(),
        }
    }

    fn line(&self) -> Line {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_nodelay(true).unwrap();
        Line {
            reader: BufReader::new(stream.try_clone().unwrap()),
            stream,
        }
    }

    /// Returns a request as HTTP writes it.
    fn request(&self, method: &str, target: &str, body: &Value) -> String {
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        let length = body.len();
        format!(
            "{method} {target} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}",
            self.key
        )
    }

    fn call(&self, method: &str, target: &str, body: &Value) -> Value {
        self.line().exchange(&self.request(method, target, body))
    }

    fn team(&self) -> String {
        let teams = self.call("GET", "/v2/teams", &Value::Null);
        teams["teams"][0]["id"].as_str().unwrap().to_owned()
    }

    /// Returns the memory that is in use, in bytes; `None` where the system does not tell it so.
    fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kilobytes * 1024)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A connection that is kept.
struct Line {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
}

impl Line {
    fn send(&mut self, request: &str) {
        self.stream.write_all(request.as_bytes()).unwrap();
    }

    /// Reads an answer that must be a success, and returns its body.
    fn receive(&mut self, body: &mut Vec<u8>) {
        let (mut line, mut length) = (String::new(), 0);
        self.reader.read_line(&mut line).unwrap();
        assert!(line.starts_with("HTTP/1.1 2"), "{line}");
        while line != "\r\n" {
            line.clear();
            self.reader.read_line(&mut line).unwrap();
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.trim().parse().unwrap();
            }
        }
        body.resize(length, 0);
        self.reader.read_exact(body).unwrap();
    }

    fn exchange(&mut self, request: &str) -> Value {
        let mut body = Vec::new();
        self.send(request);
        self.receive(&mut body);
        serde_json::from_slice(&body).unwrap()
    }
}

fn requests(c: &mut Criterion) {
    let program = Program::apart();
    let team = program.team();
    let jobs = program.call(
        "GET",
        &format!("/v2/teams/{team}/runs?limit=1"),
        &Value::Null,
    );
    let id = match jobs["data"][0]["id"].as_str() {
        Some(id) => id.to_owned(),
        None => started(&program, &team),
    };
    let request = program.request("GET", &format!("/v2/runs/{id}"), &Value::Null);
    let mut group = c.benchmark_group("jobs.get");
    group
        .throughput(Throughput::Elements(REQUESTS as u64))
        .sample_size(20);
    for connections in [1, 16, 64] {
        let mut lines: Vec<_> = (0..connections).map(|_| program.line()).collect();
        let mut body = Vec::new();
        group.bench_function(BenchmarkId::new("connections", connections), |b| {
            b.iter(|| {
                for _ in 0..REQUESTS / connections {
                    for line in &mut lines {
                        line.send(&request);
                    }
                    for line in &mut lines {
                        line.receive(&mut body);
                    }
                }
            });
        });
    }
    group.finish();
}

fn started(program: &Program, team: &str) -> String {
    let agents = program.call("GET", &format!("/v2/teams/{team}/agents"), &Value::Null);
    let body = json!({ "agent_id": agents["agents"][0]["id"], "message": "Begin" });
    let job = program.call("POST", &format!("/v2/teams/{team}/runs"), &body);
    job["run"]["id"].as_str().unwrap().to_owned()
}

fn ready(c: &mut Criterion) {
    let mut group = c.benchmark_group("ready");
    group.sample_size(50);
    // From exec until the first answer.
    group.bench_function("first answer", |b| b.iter(|| Program::start().team()));
    group.finish();
}

fn memory(_: &mut Criterion) {
    let program = Program::start();
    let empty = program.memory();
    let team = program.team();
    let queue = json!({ "name": "Large" });
    let queue = program.call("POST", &format!("/v2/teams/{team}/queues"), &queue);
    let target = format!(
        "/v2/queues/{}/cases",
        queue["queue"]["id"].as_str().unwrap()
    );
    let mut line = program.line();
    for batch in 0..CASES / 100 {
        let cases: Vec<_> = (0..100).map(|number| case(batch * 100 + number)).collect();
        line.exchange(&program.request("POST", &target, &json!({ "cases": cases })));
    }
    let total = program.call("GET", &format!("{target}?limit=1"), &Value::Null);
    assert_eq!(total["total"], CASES);
    let shown = |memory: Option<u64>| match memory {
        Some(bytes) => format!("{} MB", bytes.div_ceil(1_000_000)),
        None => "unknown".into(),
    };
    println!(
        "memory: {} at the start, {} with {CASES} cases",
        shown(empty),
        shown(program.memory())
    );
}

fn case(number: usize) -> Value {
    let data = json!({ "amount": number, "currency": "EUR", "supplier": "Nordwind GmbH" });
    json!({ "title": format!("Invoice {number}"), "data": data.to_string() })
}

criterion_group!(benches, memory, ready, requests);
criterion_main!(benches);
