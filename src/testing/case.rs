//! Runs one test: the source with a call of its function at the end, in a world of its own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use super::coverage::Coverage;
use super::deaths::Death;
use super::find::TestFile;
use super::ground::{Beginning, Ground, lock, run_runtime};
use super::host::{Bench, TestHost, Trace};
use super::recorder::{Recorder, Said};
use super::snapshot::Snapshots;
use crate::clock::Clock;
use crate::ids::Chance;
use crate::report::{Problem, ProblemKind};
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
    pub deaths: u64,
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
}

/// What one pass through a test came to.
pub(super) struct Pass {
    pub(super) fault: Option<Fault>,
    pub(super) traces: Vec<Trace>,
    pub(super) printed: Vec<String>,
}

/// Runs a test once; `death` is where a script under test dies.
pub(super) fn pass(file: &TestFile, test: &str, terms: &Terms, death: Option<Death>) -> Pass {
    match try_pass(file, test, terms, death) {
        Ok(pass) => pass,
        Err(problem) => Pass {
            fault: Some(Fault {
                problem,
                sources: vec![file.source.clone()],
                diff: None,
            }),
            traces: Vec::new(),
            printed: Vec::new(),
        },
    }
}

fn try_pass(
    file: &TestFile,
    test: &str,
    terms: &Terms,
    death: Option<Death>,
) -> Result<Pass, Problem> {
    let ground = Arc::new(Ground::new(&file.root, &terms.beginning)?);
    let script = Script::load(Source {
        name: file.source.name.clone(),
        text: format!("{}\n{test}();\n", file.source.text),
    })?;
    let said = Arc::<Mutex<Said>>::default();
    let around = surroundings(&ground, &said, &script);
    let inner = EphemeralHost::new(around, run_runtime()?);
    // A run that dies keeps no snapshots.
    let update = terms.update && death.is_none();
    let snapshots = Snapshots::new(&file.root, &file.source.name, test, update);
    let bench = Bench::new(ground, snapshots, terms.coverage.clone(), death);
    let host = Arc::new(TestHost::new(inner, bench));
    let answering = Arc::clone(&host);
    let limits = Limits::default();
    let control = Arc::new(Control::default());
    let arguments = script.header().arguments(&[], &|_| None)?;
    let ended = execute(&script, &arguments, answering, &limits, control);
    let mut bench = lock(&host.bench);
    let problem = match ended.outcome {
        Outcome::Done(_) => None,
        Outcome::Failed(problem) => Some(problem),
        Outcome::Stopped(_) => Some(Problem::new(ProblemKind::Test, "the test was stopped")),
    };
    let last = file.source.text.lines().count();
    let fault = problem.map(|mut problem| {
        // The call at the end of the source is not the user's.
        problem
            .stack
            .retain(|frame| frame.at.source != file.source.name || frame.at.line <= last);
        let line = problem.at.as_ref().map_or(0, |at| at.line);
        let differ = bench.differ.take().filter(|(at, ..)| *at == line);
        Fault {
            problem,
            sources: ended.sources,
            diff: differ.map(|(_, seen, expected)| Diff { seen, expected }),
        }
    });
    Ok(Pass {
        fault,
        traces: std::mem::take(&mut bench.traces),
        printed: std::mem::take(&mut lock(&said).printed),
    })
}

/// Returns what the test itself has around it: it looks at the world from outside.
fn surroundings(ground: &Arc<Ground>, said: &Arc<Mutex<Said>>, script: &Script) -> Surroundings {
    let clock = ground.outside();
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
