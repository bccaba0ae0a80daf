//! What a script costs over doing the same by hand, measured side by side in one run.
//!
//! Each group pairs the script with the bare thing it wraps; `README.md` quotes their ratios.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on fails")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use duvoscript::api::{Client, Settings};
use duvoscript::clock::{Clock, SystemClock};
use duvoscript::ids::Chance;
use duvoscript::run::{EphemeralHost, Link, Permissions, Project, Silence, Surroundings};
use duvoscript::script::{Control, Limits, Outcome, Script, Source, decode, execute};
use duvoscript::secret::{Secret, Veil};
use duvoscript::simulator::{self, Simulator};
use serde_json::Map;
use tokio::runtime::Runtime;

/// How many calls make one sample.
const CALLS: usize = 1000;

struct World {
    runtime: Runtime,
    clock: Arc<dyn Clock>,
    simulator: Simulator,
}

impl World {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let mut settings = simulator::Settings::new();
        settings.rate_limit = None;
        let simulator = runtime.block_on(Simulator::start(settings)).unwrap();
        Self {
            runtime,
            clock,
            simulator,
        }
    }

    fn settings(&self) -> Settings {
        let url = self.simulator.url().parse().unwrap();
        Settings::new(url, Secret::new(self.simulator.key().to_owned()))
    }

    fn run(&self, text: &str) {
        let source = Source {
            name: "bench.rhai".into(),
            text: text.into(),
        };
        let (settings, clock) = (self.settings(), Arc::clone(&self.clock));
        let connect = move || {
            let chance = Arc::new(Chance::from_seed(1));
            let client = Client::new(settings.clone(), Arc::clone(&clock), chance)?;
            Ok(Link::new(client, Arc::clone(&clock)))
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let around = Surroundings {
            connect: Box::new(connect),
            clock: Arc::clone(&self.clock),
            chance: Arc::new(Chance::from_seed(1)),
            project: Arc::new(Project::open(".").unwrap()),
            console: Arc::new(Silence),
            environment: BTreeMap::new(),
            permissions: Permissions::default(),
            veil: Veil::default(),
        };
        let host = Arc::new(EphemeralHost::new(around, runtime));
        let script = Script::load(source).unwrap();
        let control = Arc::new(Control::default());
        let ended = execute(&script, &Map::new(), host, &Limits::default(), control);
        assert!(
            matches!(ended.outcome, Outcome::Done(_)),
            "{:?}",
            ended.outcome
        );
    }

    /// Does the same with nothing but reqwest.
    fn bare(&self, calls: usize, concurrency: usize) {
        let client = reqwest::Client::new();
        let (url, key) = (
            format!("{}/v2/profile", self.simulator.url()),
            self.simulator.key().to_owned(),
        );
        self.runtime.block_on(async {
            let mut tasks = tokio::task::JoinSet::new();
            for _ in 0..concurrency {
                let (client, url, key) = (client.clone(), url.clone(), key.clone());
                tasks.spawn(async move {
                    for _ in 0..calls / concurrency {
                        let answer = client.get(&url).bearer_auth(&key).send().await.unwrap();
                        let body = answer.bytes().await.unwrap();
                        serde_json::from_slice::<serde_json::Value>(&body).unwrap();
                    }
                });
            }
            while let Some(task) = tasks.join_next().await {
                task.unwrap();
            }
        });
    }
}

fn calls(c: &mut Criterion) {
    // The bare client needs a TLS provider, though it speaks plain http here.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let world = World::new();
    let mut group = c.benchmark_group("calls");
    group
        .throughput(Throughput::Elements(CALLS as u64))
        .sample_size(20);
    for concurrency in [1, 16] {
        group.bench_function(BenchmarkId::new("bare reqwest", concurrency), |b| {
            b.iter(|| world.bare(CALLS, concurrency));
        });
        let text = match concurrency {
            1 => format!("for i in 0..{CALLS} {{ duvo::teams::profile(); }}"),
            n => format!(
                "let items = []; for i in 0..{n} {{ items.push(i); }} parallel(items, |i| {{ for j in 0..{} {{ duvo::teams::profile(); }} }}, #{{ concurrency: {n} }});",
                CALLS / n
            ),
        };
        group.bench_function(BenchmarkId::new("script", concurrency), |b| {
            b.iter(|| world.run(&text));
        });
    }
    group.finish();
}

fn json(c: &mut Criterion) {
    let items: Vec<_> = (0..100).map(item).collect();
    let body = serde_json::to_vec(&serde_json::json!({ "data": items, "total": 100 })).unwrap();
    let mut group = c.benchmark_group("json of a page of 100");
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function("serde_json", |b| {
        b.iter(|| serde_json::from_slice::<serde_json::Value>(&body).unwrap());
    });
    group.bench_function("script values", |b| {
        b.iter(|| decode(&body).unwrap());
    });
    group.finish();
}

fn item(number: u32) -> serde_json::Value {
    serde_json::json!({
        "id": format!("8d0f3c1e-6a2b-4c55-9a41-{number:012}"),
        "status": "completed",
        "agent_id": "8d0f3c1e-6a2b-4c55-9a41-000000000001",
        "agent_name": "Invoice matcher",
        "created_at": "2026-01-05T08:00:00.123Z",
        "updated_at": "2026-01-05T08:05:00.456Z",
        "case_title": "Invoice 4711 of Nordwind GmbH, 1,250.00 EUR, delivery note attached",
        "submitted_prompt_count": number,
        "eval_summaries": { "passed": 3, "total": 4, "status": "ready", "severityCounts": { "critical": 0, "medium": 1, "low": 0 } },
    })
}

fn start(c: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("empty.rhai"), "").unwrap();
    let spawn = |program: &str, arguments: &[&str], folder: &Path| {
        let mut command = Command::new(program);
        let status = command
            .args(arguments)
            .current_dir(folder)
            .stdout(Stdio::null())
            .status();
        assert!(status.unwrap().success());
    };
    let mut group = c.benchmark_group("cold start");
    group.sample_size(50);
    group.bench_function("true", |b| b.iter(|| spawn("true", &[], folder.path())));
    let program = env!("CARGO_BIN_EXE_duvoscript");
    group.bench_function("run of an empty script", |b| {
        b.iter(|| spawn(program, &["run", "empty.rhai"], folder.path()));
    });
    group.finish();
}

criterion_group!(benches, start, calls, json);
criterion_main!(benches);
