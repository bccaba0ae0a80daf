//! What the journal costs beside the bare limit of the machine, measured in one run.
//!
//! The limit is a one-row commit of SQLite with `synchronous = FULL`, and below it one `fdatasync`.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on fails")]
#![expect(clippy::print_stdout, reason = "criterion does not measure memory")]

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use duvoscript::clock::{Clock, SystemClock};
use duvoscript::journal::{Journal, NewRun, NewStep, OutcomeRow, RunState, WaitRow, Write};
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use tempfile::TempDir;

/// How many steps the loaded run has.
const STEPS: u32 = 10_000;

/// How many runs wait.
const WAITING: u32 = 100_000;

/// What a small answer of the API looks like.
const BODY: &[u8] = br#"{"id":"5b1d7a52-5a4e-4b0f-9f0e-2f7b6f0f8f11","status":"running","created_at":"2026-01-01T00:00:00Z"}"#;

/// A journal in a folder that goes away with it, on the disk that the tests use.
struct World {
    journal: Journal,
    folder: TempDir,
    runs: AtomicU64,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path(), clock()).unwrap();
        Self {
            journal,
            folder,
            runs: AtomicU64::new(0),
        }
    }

    fn begin(&self) -> String {
        let number = self.runs.fetch_add(1, Ordering::Relaxed);
        let id = format!("5b1d7a52-5a4e-4b0f-9f0e-{number:012}");
        self.journal.put(Write::Run(new_run(&id))).unwrap();
        id
    }

    /// Makes steps that change the world: the intent is on the disk before the outcome is put.
    fn mutate(&self, run: &str, from: u32, steps: u32) {
        for ticket in from..from + steps {
            self.journal.put(Write::Step(step(run, ticket))).unwrap();
            self.journal.force().unwrap();
            self.journal.put(outcome(run, ticket)).unwrap();
        }
    }

    /// Makes steps that only read.
    fn read(&self, run: &str, steps: u32) {
        for ticket in 0..steps {
            self.journal.put(Write::Step(step(run, ticket))).unwrap();
            self.journal.put(outcome(run, ticket)).unwrap();
        }
    }
}

fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock::new())
}

fn new_run(id: &str) -> NewRun {
    NewRun {
        state: RunState::Running,
        unattended: true,
        ..NewRun::queued(
            id,
            "scripts/process_invoices.rhai",
            "1",
            Timestamp::UNIX_EPOCH,
        )
    }
}

fn step(run: &str, ticket: u32) -> NewStep {
    NewStep {
        run: run.into(),
        ticket,
        key: ticket.to_string(),
        kind: "call".into(),
        name: "jobs.start".into(),
        fingerprint: [7; 16],
        source: "scripts/process_invoices.rhai".into(),
        line: 12,
        column: 17,
        request: r#"{"agent_id":"5b1d7a52-5a4e-4b0f-9f0e-2f7b6f0f8f11","message":"go"}"#.into(),
        mutates: true,
        at: Timestamp::UNIX_EPOCH,
    }
}

fn outcome(run: &str, ticket: u32) -> Write {
    Write::Outcome {
        run: run.into(),
        ticket,
        done_seq: ticket,
        at: Timestamp::UNIX_EPOCH,
        attempts: 1,
        note: None,
        outcome: OutcomeRow {
            ok: true,
            form: "json".into(),
            body: BODY.to_vec(),
            sealed: None,
        },
    }
}

/// The least that a durable step could cost: one row in one forced commit.
struct Bare(Connection);

impl Bare {
    fn new(folder: &Path) -> Self {
        let db = Connection::open(folder.join("bare.db")).unwrap();
        db.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE step (key INTEGER PRIMARY KEY, body BLOB NOT NULL);",
        )
        .unwrap();
        Self(db)
    }

    fn commit(&self, rows: u32) {
        let execute = |statement| self.0.prepare_cached(statement).unwrap().execute([]);
        execute("BEGIN IMMEDIATE").unwrap();
        for _ in 0..rows {
            self.0
                .prepare_cached("INSERT INTO step (body) VALUES (?)")
                .unwrap()
                .execute([BODY])
                .unwrap();
        }
        execute("COMMIT").unwrap();
    }
}

