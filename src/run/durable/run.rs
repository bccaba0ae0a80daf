//! Begins durable runs, takes them up again, and says how they ended.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

use super::away::Patience;
use super::cancel::Cancel;
use super::crash::Crash;
use super::fault;
use super::port::{Durable, Parts};
use super::record::Record;
use super::rows::{self, Ground, Start, rows};
use super::sources::Kept;
use crate::clock::Participant;
use crate::journal::{Claim, Journal, JournalError, Order, RunRow, RunState, StoredSource, Write};
use crate::report::{Problem, ProblemKind, exit, render};
use crate::run::driver::{Driver, GRACE};
use crate::run::live::{Live, Surroundings};
use crate::run::plan::{self, Approval, Plan};
use crate::run::port::{Divergence, Stop};
use crate::script::{self, Control, Limits, Outcome, Script, Source, Uncertain, execute};

/// The engine that a run's sources are written for. The number at its end is raised by whoever
/// changes what a builtin means or records: runs of another number do not go on.
pub const ENGINE: &str = concat!(
    "duvoscript ",
    env!("CARGO_PKG_VERSION"),
    ", rhai 1.27.0, abi 1"
);

/// What a run begins with.
#[derive(Debug)]
pub struct Beginning {
    /// The script, loaded.
    pub script: Script,
    /// Its arguments, as [`crate::script::Header::arguments`] returns them.
    pub arguments: Map<String, Value>,
    /// Where its effects go: compared when the run is taken up elsewhere.
    pub world: Value,
    /// What it may use up.
    pub limits: Limits,
    /// How long it may take, waits included.
    pub timeout: Option<Duration>,
    /// The run it is a repetition of.
    pub parent: Option<String>,
    /// The plan that it is held to.
    pub plan: Option<Plan>,
    /// What it imports, as far as that is settled; the rest is read from the project.
    pub imports: Vec<Source>,
}

impl Beginning {
    fn start(&self) -> Start<'_> {
        Start {
            script: &self.script,
            arguments: &self.arguments,
            world: &self.world,
            limits: &self.limits,
            timeout: self.timeout,
            parent: self.parent.as_deref(),
            imports: &self.imports,
        }
    }
}

/// A run that this process has in hand.
pub struct DurableRun {
    id: String,
    journal: Journal,
    script: Script,
    arguments: Map<String, Value>,
    limits: Limits,
    host: Arc<Driver<Durable>>,
    cancel: Arc<Cancel>,
}

/// What a run needs to go on, from outside.
pub struct Around {
    /// What its effects reach.
    pub surroundings: Surroundings,
    /// A runtime of the current thread.
    pub runtime: Runtime,
    /// What becomes of it while it waits.
    pub patience: Patience,
    /// Where a test has it die.
    pub crash: Option<Arc<Crash>>,
}

/// How a run stands after this process had it in hand.
#[derive(Debug)]
pub enum End {
    /// It came to its end, with this result.
    Done(Value),
    /// It failed, or broke.
    Failed(Problem),
    /// It was cancelled; its clean-up may have failed.
    Cancelled(Option<Problem>),
    /// It was stopped here, and can go on: with what it waits for, if it only waits.
    Interrupted(Option<String>),
    /// It is put away until what it waits for has come.
    Suspended(String),
    /// A person has put it on hold.
    Paused,
    /// A person must say what became of a call that was cut off.
    Uncertain(Box<Uncertain>),
    /// The script asks for something else than the record says.
    Diverged(Box<Divergence>),
}

/// A run after this process had it in hand, and the sources it used.
#[derive(Debug)]
pub struct Concluded {
    /// How it stands.
    pub end: End,
    /// All sources it used, the script's own first.
    pub sources: Vec<Source>,
    /// Simulated time stands still while this is held.
    pub still: Participant,
}

/// Stops a run from outside.
#[derive(Clone)]
pub struct Stopper {
    host: Arc<Driver<Durable>>,
    cancel: Arc<Cancel>,
}

impl Stopper {
    /// Cuts the run off; it can be taken up again.
    pub fn interrupt(&self) {
        self.host.stop(Stop::Interrupted);
    }

