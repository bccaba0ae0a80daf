//! The Host of a test: what any script may ask goes to the world from outside, what only a test may
//! ask is answered here.

use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};

use super::coverage::Coverage;
use super::deadline::Deadline;
use super::deaths::Death;
use super::ground::{Ground, lock};
use super::snapshot::Snapshots;
use super::under_test::{News, Start, UnderTest};
use super::{ledger, scenario};
use crate::clock::Clock;
use crate::report::{Failure, Problem, render};
use crate::run::{Concluded, Crash, End, EphemeralHost};
use crate::script::{
    self, Answer, Branch, Effect, Halt, Host, Script, Source, Step, Trial, TrialRun, pass_on_to,
};

/// The Host of one test.
pub(super) struct TestHost {
    inner: EphemeralHost,
    pub(super) bench: Mutex<Bench>,
}

/// What a test has under its hands.
pub(super) struct Bench {
    ground: Arc<Ground>,
    snapshots: Snapshots,
    coverage: Option<Arc<Coverage>>,
    /// Where a script dies.
    death: Option<Death>,
    running: Option<Running>,
    /// What the runs so far came to.
    pub(super) traces: Vec<Trace>,
    /// The last two values that should have been the same: line, seen, expected.
    pub(super) differ: Option<(usize, Value, Value)>,
    changed: Vec<Value>,
    deadline: Deadline,
    /// How the last script failed that did, with its lines.
    pub(super) failed: Option<String>,
}

/// A run that has not come to its end.
struct Running {
    under: UnderTest,
    script: String,
    crash: Arc<Crash>,
    /// How many changes there were before it.
    changes: usize,
    began: std::time::Duration,
}

/// What a run came to.
#[derive(Clone, Debug)]
pub(super) struct Trace {
    /// The script.
    pub(super) script: String,
    /// How many borders of effects it passed.
    pub(super) borders: u64,
    /// Result or error, without ids.
    pub(super) outcome: String,
    /// What it changed, without ids.
    pub(super) changes: Vec<String>,
    /// Whether it waits for a person to say what became of a change that was cut off.
    pub(super) is_uncertain: bool,
}

impl Bench {
    /// Returns what a test has at its beginning.
    pub(super) fn new(ground: Arc<Ground>, snapshots: Snapshots, deadline: Deadline) -> Self {
        Self {
            ground,
            snapshots,
            deadline,
            coverage: None,
            death: None,
            failed: None,
            running: None,
            traces: Vec::new(),
            differ: None,
            changed: Vec::new(),
        }
    }

    /// Has the lines of scripts counted, and one of them killed.
    pub(super) fn watch(&mut self, coverage: Option<Arc<Coverage>>, death: Option<Death>) {
        self.coverage = coverage;
        self.death = death;
    }

    fn answer(&mut self, step: &Step, trial: Trial) -> Result<Value, Failure> {
        match trial {
            Trial::Scenario(given) => {
                let scenario = scenario::read(&given, &self.ground.project, &step.site.source)?;
                self.ground.declare(scenario)?;
            }
            Trial::Fault(rules) => {
                let added = self.ground.simulator()?.add_faults(rules);
                added.map_err(Failure::invalid)?;
            }
            Trial::Advance(by) => {
                // The world is there before time passes in it.
                self.ground.simulator()?;
                self.ground.clock.advance(by);
            }
            Trial::Run(run) => {
                self.start(&step.site.source, run)?;
                return self.go_on();
            }
            Trial::Reply(answer) => {
                if let Some(running) = &mut self.running {
                    running.under.reply(answer);
                }
                return self.go_on();
            }
            Trial::Changed => return Ok(ledger::counts(&self.changed)),
            Trial::Snapshot { name, value } => return self.snapshots.meet(&name, &value),
            Trial::Differ { seen, expected } => {
                self.differ = Some((step.site.line, seen, expected));
            }
        }
        Ok(Value::Null)
    }

    fn start(&mut self, test: &str, run: TrialRun) -> Result<(), Failure> {
        if self.running.is_some() {
            return Err(Failure::invalid("another script is under way"));
        }
        let source = self.ground.project.import(test, &run.script)?;
        if let Some(coverage) = &self.coverage {
            coverage.add(&source);
        }
        let name = source.name.clone();
        let script = Script::load(source.clone()).map_err(|problem| told(&problem, &source))?;
        let given = texts(&run.args);
        let env = |name: &str| run.env.get(name).cloned();
        let arguments = script.header().arguments(&given, &env);
        let arguments = arguments.map_err(|problem| told(&problem, &source))?;
        let number = self.traces.len();
        let crash = Arc::new(Crash::at(match self.death {
            Some(death) if death.run == number => death.border,
            _ => 0,
        }));
        let changes = self.ground.simulator()?.ledger();
        let start = Start {
            script,
            arguments,
            env: run.env,
            signals: run.signals,
            person: run.person,
            number,
            crash: Arc::clone(&crash),
            coverage: self.coverage.clone(),
        };
        self.running = Some(Running {
            began: self.ground.clock.elapsed(),
            under: UnderTest::start(Arc::clone(&self.ground), start),
            script: name,
            crash,
            changes: changes.as_array().map_or(0, Vec::len),
        });
        Ok(())
    }

