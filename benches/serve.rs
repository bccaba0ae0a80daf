//! What the daemon costs those who wait for it: how late runs begin of which 1,000 are due in one
//! instant, and how long the page takes with 10,000 runs in the journal.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a bench that cannot go on fails"
)]

#[path = "shared/late.rs"]
mod late;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use duvoscript::clock::{Clock, SystemClock};
use duvoscript::ids::Chance;
use duvoscript::journal::{Fate, Journal, NewRun, RunFilter, RunRow, RunState, SlotFilter, Write};
use duvoscript::report::{Failure, FailureKind};
use duvoscript::run::Project;
use duvoscript::script::Limits;
use duvoscript::secret::{Secret, Veil};
use duvoscript::serve::{Daemon, Hooks, Listen, Parts, Served, Settings};
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// How many schedules are due in one instant.
const SCHEDULES: usize = 1_000;
/// How often they are.
const EVERY: SignedDuration = SignedDuration::from_secs(5);
/// How many runs the page is shown with.
const RUNS: usize = 10_000;

/// What lets in.
const TOKEN: &str = "benches";

/// A daemon that serves a project.
struct World {
    clock: Arc<dyn Clock>,
    journal: Journal,
    daemon: Daemon,
    runtime: Runtime,
    _folder: TempDir,
}

impl World {
    /// Starts it with these declarations.
    fn new(declared: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("scripts")).unwrap();
        std::fs::write(folder.path().join("scripts/a.rhai"), "let a = 1;").unwrap();
        std::fs::write(folder.path().join("duvoscript.toml"), declared).unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let journal = Journal::open(&folder.path().join("state"), Arc::clone(&clock)).unwrap();
        let parts = Parts {
            journal: journal.clone(),
            clock: Arc::clone(&clock),
            chance: Arc::new(Chance::from_seed(1)),
            project: Arc::new(Project::open(folder.path()).unwrap()),
            world: serde_json::json!({}),
            link: Err(Failure::new(FailureKind::Network, "there is no API here")),
            environment: BTreeMap::new(),
            veil: Veil::default(),
        };
        let settings = Settings {
            workers: 8,
            per_schedule: 1,
            grace: Duration::from_secs(2),
            limits: Limits::default(),
        };
        let guard = runtime.enter();
        let daemon = Daemon::start(parts, &settings).unwrap();
        drop(guard);
        Self {
            clock,
            journal,
            daemon,
            runtime,
            _folder: folder,
        }
    }

    fn sleep(&self, duration: Duration) {
        let sleep = async { self.clock.sleep(duration).await };
        self.runtime.block_on(sleep);
    }

    /// Returns the runs of an instant, once all of them have ended.
    fn runs_of(&self, instant: Timestamp) -> Vec<RunRow> {
        for _ in 0..300 {
            let mut runs = self
                .journal
                .runs(&RunFilter {
                    states: vec![RunState::Done],
                    since: Some(instant),
                    ..RunFilter::default()
                })
                .unwrap();
            runs.retain(|run| run.slot == Some(instant));
            if runs.len() == SCHEDULES {
                return runs;
            }
            self.sleep(Duration::from_millis(100));
        }
        let slots = self.daemon.desk().slots(SlotFilter {
            from: Some(instant),
            fates: vec![Fate::Skipped, Fate::Missed],
            limit: Some(1),
            ..SlotFilter::default()
        });
        panic!("not all of {instant} have run: {slots:?}");
    }
}

fn burst(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("1,000 schedules due in one instant");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    let mut made = Vec::new();
    let mut begun = Vec::new();
    group.bench_function("until the last run has ended", |bencher| {
        let begin = Timestamp::from_second(SystemClock::new().now().as_second() + 2).unwrap();
        let one = |at| {
            format!(
                "[[schedule]]\nname = \"s{at}\"\nscript = \"scripts/a.rhai\"\n\
                 every = \"{}s\"\nanchor = \"{begin}\"\n",
                EVERY.as_secs()
            )
        };
        let declared: String = (0..SCHEDULES).map(one).collect();
        let world = World::new(&declared);
        let mut instant = begin;
        bencher.iter_custom(|times| {
            let mut spent = Duration::ZERO;
            for _ in 0..times {
                while instant <= world.clock.now() {
                    instant += EVERY;
                }
                world.sleep(instant.duration_since(world.clock.now()).unsigned_abs());
                let runs = world.runs_of(instant);
                let since = |at: Timestamp| at.duration_since(instant).unsigned_abs();
                made.extend(runs.iter().map(|run| since(run.created_at)));
                begun.extend(runs.iter().filter_map(|run| run.started_at).map(since));
                let ended = runs.iter().filter_map(|run| run.ended_at).max().unwrap();
                spent += since(ended);
            }
            spent
        });
    });
    group.finish();
    late::tell("runs made", &mut made);
    late::tell("runs begun", &mut begun);
}

/// Puts runs that have ended into the journal, one for each of the last seconds.
fn fill(journal: &Journal) {
    let now = SystemClock::new().now();
    for number in 0..RUNS {
        let at = now - SignedDuration::from_secs(i64::try_from(RUNS - number).unwrap());
        let run = format!("run-{number:05}");
        let new = NewRun::queued(run.clone(), "scripts/a.rhai", "1", at);
        journal.put(Write::Run(new)).unwrap();
        let end = Write::End {
            run,
            state: RunState::Done,
            at,
            exit: 0,
            result: None,
            problem: None,
        };
        journal.put(end).unwrap();
    }
    journal.flush().unwrap();
}

fn page(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("the page with 10,000 runs, to the first byte");
    // Few, since the daemon takes a thousand requests at once, and 200 more a second.
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.warm_up_time(Duration::from_millis(20));
    group.measurement_time(Duration::from_millis(50));
    let world = World::new("");
    fill(&world.journal);
    let (url, cookie, client, _served) = world.runtime.block_on(visit(&world.daemon));
    for path in ["/", "/runs", "/schedules", "/inbox"] {
        // Until it takes a thousand at once again.
        world.sleep(Duration::from_secs(5));
        group.bench_function(path, |bencher| {
            bencher.iter(|| {
                world.runtime.block_on(async {
                    let request = client.get(format!("{url}{path}"));
                    let mut came = request.header(COOKIE, &cookie).send().await.unwrap();
                    assert_eq!(came.status(), 200);
                    came.chunk().await.unwrap().unwrap()
                })
            });
        });
    }
    group.finish();
}

/// Listens, and logs in.
async fn visit(daemon: &Daemon) -> (String, String, reqwest::Client, Served) {
    let listen = Listen {
        address: "127.0.0.1:0".parse().unwrap(),
        tls: None,
        insecure_remote: false,
        hosts: Vec::new(),
    };
    let hooks = Hooks {
        secret: Secret::new("a secret of the hooks".to_owned()),
        signature: None,
    };
    let token = Secret::new(TOKEN.to_owned());
    let served = Served::start(daemon.desk(), &listen, token, hooks).await;
    let served = served.unwrap();
    let client = duvoscript::api::outside_client().unwrap();
    let form = client.post(format!("{}/login", served.url()));
    let form = form.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let came = form.body(format!("token={TOKEN}&name=")).send().await;
    let cookie = came.unwrap().headers()[SET_COOKIE]
        .to_str()
        .unwrap()
        .to_owned();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    (served.url(), cookie, client, served)
}

criterion_group!(benches, burst, page);
criterion_main!(benches);
