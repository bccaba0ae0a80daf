//! Runs one test: the source with a call of its function at the end, in a world of its own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use super::coverage::Coverage;
use super::deadline::Deadline;
use super::deaths::{Death, Deaths};
use super::find::{Code, Test, TestFile};
use super::ground::{Beginning, Ground, lock, run_runtime};
use super::host::{Bench, TestHost, Trace};
use super::recorder::{Recorder, Said};
use super::snapshot::Snapshots;
use crate::clock::Clock;
use crate::ids::Chance;
use crate::report::{Place, Problem, ProblemKind};
use crate::run::{EphemeralHost, Permissions, Surroundings};
use crate::script::{Control, Limits, Outcome, Script, Source, execute};
use crate::secret::Veil;

/// A test that was run, and how it went.
#[derive(Clone, Debug)]
pub struct Tested {
    /// The file, named from the project's root.
    pub file: String,
    /// The name of the function; empty when the file itself is at fault.
    pub name: String,
    /// Its line.
    pub line: usize,
    /// How long it took, in real time.
    pub took: Duration,
    /// How often scripts were killed in it.
    pub deaths: Deaths,
    /// What it printed.
    pub printed: Vec<String>,
    /// Why it failed, if it did.
    pub fault: Option<Fault>,
}

/// Why a test failed.
#[derive(Clone, Debug)]
pub struct Fault {
    /// What happened.
    pub problem: Problem,
    /// The sources that the problem points into.
    pub sources: Vec<Source>,
    /// Two values that should have been the same.
    pub diff: Option<Diff>,
    /// How the last script failed that did, with its lines: a test may have missed it.
    pub script: Option<String>,
}

/// Two values that should have been the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Diff {
    /// What there was.
    pub seen: Value,
    /// What was expected.
    pub expected: Value,
}

/// What a test is run with.
#[derive(Clone)]
pub(super) struct Terms {
    pub(super) beginning: Beginning,
    pub(super) update: bool,
    pub(super) coverage: Option<Arc<Coverage>>,
    /// How long a pass may take, in real time.
    pub(super) timeout: Duration,
    /// How many passes of a test run at once.
    pub(super) jobs: usize,
}

/// What one pass through a test came to.
pub(super) struct Pass {
    pub(super) fault: Option<Fault>,
    pub(super) traces: Vec<Trace>,
    pub(super) printed: Vec<String>,
}

/// Runs a test once; `death` is where a script under test dies.
pub(super) fn pass(file: &TestFile, test: &Test, terms: &Terms, death: Option<Death>) -> Pass {
    match try_pass(file, test, terms, death) {
        Ok(pass) => pass,
        Err(problem) => Pass {
            fault: Some(Fault {
                problem: in_file(problem, file, test),
                sources: vec![file.source.clone()],
                diff: None,
                script: None,
            }),
            traces: Vec::new(),
            printed: Vec::new(),
        },
    }
}

fn try_pass(
    file: &TestFile,
    test: &Test,
    terms: &Terms,
    death: Option<Death>,
) -> Result<Pass, Problem> {
    let ground = Arc::new(Ground::new(&file.root, &terms.beginning)?);
    let script = Script::load(Source {
        name: name_of(file, test),
        text: match &test.code {
            Code::Function => format!("{}\n{}();\n", file.source.text, test.name),
            Code::Example { text, .. } => text.clone(),
        },
    })?;
    let said = Arc::<Mutex<Said>>::default();
    let around = surroundings(&ground, &said, &script);
    let inner = EphemeralHost::new(around, run_runtime()?);
    // A run that dies keeps no snapshots.
    let update = terms.update && death.is_none();
    let snapshots = Snapshots::new(&file.root, &file.source.name, &test.name, update);
    let control = Arc::new(Control::default());
    let deadline = Deadline::of(terms.timeout);
    let watch = deadline.watch(&ground.runtime, &control);
    let limits = unlimited();
    let too_long = late(file, test, &deadline);
    let mut bench = Bench::new(ground, snapshots, deadline);
    bench.watch(terms.coverage.clone(), death);
    let host = Arc::new(TestHost::new(inner, bench));
    let answering = Arc::clone(&host);
    let arguments = script.header().arguments(&[], &|_| None)?;
    let ended = execute(&script, &arguments, answering, &limits, control);
    drop(watch);
    let mut bench = lock(&host.bench);
    let (problem, differ) = match ended.outcome {
        Outcome::Done(seen) => match misses(file, test, seen) {
            Some((problem, diff)) => (Some(problem), Some(diff)),
            None => (None, None),
        },
        Outcome::Failed(problem) => {
            let problem = in_file(problem, file, test);
            let line = problem.at.as_ref().map_or(0, |at| at.line);
            let differ = bench.differ.take().filter(|(at, ..)| *at == line);
            let diff = differ.map(|(_, seen, expected)| Diff { seen, expected });
            (Some(problem), diff)
        }
        Outcome::Stopped(_) => (Some(too_long), None),
    };
    let fault = problem.map(|problem| Fault {
        problem,
        sources: with_own(ended.sources, file),
        diff: differ,
        script: bench.failed.take(),
    });
    Ok(Pass {
        fault,
        traces: std::mem::take(&mut bench.traces),
        printed: std::mem::take(&mut lock(&said).printed),
    })
}

