//! What schedules cost: a year of slots, a single look at the next one, and what a daemon does with
//! them: 1,000 that are due in one instant, 10,000 at rest, and a year of one that fires each minute.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on fails")]

#[path = "shared/late.rs"]
mod late;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use duvoscript::clock::{Clock, Sleep, SystemClock};
use duvoscript::ids::Chance;
use duvoscript::journal::{Fate, Journal, RunState, SlotFilter, Write};
use duvoscript::run::Project;
use duvoscript::schedule::{Keeper, Parts, Plan, Timing, zone};
use duvoscript::secret::Veil;
use jiff::{SignedDuration, Timestamp, ToSpan};
use tempfile::TempDir;

fn plan(cron: &str) -> Plan {
    let timing = Timing::cron(cron).unwrap();
    Plan::new("bench", timing, zone("Europe/Prague").unwrap())
}

fn start() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn year(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("a year of slots");
    let end = start() + (365 * 24).hours();
    let mut minutely = plan("* * * * *");
    let mut bench = |name: &str, plan: &Plan| {
        let count = || {
            plan.after(start())
                .take_while(|slot| slot.at <= end)
                .count()
        };
        group.throughput(Throughput::Elements(count().try_into().unwrap()));
        group.bench_function(name, |bencher| bencher.iter(count));
    };
    bench("every minute", &minutely);
    minutely.jitter = Duration::from_secs(30);
    bench("every minute, with jitter", &minutely);
    bench("either day", &plan("*/5 8-18 1,15 * mon"));
    group.finish();
}

fn next(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("the next slot");
    for cron in ["* * * * *", "30 7 * * 1-5", "0 12 29 2 *"] {
        let plan = plan(cron);
        group.bench_with_input(BenchmarkId::from_parameter(cron), &plan, |bencher, plan| {
            bencher.iter(|| plan.after(start()).next());
        });
    }
    group.bench_function("reading an expression", |bencher| {
        bencher.iter(|| Timing::cron("*/15 9-17 * jan-nov mon-fri"));
    });
    group.finish();
}

/// A clock that runs with the real one from where it was set.
#[derive(Debug)]
struct Running {
    real: SystemClock,
    set: Mutex<(Timestamp, Duration)>,
}

impl Running {
    fn new() -> Self {
        Self {
            real: SystemClock::new(),
            set: Mutex::new((start(), Duration::ZERO)),
        }
    }

    fn set(&self, at: Timestamp) {
        *self.set.lock().unwrap() = (at, self.real.elapsed());
    }
}

impl Clock for Running {
    fn now(&self) -> Timestamp {
        let (at, since) = *self.set.lock().unwrap();
        at + SignedDuration::try_from(self.real.elapsed().saturating_sub(since)).unwrap()
    }

    fn elapsed(&self) -> Duration {
        self.real.elapsed()
    }

    fn sleep(&self, _: Duration) -> Sleep {
        Box::pin(std::future::ready(()))
    }
}

/// A daemon's keeper, and the world around it.
struct World {
    clock: Arc<Running>,
    journal: Journal,
    keeper: Keeper,
    folder: TempDir,
}