/// The bare limit of the machine.
fn limits(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let mut group = criterion.benchmark_group("limit");
    let mut file = File::create(folder.path().join("page")).unwrap();
    group.bench_function("fdatasync of 4 KiB", |bencher| {
        bencher.iter(|| {
            file.write_all(&[7; 4096]).unwrap();
            file.sync_data().unwrap();
        });
    });
    let bare = Bare::new(folder.path());
    group.throughput(Throughput::Elements(1));
    group.bench_function("SQLite commit of 1 row", |bencher| {
        bencher.iter(|| bare.commit(1));
    });
    group.throughput(Throughput::Elements(64));
    group.bench_function("SQLite commit of 64 rows", |bencher| {
        bencher.iter(|| bare.commit(64));
    });
    group.finish();
}

/// Steps that change the world, of one run and of many at once.
fn mutations(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("mutations");
    group.throughput(Throughput::Elements(1));
    group.measurement_time(Duration::from_secs(8));
    for callers in [1_u32, 16, 64] {
        group.bench_function(format!("{callers} at once"), |bencher| {
            let world = World::new();
            let clock = SystemClock::new();
            bencher.iter_custom(|steps| {
                let each = u32::try_from(steps).unwrap().div_ceil(callers);
                let runs: Vec<_> = (0..callers).map(|_| world.begin()).collect();
                world.journal.force().unwrap();
                let from = clock.elapsed();
                thread::scope(|scope| {
                    for run in &runs {
                        let world = &world;
                        scope.spawn(move || world.mutate(run, 0, each));
                    }
                });
                let took = clock.elapsed().saturating_sub(from);
                // Callers do whole steps, which may be a few more than were asked for.
                took * u32::try_from(steps).unwrap() / (each * callers)
            });
        });
    }
    group.finish();
}

/// Steps that only read: nothing is forced.
fn reads(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("reads");
    group.throughput(Throughput::Elements(1000));
    group.bench_function("put and commit", |bencher| {
        let world = World::new();
        bencher.iter(|| {
            world.read(&world.begin(), 1000);
            world.journal.flush().unwrap();
        });
    });
    group.finish();
}

/// A long run is loaded for its replay.
fn load(criterion: &mut Criterion) {
    let world = World::new();
    let run = world.begin();
    world.read(&run, STEPS);
    world.journal.flush().unwrap();
    let mut group = criterion.benchmark_group("load");
    group.throughput(Throughput::Elements(STEPS.into()));
    group.bench_function(format!("{STEPS} steps"), |bencher| {
        bencher.iter(|| assert_eq!(world.journal.steps(&run).unwrap().len(), STEPS as usize));
    });
    group.finish();
}

/// Many runs wait, and a few are due.
fn waiting(criterion: &mut Criterion) {
    let world = World::new();
    let before = resident();
    for number in 0..WAITING {
        let run = world.begin();
        let wake_at = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(number.into());
        let wait = WaitRow {
            run: run.clone(),
            ticket: 0,
            kind: "sleep".into(),
            about: "{}".into(),
            since: Timestamp::UNIX_EPOCH,
            wake_at: Some(wake_at),
        };
        let state = Write::State {
            run,
            state: RunState::Waiting,
            wake_at: Some(wake_at),
            reason: None,
        };
        world.journal.put(Write::Wait(wait)).unwrap();
        world.journal.put(state).unwrap();
    }
    world.journal.flush().unwrap();
    let grown = resident().saturating_sub(before) / 1024;
    let size = fs::metadata(world.folder.path().join("journal.db"))
        .unwrap()
        .len()
        >> 20;
    println!("{WAITING} waiting runs: {grown} MiB more memory, {size} MiB on the disk");
    let now = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(10);
    let mut group = criterion.benchmark_group("waiting");
    group.bench_function(format!("due of {WAITING}"), |bencher| {
        bencher.iter(|| assert_eq!(world.journal.due(now, &[], 100).unwrap().len(), 11));
    });
    group.finish();
}

/// Returns how much memory this process has in use, in KiB; 0 where the system does not tell.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok())
        .unwrap_or(0)
}

criterion_group! {
    name = journal;
    config = Criterion::default().sample_size(20);
    targets = waiting, limits, mutations, reads, load
}
criterion_main!(journal);
