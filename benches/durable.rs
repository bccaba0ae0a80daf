//! What a durable run costs: to take up again, to leave waiting, and beside one without a record.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on fails")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use duvoscript::api::{Client, Settings};
use duvoscript::clock::{Clock, SystemClock};
use duvoscript::ids::Chance;
use duvoscript::journal::{Journal, NewRun, RunState, Write};
use duvoscript::run::{
    Around, Away, Beginning, DurableRun, ENGINE, End, EphemeralHost, Link, Patience, Permissions,
    Project, Silence, Surroundings,
};
use duvoscript::script::{Control, Limits, Outcome, Script, Source, execute};
use duvoscript::secret::{Secret, Veil};
use duvoscript::simulator::{self, Simulator};
use jiff::SignedDuration;
use serde_json::{Map, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// How many steps the run has that is taken up again.
const STEPS: usize = 10_000;
/// How many runs wait when the program starts anew.
const WAITING: usize = 1_000;
/// How many changes make one sample.
const CHANGES: usize = 100;

/// A simulator, and a journal in a folder that goes away with it.
struct World {
    clock: Arc<dyn Clock>,
    folder: TempDir,
    journal: Journal,
    simulator: Simulator,
    _runtime: Runtime,
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
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path(), Arc::clone(&clock)).unwrap();
        Self {
            clock,
            folder,
            journal,
            simulator,
            _runtime: runtime,
        }
    }

    fn surroundings(&self) -> Surroundings {
        let key = Secret::new(self.simulator.key().to_owned());
        let settings = Settings::new(self.simulator.url().parse().unwrap(), key);
        let clock = Arc::clone(&self.clock);
        Surroundings {
            connect: Box::new(move || {
                let chance = Arc::new(Chance::from_seed(1));
                let client = Client::new(settings.clone(), Arc::clone(&clock), chance)?;
                Ok(Link::new(client, Arc::clone(&clock)))
            }),
            clock: Arc::clone(&self.clock),
            chance: Arc::new(Chance::from_system()),
            project: Arc::new(Project::open(self.folder.path()).unwrap()),
            console: Arc::new(Silence),
            environment: BTreeMap::new(),
            permissions: Permissions::default(),
            veil: Veil::default(),
        }
    }

    fn around(&self) -> Around {
        Around {
            surroundings: self.surroundings(),
            runtime: one_thread(),
            patience: Patience::Suspend(Away::default()),
            crash: None,
        }
    }

    /// Begins a run and brings it as far as it goes; returns its id.
    fn begin(&self, text: &str) -> (String, End) {
        let beginning = Beginning {
            script: script(text),
            imports: Vec::new(),
            arguments: Map::new(),
            world: json!({}),
            limits: Limits::default(),
            timeout: None,
            parent: None,
            plan: None,
        };
        let run = DurableRun::begin(&self.journal, beginning, self.around()).unwrap();
        let id = run.id().to_owned();
        let concluded = run.execute(Arc::new(Control::default())).unwrap();
        (id, concluded.end)
    }

    /// Takes a run up, and puts it away again.
    fn replay(&self, id: &str) {
        let run = DurableRun::take_up(&self.journal, id, |_, _| Ok(self.around())).unwrap();
        let end = run.execute(Arc::new(Control::default())).unwrap().end;
        assert!(matches!(end, End::Suspended(_)), "{end:?}");
    }
}

fn one_thread() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

fn script(text: &str) -> Script {
    Script::load(Source {
        name: "bench.rhai".into(),
        text: text.into(),
    })
    .unwrap()
}

/// A run of many steps that then waits: the time between its being woken and its waiting again.
fn replay(criterion: &mut Criterion) {
    let world = World::new();
    let text = format!("for i in 0..{STEPS} {{ random(); }} sleep(\"30d\");");
    let (id, end) = world.begin(&text);
    assert!(matches!(end, End::Suspended(_)), "{end:?}");
    let mut group = criterion.benchmark_group("replay");
    group.sample_size(20);
    group.bench_function(
        format!("{STEPS} steps, and a moment in which nothing has come"),
        |bencher| {
            bencher.iter(|| world.replay(&id));
        },
    );
    let (id, _) = world.begin("sleep(\"30d\");");
    group.bench_function("1 step, and the same moment", |bencher| {
        bencher.iter(|| world.replay(&id));
    });
    group.finish();
}

/// Records a run that waits.
fn wait(world: &World, id: &str) {
    let now = world.clock.now();
    let new = NewRun {
        unattended: true,
        ..NewRun::queued(id, "bench.rhai", ENGINE, now)
    };
    world.journal.put(Write::Run(new)).unwrap();
    let state = Write::State {
        run: id.into(),
        state: RunState::Waiting,
        wake_at: Some(now + SignedDuration::from_hours(24)),
        reason: None,
    };
    world.journal.put(state).unwrap();
}

/// The start of a program whose predecessor was killed with many runs waiting.
fn restart(criterion: &mut Criterion) {
    let world = World::new();
    for number in 0..WAITING {
        wait(&world, &format!("waiting-{number}"));
    }
    world.journal.force().unwrap();
    let mut group = criterion.benchmark_group("restart");
    group.sample_size(20);
    group.bench_function(
        format!("journal with {WAITING} waiting runs: open, and ask what is due"),
        |bencher| {
            bencher.iter(|| {
                let journal = open(world.folder.path(), &world.clock);
                assert!(journal.due(world.clock.now(), &[], 100).unwrap().is_empty());
                assert!(journal.next_due().unwrap().is_some());
            });
        },
    );
    group.finish();
}

fn open(folder: &Path, clock: &Arc<dyn Clock>) -> Journal {
    Journal::open(folder, Arc::clone(clock)).unwrap()
}

/// Changes one after the other over HTTP, with and without a record.
fn changes(criterion: &mut Criterion) {
    let world = World::new();
    let text = format!(
        "let queue = duvo::queues::find(\"Invoices\");
         for i in 0..{CHANGES} {{ duvo::queues::update(queue, #{{ description: `${{i}}` }}); }}"
    );
    let mut group = criterion.benchmark_group(format!("{CHANGES} changes over HTTP"));
    group.sample_size(20);
    group.bench_function("ephemeral", |bencher| {
        bencher.iter(|| {
            let host = Arc::new(EphemeralHost::new(world.surroundings(), one_thread()));
            let control = Arc::new(Control::default());
            let ended = execute(
                &script(&text),
                &Map::new(),
                host,
                &Limits::default(),
                control,
            );
            assert!(
                matches!(ended.outcome, Outcome::Done(_)),
                "{:?}",
                ended.outcome
            );
        });
    });
    group.bench_function("durable", |bencher| {
        bencher.iter(|| {
            let (_, end) = world.begin(&text);
            assert!(matches!(end, End::Done(_)), "{end:?}");
        });
    });
    group.finish();
}

criterion_group!(benches, replay, restart, changes);
criterion_main!(benches);