impl World {
    /// Serves so many schedules, all with these keys.
    fn new(schedules: usize, keys: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("scripts")).unwrap();
        std::fs::write(
            folder.path().join("scripts/a.rhai"),
            "let a = 1;\n".repeat(50),
        )
        .unwrap();
        let one =
            |at| format!("[[schedule]]\nname = \"s{at}\"\nscript = \"scripts/a.rhai\"\n{keys}\n");
        let settings: String = (0..schedules).map(one).collect();
        std::fs::write(folder.path().join("duvoscript.toml"), settings).unwrap();
        let clock = Arc::new(Running::new());
        let shared: Arc<dyn Clock> = Arc::clone(&clock) as _;
        let journal = Journal::open(&folder.path().join("state"), Arc::clone(&shared)).unwrap();
        let mut keeper = Keeper::new(Parts {
            journal: journal.clone(),
            clock: shared,
            chance: Arc::new(Chance::from_seed(1)),
            project: Arc::new(Project::open(folder.path()).unwrap()),
            world: serde_json::json!({}),
            environment: BTreeMap::new(),
            veil: Veil::default(),
        });
        let faults = keeper.reload().unwrap().faults;
        assert!(faults.is_empty(), "{faults:?}");
        keeper.turn(start()).unwrap();
        Self {
            clock,
            journal,
            keeper,
            folder,
        }
    }

    /// Takes a turn at a time; returns how many runs it made.
    fn turn(&mut self, at: Timestamp) -> usize {
        self.clock.set(at);
        self.keeper.turn(at).unwrap().fired
    }

    /// Ends all runs that a daemon would execute.
    fn end_all(&self) {
        for due in self
            .journal
            .due(Timestamp::MAX, &[], usize::MAX >> 1)
            .unwrap()
        {
            let end = Write::End {
                run: due.run,
                state: RunState::Done,
                at: self.clock.now(),
                exit: 0,
                result: None,
                problem: None,
            };
            self.journal.put(end).unwrap();
        }
    }

    /// Returns how late each slot of an instant was committed: at the latest when the next portion
    /// began.
    fn lateness(&self, at: Timestamp, turn: Duration) -> Vec<Duration> {
        let slots = self.journal.slots(&SlotFilter {
            from: Some(at),
            ..SlotFilter::default()
        });
        let slots = slots.unwrap();
        assert!(
            slots
                .iter()
                .all(|slot| slot.at == at && slot.fate == Fate::Ran)
        );
        let begun: BTreeSet<_> = slots.iter().map(|slot| slot.decided_at).collect();
        let late = |decided: Timestamp| {
            let next = begun
                .range(decided + SignedDuration::from_nanos(1)..)
                .next();
            next.map_or(turn, |next| next.duration_since(at).unsigned_abs())
        };
        slots.iter().map(|slot| late(slot.decided_at)).collect()
    }
}

/// Waits until what the runs before have left to do in the background is done.
#[expect(
    clippy::disallowed_methods,
    reason = "the journal works in real time, whatever the clock says"
)]
fn rest_a_while() {
    std::thread::sleep(Duration::from_millis(200));
}

fn burst(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("1,000 schedules due in one instant");
    group.sample_size(10);
    let mut world = World::new(1000, "cron = \"0 * * * *\"");
    let mut at = start();
    let mut lateness = Vec::new();
    group.bench_function("decided, with their runs", |bencher| {
        bencher.iter_custom(|times| {
            let mut spent = Duration::ZERO;
            for _ in 0..times {
                world.end_all();
                world.turn(at + 1.minute());
                at += 1.hour();
                rest_a_while();
                world.clock.set(at);
                let begun = world.clock.elapsed();
                assert_eq!(world.keeper.turn(at).unwrap().fired, 1000);
                let turn = world.clock.elapsed().saturating_sub(begun);
                lateness.extend(world.lateness(at, turn));
                spent += turn;
            }
            spent
        });
    });
    group.finish();
    late::tell("slots decided", &mut lateness);
    drop(world.folder);
}

fn rest(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("10,000 schedules at rest");
    group.sample_size(10);
    let mut world = World::new(10_000, "cron = \"0 0 1 1 *\"");
    let mut at = start();
    group.bench_function("a turn with nothing to do", |bencher| {
        bencher.iter(|| {
            at += 1.second();
            assert_eq!(world.turn(at), 0);
        });
    });
    group.bench_function("a reload that changes nothing", |bencher| {
        bencher.iter(|| world.keeper.reload().unwrap());
    });
    group.finish();
}

fn served(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("one schedule that fires each minute");
    group.sample_size(10);
    group.bench_function("a year that nobody was there for", |bencher| {
        bencher.iter_batched(
            || World::new(1, "cron = \"* * * * *\""),
            |mut world| {
                let end = start() + (365 * 24).hours();
                assert_eq!(world.turn(end), 1);
                world
            },
            criterion::BatchSize::PerIteration,
        );
    });
    group.bench_function("a day with a run for each slot", |bencher| {
        let mut world = World::new(1, "cron = \"* * * * *\"");
        let mut at = start();
        bencher.iter(|| {
            for _ in 0..24 * 60 {
                at += 1.minute();
                assert_eq!(world.turn(at), 1);
                world.end_all();
            }
        });
    });
    group.finish();
}

criterion_group!(benches, year, next, burst, rest, served);
criterion_main!(benches);