    /// Does what a person has ordered; returns whether the script must stop for that now.
    ///
    /// A run that was cancelled before goes on with its clean-up, and one that repeats its record
    /// stops at the end of it by itself.
    #[must_use]
    pub fn obey(&self, order: Order) -> bool {
        let stop = match order {
            Order::Cancel if self.cancel.order() => Stop::Cancelled,
            Order::Pause => Stop::Paused,
            Order::Cancel | Order::Resume => return false,
        };
        self.host.stop(stop);
        true
    }
}

impl DurableRun {
    /// Begins a run and takes it in hand.
    pub fn begin(journal: &Journal, beginning: Beginning, around: Around) -> Result<Self, Problem> {
        let surroundings = &around.surroundings;
        let id = surroundings.chance.uuid().to_string();
        let ground = Ground {
            journal,
            id: &id,
            now: surroundings.clock.now(),
            root: surroundings.project.root(),
            veil: &surroundings.veil,
        };
        let (new, sources) = rows(&beginning.start(), &ground)?;
        journal.put(Write::Run(new))?;
        let plan = beginning.plan.as_ref().map(kept_plan);
        for source in sources.into_iter().chain(plan) {
            journal.put(Write::Source {
                run: id.clone(),
                source,
            })?;
        }
        let row = claim(journal, &id)?;
        Self::go(journal, row, beginning.script, beginning.arguments, around)
    }

    /// Takes up a run that was begun before, with the sources and arguments it began with.
    ///
    /// `surround` makes what it needs from outside, from the run and its script.
    pub fn take_up(
        journal: &Journal,
        id: &str,
        surround: impl FnOnce(&RunRow, &Script) -> Result<Around, Problem>,
    ) -> Result<Self, Problem> {
        let row = claim(journal, id)?;
        let taken = (|| {
            fits(&row)?;
            let script = stored_script(journal, &row)?;
            let arguments = arguments(journal, &row)?;
            let around = surround(&row, &script)?;
            Self::go(journal, row, script, arguments, around)
        })();
        if taken.is_err() {
            // The first problem is the one to tell of.
            _ = journal.release(id);
        }
        taken
    }

    pub(super) fn go(
        journal: &Journal,
        row: RunRow,
        script: Script,
        arguments: Map<String, Value>,
        around: Around,
    ) -> Result<Self, Problem> {
        learn_arguments(&script, &arguments, &around.surroundings);
        let clock = Arc::clone(&around.surroundings.clock);
        let sources = Kept::of(journal, &row.id, Arc::clone(&around.surroundings.project))?;
        let was_cancelled = is_cancelled(&row);
        let plan = plan_of(journal, &row.id)?;
        let veil = around.surroundings.veil.clone();
        let cancel = Arc::new(if was_cancelled {
            Cancel::ordered()
        } else {
            Cancel::default()
        });
        let port = Durable::new(Parts {
            journal: journal.clone(),
            run: row.id.clone(),
            record: Record::read(journal, &row)?,
            live: Live::new(around.surroundings, row.id.clone()),
            patience: around.patience,
            horizon: was_cancelled.then_some(Stop::Cancelled),
            cancel: Arc::clone(&cancel),
            crash: around.crash,
        });
        journal.put(Write::State {
            run: row.id.clone(),
            state: RunState::Running,
            wake_at: None,
            reason: None,
        })?;
        let deadline = row.deadline;
        let host = Driver::new(port, Box::new(sources), clock, around.runtime)
            .ending(deadline)
            .approved(plan.map(|plan| Approval::of(plan, veil)));
        Ok(Self {
            limits: limits(&row.limits),
            id: row.id,
            journal: journal.clone(),
            script,
            arguments,
            host: Arc::new(host),
            cancel,
        })
    }

    /// Returns the run's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns what stops the run from outside.
    pub fn stopper(&self) -> Stopper {
        Stopper {
            host: Arc::clone(&self.host),
            cancel: Arc::clone(&self.cancel),
        }
    }

    /// Runs the script until it ends or stops, and records how it stands.
    pub fn execute(self, control: Arc<Control>) -> Result<Concluded, Problem> {
        let host = Arc::clone(&self.host);
        let ended = execute(&self.script, &self.arguments, host, &self.limits, control);
        let still = self.host.clock().join();
        self.host.wind_down(GRACE);
        let sources = ended.sources;
        if self.host.port().is_dead() {
            let end = End::Interrupted(None);
            return Ok(Concluded {
                end,
                sources,
                still,
            });
        }
        if let Some(Stop::Broken(problem)) = self.host.why_stopped()
            && problem.kind == ProblemKind::Bug
        {
            // The script is not to blame, and can go on from its record.
            self.rest(RunState::Running, Some("interrupted".into()))?;
            self.journal.release(&self.id)?;
            return Err(*problem);
        }
        let end = self.end(ended.outcome);
        self.record(&end, &sources)?;
        Ok(Concluded {
            end,
            sources,
            still,
        })
    }