    /// Waits until the script asks something, or ends.
    fn go_on(&mut self) -> Result<Value, Failure> {
        let Some(mut running) = self.running.take() else {
            return Err(Failure::invalid("no script is under way"));
        };
        let absence = self.ground.clock.absent();
        let news = running.under.next(&self.deadline);
        drop(absence);
        match news? {
            News::Asked(question, reply) => {
                running.under.expect_reply(reply);
                self.running = Some(running);
                Ok(json!({ "asked": question }))
            }
            News::Ended(ended, still) => {
                drop(still);
                let concluded = (*ended).map_err(|problem| {
                    let hint = problem.hints.first().cloned();
                    let failure = problem.failure.clone();
                    let mut failure =
                        failure.unwrap_or_else(|| Failure::invalid(problem.to_string()));
                    failure.hint = failure.hint.or(hint);
                    failure
                })?;
                Ok(json!({ "ended": self.conclude(&running, concluded) }))
            }
        }
    }

    fn conclude(&mut self, running: &Running, concluded: Concluded) -> Value {
        if let Some(coverage) = &self.coverage {
            concluded
                .sources
                .iter()
                .for_each(|source| coverage.add(source));
        }
        let is_uncertain = matches!(concluded.end, End::Uncertain(_));
        let (result, error) = match concluded.end {
            End::Done(value) => (value, Value::Null),
            end => (Value::Null, error(end, &concluded.sources)),
        };
        if let Some(shown) = error.get("shown").and_then(Value::as_str) {
            self.failed = Some(shown.to_owned());
        }
        let entries = ledger::after(&self.ground.ledger(), running.changes);
        let outcome = json!({ "result": result, "error": error }).to_string();
        self.traces.push(Trace {
            script: running.script.clone(),
            borders: running.crash.passed(),
            outcome: ledger::without_ids(&outcome),
            changes: ledger::comparable(&entries),
            is_uncertain,
        });
        let said = lock(&running.under.said);
        let took = self.ground.clock.elapsed().saturating_sub(running.began);
        let ended = json!({
            "result": result,
            "error": error,
            "printed": said.printed,
            "logs": said.logs,
            "seconds": took.as_secs_f64(),
            "changed": ledger::counts(&entries),
            "ledger": entries.iter().map(ledger::shown).collect::<Vec<_>>(),
        });
        self.changed.extend(entries);
        ended
    }
}

/// Returns arguments as the command line would give them; one that is `()` is left out.
fn texts(args: &Map<String, Value>) -> Vec<(String, String)> {
    let plain = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let text = |value: &Value| match value {
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        value => plain(value),
    };
    let given = args.iter().filter(|(_, value)| !value.is_null());
    given
        .map(|(name, value)| (name.clone(), text(value)))
        .collect()
}

/// Tells of a script that cannot even start.
fn told(problem: &Problem, source: &Source) -> Failure {
    let place = problem.at.as_ref().map_or(0, |at| at.line);
    let mut failure = Failure::invalid(match place {
        0 => format!("{}: {problem}", source.name),
        line => format!("{}:{line}: {problem}", source.name),
    });
    failure.hint = problem.hints.first().cloned();
    failure
}

/// Returns what a test sees of an end that is none of success.
fn error(end: End, sources: &[Source]) -> Value {
    let plain = |kind: &str, message: String| json!({ "kind": kind, "message": message });
    match end {
        End::Done(_) => Value::Null,
        End::Failed(problem) | End::Cancelled(Some(problem)) => of_problem(&problem, sources),
        End::Cancelled(None) => plain("cancelled", "the run was cancelled".into()),
        End::Interrupted(_) | End::Suspended(_) => plain("stopped", "the run was stopped".into()),
        End::Paused => plain("paused", "the run is paused".into()),
        End::Uncertain(uncertain) => plain(
            "uncertain",
            format!("{}: {}", uncertain.endpoint, uncertain.why),
        ),
        End::Diverged(divergence) => plain(
            "diverged",
            format!(
                "recorded: {}; now: {}",
                divergence.recorded, divergence.asked
            ),
        ),
    }
}

fn of_problem(problem: &Problem, sources: &[Source]) -> Value {
    let failure = problem.failure.as_ref().map(serde_json::to_value);
    let mut error = match failure {
        Some(Ok(Value::Object(fields))) => fields,
        _ => Map::from_iter([
            ("kind".to_owned(), "script".into()),
            ("message".to_owned(), problem.what.clone().into()),
        ]),
    };
    if let Some(at) = &problem.at {
        error.insert("source".into(), at.source.clone().into());
        error.insert("line".into(), at.line.into());
    }
    let shown = render(problem, &script::texts(sources), false);
    error.insert("shown".into(), shown.into());
    error.into()
}

impl TestHost {
    /// Returns the Host of a test whose other effects another one performs.
    pub(super) fn new(inner: EphemeralHost, bench: Bench) -> Self {
        Self {
            inner,
            bench: Mutex::new(bench),
        }
    }
}

impl Host for TestHost {
    pass_on_to!(inner);

    fn perform(&self, step: &Step, effect: Effect) -> Result<Answer, Halt> {
        let Effect::Test(trial) = effect else {
            return self.inner.perform(step, effect);
        };
        let answer = lock(&self.bench).answer(step, trial)?;
        Ok(Answer::Json(answer.to_string().into_bytes()))
    }

    fn fork(&self, parent: &Branch, first: &[Branch]) {
        self.inner.fork(parent, first);
    }

    fn is_test(&self) -> bool {
        true
    }
}
