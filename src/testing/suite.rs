//! Runs many tests, several at once, and tells of each as it ends.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use jiff::Timestamp;

use super::case::{Fault, Terms, Tested, pass};
use super::coverage::Coverage;
use super::deaths::{self, Deaths};
use super::find::{Test, TestFile};
use super::ground::Beginning;
use crate::clock::{Clock, SystemClock};
use crate::report::{Problem, ProblemKind};

/// How tests are run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Only tests whose `file::name` holds this.
    pub filter: Option<String>,
    /// The seed of every world.
    pub seed: u64,
    /// When the time of every world begins.
    pub start: Timestamp,
    /// Whether snapshots are kept anew.
    pub update: bool,
    /// Whether the first failure ends it.
    pub fail_fast: bool,
    /// Whether every script is killed at every border of its effects.
    pub crash_everywhere: bool,
    /// How long a test may take, in real time.
    pub timeout: std::time::Duration,
    /// Whether the lines of scripts are counted.
    pub coverage: bool,
    /// How many tests run at once; all cores unless it is given.
    pub jobs: Option<NonZeroUsize>,
}

/// How all tests went.
#[derive(Debug)]
pub struct Suite {
    /// Every test that was run, in the order of the sources.
    pub tests: Vec<Tested>,
    /// The seed of every world.
    pub seed: u64,
    /// How many tests were not run, because another one failed.
    pub skipped: usize,
    /// How long all took, in real time.
    pub took: std::time::Duration,
    /// What was reached of the scripts.
    pub coverage: Option<Arc<Coverage>>,
}

impl Suite {
    /// Returns how many tests passed, and how many failed.
    pub fn counts(&self) -> (usize, usize) {
        let failed = self
            .tests
            .iter()
            .filter(|test| test.fault.is_some())
            .count();
        (self.tests.len() - failed, failed)
    }
}

/// Runs the tests of files; `each` is told of every test as it ends, in no certain order.
pub fn run(
    files: Vec<(PathBuf, TestFile)>,
    settings: &Settings,
    each: &(dyn Fn(&Tested) + Sync),
) -> Result<Suite, Problem> {
    let clock = SystemClock::new();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|fault| {
            Problem::new(ProblemKind::Bug, "cannot start the runtime").cause(&fault)
        })?;
    let coverage = settings.coverage.then(Arc::default);
    let terms = Terms {
        beginning: Beginning {
            runtime: runtime.handle().clone(),
            seed: settings.seed,
            start: settings.start,
        },
        update: settings.update,
        coverage: coverage.clone(),
        timeout: settings.timeout,
        jobs: settings.at_once(),
    };
    let (broken, cases) = cases(files, settings);
    let all = broken.len() + cases.len();
    broken.iter().for_each(each);
    let is_over = settings.fail_fast && !broken.is_empty();
    let cases = if is_over { &[] } else { &cases[..] };
    let mut tests = broken;
    tests.extend(side_by_side(cases, settings, &terms, each));
    let skipped = all - tests.len();
    tests.sort_by(|one, other| (&one.file, one.line).cmp(&(&other.file, other.line)));
    Ok(Suite {
        tests,
        seed: settings.seed,
        skipped,
        took: clock.elapsed(),
        coverage,
    })
}

/// A test to run.
struct Case {
    file: Arc<TestFile>,
    test: Test,
}

/// Returns the files that do not parse as tests that fail, and the tests of the others.
fn cases(files: Vec<(PathBuf, TestFile)>, settings: &Settings) -> (Vec<Tested>, Vec<Case>) {
    let (mut broken, mut cases) = (Vec::new(), Vec::new());
    for (_, file) in files {
        let name = file.source.name.clone();
        match file.parse() {
            Err((problem, source)) => broken.push(Tested {
                file: name,
                name: String::new(),
                line: problem.at.as_ref().map_or(1, |at| at.line),
                took: std::time::Duration::ZERO,
                deaths: Deaths::default(),
                printed: Vec::new(),
                fault: Some(Fault {
                    problem,
                    sources: vec![source],
                    diff: None,
                    script: None,
                }),
            }),
            Ok(file) => {
                let file = Arc::new(file);
                let named = file.tests.iter().map(|test| Case {
                    file: Arc::clone(&file),
                    test: test.clone(),
                });
                cases.extend(named.filter(|case| settings.wants(&name, &case.test.name)));
            }
        }
    }
    (broken, cases)
}

impl Settings {
    fn at_once(&self) -> usize {
        let cores = std::thread::available_parallelism().ok();
        self.jobs.or(cores).map_or(1, NonZeroUsize::get)
    }

    fn wants(&self, file: &str, test: &str) -> bool {
        let filter = self.filter.as_deref().unwrap_or_default();
        format!("{file}::{test}").contains(filter)
    }
}

fn side_by_side(
    cases: &[Case],
    settings: &Settings,
    terms: &Terms,
    each: &(dyn Fn(&Tested) + Sync),
) -> Vec<Tested> {
    let jobs = settings.at_once();
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let work = || {
        let mut tested = Vec::new();
        while let Some(case) = cases.get(next.fetch_add(1, Relaxed)) {
            if stop.load(Relaxed) {
                break;
            }
            let one = case.run(settings, terms);
            each(&one);
            if settings.fail_fast && one.fault.is_some() {
                stop.store(true, Relaxed);
            }
            tested.push(one);
        }
        tested
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs.min(cases.len()))
            .map(|_| scope.spawn(work))
            .collect();
        let done = workers.into_iter().map(std::thread::ScopedJoinHandle::join);
        done.flat_map(Result::unwrap_or_default).collect()
    })
}

impl Case {
    fn run(&self, settings: &Settings, terms: &Terms) -> Tested {
        let clock = SystemClock::new();
        let whole = pass(&self.file, &self.test, terms, None);
        let (deaths, fault) = match (&whole.fault, settings.crash_everywhere) {
            (None, true) => deaths::everywhere(&self.file, &self.test, terms, &whole),
            _ => (Deaths::default(), whole.fault),
        };
        Tested {
            file: self.file.source.name.clone(),
            name: self.test.name.clone(),
            line: self.test.line,
            took: clock.elapsed(),
            deaths,
            printed: whole.printed,
            fault,
        }
    }
}