    fn end(&self, outcome: Outcome) -> End {
        match (self.host.why_stopped(), outcome) {
            (None, Outcome::Done(value)) => End::Done(value),
            (None, Outcome::Failed(problem)) => End::Failed(problem),
            (Some(Stop::Cancelled), Outcome::Failed(problem)) => End::Cancelled(Some(problem)),
            (Some(Stop::Cancelled), _) => End::Cancelled(None),
            (Some(Stop::TimedOut), _) => End::Failed(fault::too_long()),
            (Some(Stop::Suspended), _) => End::Suspended(self.reason().unwrap_or_default()),
            (Some(Stop::Paused), _) => End::Paused,
            (Some(Stop::Uncertain(uncertain)), _) => End::Uncertain(uncertain),
            (Some(Stop::Diverged(divergence)), _) => End::Diverged(divergence),
            (Some(Stop::Broken(problem)), _) => End::Failed(*problem),
            (Some(Stop::Interrupted | Stop::EndOfRecord | Stop::Killed) | None, _) => {
                End::Interrupted(self.reason())
            }
        }
    }

    /// Returns what the run waits for, if it only waits.
    fn reason(&self) -> Option<String> {
        let port = self.host.port();
        let waits = port.waits()?;
        Some(super::wait::summary(&waits).1)
    }

    fn record(&self, end: &End, sources: &[Source]) -> Result<(), Problem> {
        let recorded = match end {
            // What cannot be written cannot tell of it either.
            End::Failed(problem) if problem.kind == ProblemKind::Journal => return Ok(()),
            End::Done(value) => self.close(RunState::Done, exit::OK, Some(value), None),
            End::Failed(problem) => {
                let told = told(problem, sources);
                self.close(RunState::Failed, exit::of(problem.kind), None, Some(&told))
            }
            End::Cancelled(problem) => {
                let told = problem.as_ref().map(|problem| told(problem, sources));
                self.close(RunState::Cancelled, exit::INTERRUPTED, None, told.as_ref())
            }
            End::Interrupted(None) => self.rest(RunState::Running, Some("interrupted".into())),
            End::Interrupted(Some(reason)) | End::Suspended(reason) => {
                self.rest(RunState::Waiting, Some(reason.clone()))
            }
            End::Paused => self.rest(RunState::Paused, None),
            End::Uncertain(uncertain) => {
                let reason = format!(
                    "step {}: {}: {}",
                    uncertain.step.key.0, uncertain.endpoint, uncertain.why
                );
                self.rest(RunState::Uncertain, Some(reason))
            }
            End::Diverged(divergence) => {
                let reason = format!("step {} asks for something else", divergence.step.0);
                self.rest(RunState::Diverged, Some(reason))
            }
        };
        recorded.and_then(|()| self.journal.release(&self.id))?;
        Ok(())
    }

    fn close(
        &self,
        state: RunState,
        exit: exit::Exit,
        result: Option<&Value>,
        problem: Option<&Value>,
    ) -> Result<(), JournalError> {
        let veil = self.host.port().veil().clone();
        let hidden = |value: &Value| {
            let mut value = value.clone();
            super::describe::mask_fields(&mut value, &veil);
            veil.hide_in(&mut value);
            value.to_string()
        };
        self.journal.put(Write::End {
            run: self.id.clone(),
            state,
            at: self.host.clock().now(),
            exit: exit.code.into(),
            result: result.map(hidden),
            problem: problem.map(hidden),
        })?;
        self.journal.force()
    }

    fn rest(&self, state: RunState, reason: Option<String>) -> Result<(), JournalError> {
        let port = self.host.port();
        // Whatever has happened to the run since that was noted would be forgotten by noting it again.
        if state == RunState::Waiting && port.is_noted() {
            return self.journal.force();
        }
        let waits = port.waits().unwrap_or_default();
        let wake_at = super::wait::summary(&waits).0;
        self.journal.put(Write::State {
            run: self.id.clone(),
            state,
            wake_at: wake_at.filter(|_| state == RunState::Waiting),
            reason: reason.map(|reason| port.veil().hide(&reason).into_owned()),
        })?;
        self.journal.force()
    }
}