/// A test is stopped by time, not by what it uses up.
fn unlimited() -> Limits {
    Limits {
        operations: u64::MAX,
        ..Limits::default()
    }
}

/// Says that a test takes too long.
fn late(file: &TestFile, test: &Test, deadline: &Deadline) -> Problem {
    let what = format!("the test did not come to an end in {}", deadline.words());
    Problem::new(ProblemKind::Test, what)
        .at(place(file, test))
        .hint("this is real time: does a loop go on for ever? `--timeout` gives it more")
}

fn place(file: &TestFile, test: &Test) -> Place {
    Place {
        source: file.source.name.clone(),
        line: test.line,
        column: 0,
        length: 0,
    }
}

/// Compares what an example gives with what it is said to give.
fn misses(file: &TestFile, test: &Test, seen: Value) -> Option<(Problem, Diff)> {
    let Code::Example { expected, .. } = &test.code else {
        return None;
    };
    if seen == *expected {
        return None;
    }
    let what = format!("the example of `{}` gives something else", test.name);
    let problem = Problem::new(ProblemKind::Test, what).at(place(file, test));
    let expected = expected.clone();
    Some((problem, Diff { seen, expected }))
}

/// Returns the name of what is run: an example may import the file in whose docs it stands.
fn name_of(file: &TestFile, test: &Test) -> String {
    match &test.code {
        Code::Function => file.source.name.clone(),
        Code::Example { .. } => format!("{}#{}", file.source.name, test.name),
    }
}

/// Keeps a problem to the lines of the user: the call at the end of the source is none of them.
fn in_file(mut problem: Problem, file: &TestFile, test: &Test) -> Problem {
    let name = name_of(file, test);
    let frames = problem.stack.iter_mut().map(|frame| &mut frame.at);
    for at in problem.at.iter_mut().chain(frames) {
        if at.source == name {
            at.source.clone_from(&file.source.name);
        }
    }
    let last = file.source.text.lines().count();
    let is_users = |at: &Place| at.source != file.source.name || at.line <= last;
    problem.stack.retain(|frame| is_users(&frame.at));
    if problem.at.as_ref().is_some_and(|at| !is_users(at)) {
        problem.at = Some(place(file, test));
    }
    problem
}

/// Puts the file as the user knows it in the place of what was made of it.
fn with_own(mut sources: Vec<Source>, file: &TestFile) -> Vec<Source> {
    sources.retain(|source| source.name != file.source.name);
    sources.push(file.source.clone());
    sources
}

/// Returns what the test itself has around it: it looks at the world from outside.
fn surroundings(ground: &Arc<Ground>, said: &Arc<Mutex<Said>>, script: &Script) -> Surroundings {
    let clock = ground.time();
    let (linking, time) = (Arc::clone(ground), Arc::<dyn Clock>::clone(&clock));
    Surroundings {
        connect: Box::new(move || linking.link(Arc::clone(&time))),
        clock,
        chance: Arc::new(Chance::from_seed(ground.seed)),
        project: Arc::clone(&ground.project),
        console: Arc::new(Recorder::new(Arc::clone(said), Box::new(|_| Value::Null))),
        environment: BTreeMap::new(),
        permissions: Permissions {
            env: script.header().env.clone(),
            hosts: Vec::new(),
        },
        veil: Veil::default(),
    }
}