/// Returns a problem as it is kept: in short, and as it was shown.
fn told(problem: &Problem, sources: &[Source]) -> Value {
    json!({
        "what": problem.what,
        "shown": render(problem, &script::texts(sources), false),
    })
}

/// Returns a plan as the run keeps it: among its sources.
fn kept_plan(plan: &Plan) -> StoredSource {
    StoredSource {
        name: plan::KEPT.into(),
        text: serde_json::to_string(plan).unwrap_or_default(),
    }
}

/// Returns the plan that a run is held to; one that cannot be read allows nothing.
fn plan_of(journal: &Journal, id: &str) -> Result<Option<Plan>, Problem> {
    let sources = journal.sources(id)?.into_iter();
    let mut kept = sources.filter(|source| source.name == plan::KEPT);
    kept.next()
        .map(|source| Plan::read(&source.name, &source.text))
        .transpose()
}

/// Takes a run in hand.
pub(super) fn claim(journal: &Journal, id: &str) -> Result<RunRow, Problem> {
    let missing = || Problem::usage(format!("there is no run `{id}`")).hint("duvoscript runs list");
    match journal.claim(id)? {
        Claim::Taken => journal.run(id)?.ok_or_else(missing),
        Claim::Missing => Err(missing()),
        Claim::Busy { owner } => {
            let what = format!(
                "the run `{id}` is executed by process {} on {}, since {}",
                owner.pid, owner.host, owner.since
            );
            Err(Problem::new(ProblemKind::Journal, what)
                .hint("wait until it stops, or stop it with `duvoscript runs pause`"))
        }
    }
}

fn is_cancelled(row: &RunRow) -> bool {
    row.ordered == Some(Order::Cancel) || row.cancelled_at.is_some()
}

/// A run whose steps mean something else to this program must not go on in it.
pub(super) fn fits(row: &RunRow) -> Result<(), Problem> {
    let abi = |engine: &str| engine.rsplit_once(", abi ").map(|(_, abi)| abi.to_owned());
    if abi(&row.engine) == abi(ENGINE) {
        return Ok(());
    }
    let what = format!(
        "the run `{}` began with another engine ({}; this is {ENGINE})",
        row.id, row.engine
    );
    Err(Problem::new(ProblemKind::Journal, what)
        .hint("go on with the version it began with, or begin anew with `duvoscript runs retry`"))
}

/// Loads the script that a run began with.
pub(super) fn stored_script(journal: &Journal, row: &RunRow) -> Result<Script, Problem> {
    let sources = journal.sources(&row.id)?;
    let main = sources.into_iter().find(|source| source.name == row.script);
    let main = main.ok_or_else(|| {
        let what = format!("the run `{}` has lost its script", row.id);
        Problem::new(ProblemKind::Journal, what).hint("duvoscript doctor")
    })?;
    Script::load(Source {
        name: main.name,
        text: main.text,
    })
}

/// Returns the arguments that a run began with.
pub fn arguments(journal: &Journal, row: &RunRow) -> Result<Map<String, Value>, Problem> {
    let whole = match &row.sealed_arguments {
        Some(sealed) => journal.unseal(sealed)?,
        None => row.arguments.clone().into_bytes(),
    };
    serde_json::from_slice(&whole).map_err(|fault| {
        let what = format!("the arguments of the run `{}` cannot be read", row.id);
        Problem::new(ProblemKind::Journal, what).cause(&fault)
    })
}

/// Makes the values of secret arguments known.
pub(super) fn learn_arguments(
    script: &Script,
    given: &Map<String, Value>,
    surroundings: &Surroundings,
) {
    rows::learn(script, given, &surroundings.veil);
}

/// Reads the limits of a run.
pub(super) fn limits(text: &str) -> Limits {
    let value: Value = serde_json::from_str(text).unwrap_or_default();
    let usual = Limits::default();
    let number = |name: &str, usual| value.get(name).and_then(Value::as_u64).unwrap_or(usual);
    Limits {
        operations: number("operations", usual.operations),
        memory_bytes: number("memory_bytes", usual.memory_bytes),
    }
}
