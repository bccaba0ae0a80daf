//! Loads a script and runs it, from its first line to how it ended.

use std::sync::Arc;

use rhai::{AST, Dynamic, Engine, Scope};
use serde_json::{Map, Value};

use crate::report::{Problem, ProblemKind, Sources};
use crate::script::control::{Control, Stop};
use crate::script::door::{End, Raise, RunContext, start_branch};
use crate::script::engine::build::{self, build_engine};
use crate::script::engine::limits::Limits;
use crate::script::engine::meter;
use crate::script::engine::thread;
use crate::script::host::{Branch, Host, Source};
use crate::script::json;
use crate::script::problem::describe;
use crate::script::source::compile::{self, Library};
use crate::script::source::header::Header;
use crate::script::source::modules::Modules;

/// A script that can run: its header is read, and it parses.
#[derive(Clone, Debug)]
pub struct Script {
    source: Source,
    header: Arc<Header>,
    ast: AST,
}

impl Script {
    /// Reads the header and compiles the script; imports are only looked for when it runs.
    pub fn load(source: Source) -> Result<Self, Problem> {
        let source = compile::prepare(source)?;
        let header = Header::parse(&source)?.into();
        // Built on the caller's thread: the heap of a new one grows page by page, a system call each.
        let engine = build::compiler();
        let ast = thread::run(|| compile::compile(&engine, &source))??;
        Ok(Self {
            source,
            header,
            ast,
        })
    }

    /// Returns what the script declares.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Returns the syntax tree, for judging the script without running it.
    pub fn ast(&self) -> &AST {
        &self.ast
    }

    /// Returns the text that runs: without a byte order mark, and with a `#!` line as a comment.
    pub fn source(&self) -> &Source {
        &self.source
    }
}

/// How a run ended, and with which sources.
#[derive(Debug)]
pub struct Ended {
    /// How it ended.
    pub outcome: Outcome,
    /// All sources it used, the script's own first.
    pub sources: Vec<Source>,
}

/// How a run ended.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one for each run")]
pub enum Outcome {
    /// It came to its end, with this result.
    Done(Value),
    /// It failed, and nobody caught it.
    Failed(Problem),
    /// It was stopped, by the Host or by the user.
    Stopped(Stop),
}

impl Ended {
    /// Returns the texts that the problem of a failed run points into.
    pub fn texts(&self) -> Sources {
        texts(&self.sources)
    }
}

/// Returns sources in the form that [`crate::report::render`] reads.
pub fn texts(sources: &[Source]) -> Sources {
    let mut texts = Sources::default();
    for source in sources {
        texts.insert(source.name.as_str(), source.text.as_str());
    }
    texts
}

/// Runs a script on a thread of its own, and waits until it ends.
///
/// `args` is what [`Header::arguments`] returns; `control` stops the run from outside.
pub fn execute(
    script: &Script,
    args: &Map<String, Value>,
    host: Arc<dyn Host>,
    limits: &Limits,
    control: Arc<Control>,
) -> Ended {
    let library = Arc::new(Library::default());
    library.keep(&script.source);
    library.note_closures(&script.ast);
    let run = RunContext {
        host,
        control,
        args: args
            .iter()
            .map(|(name, value)| (name.into(), json::from_value(value)))
            .collect::<rhai::Map>()
            .into(),
        limits: limits.clone(),
        end: Arc::default(),
        hooks: Arc::default(),
    };
    let outcome = thread::run(|| evaluate(script, &run, &library));
    Ended {
        outcome: outcome.unwrap_or_else(Outcome::Failed),
        sources: library.all(),
    }
}

fn evaluate(script: &Script, run: &RunContext, library: &Arc<Library>) -> Outcome {
    start_branch(Branch::default());
    let modules = Modules::new(Arc::clone(&run.host), Arc::clone(library));
    let wants_closures = build::closures_read_arguments(&script.ast);
    let engine = build_engine(run, modules, wants_closures);
    let result = engine.eval_ast_with_scope::<Dynamic>(&mut Scope::new(), &script.ast);
    if run.control.stopped() == Some(Stop::ByHost) && run.host.cleans_up() {
        return clean_up(&engine, script, run, library);
    }
    meter::settle(&run.limits, &run.control);
    outcome(run, result, &script.source.name, library)
}

/// Runs what a cancelled run registered with `on_cancel`, the last one first.
fn clean_up(engine: &Engine, script: &Script, run: &RunContext, library: &Library) -> Outcome {
    let closures = std::mem::take(&mut run.hooks().on_cancel);
    run.control.start_again();
    start_branch(Branch::clean_up());
    for closure in closures.iter().rev() {
        let result = closure.call::<Dynamic>(engine, &script.ast, ());
        meter::settle(&run.limits, &run.control);
        match (run.control.stopped(), result) {
            (None, Ok(_)) => {}
            (_, result) => return outcome(run, result, &script.source.name, library),
        }
    }
    Outcome::Stopped(Stop::ByHost)
}

/// How the script code of a run ended.
#[expect(clippy::large_enum_variant, reason = "there is one for each run")]
pub(in crate::script) enum Conclusion {
    /// It came to its end, with this value.
    Value(Dynamic),
    /// It failed, and nobody caught it.
    Failed(Problem),
    /// It was stopped.
    Stopped(Stop),
}

fn outcome(
    run: &RunContext,
    result: Result<Dynamic, Raise>,
    main: &str,
    library: &Library,
) -> Outcome {
    match conclude(run, result, main, library) {
        Conclusion::Value(value) => done(&value),
        Conclusion::Failed(problem) => Outcome::Failed(problem),
        Conclusion::Stopped(why) => Outcome::Stopped(why),
    }
}

/// Returns how the script code of a run ended.
///
/// The flag decides first: the error that goes with it may have been swallowed by the script.
pub(in crate::script) fn conclude(
    run: &RunContext,
    result: Result<Dynamic, Raise>,
    main: &str,
    library: &Library,
) -> Conclusion {
    match run.control.stopped() {
        None => match result {
            Ok(value) => Conclusion::Value(value),
            Err(error) => Conclusion::Failed(describe::of_error(*error, main, library)),
        },
        Some(Stop::Ended) => match run.ended() {
            Some(End::Failed(failure)) => Conclusion::Failed(failure.into()),
            Some(End::Bug(problem)) => Conclusion::Failed(problem),
            Some(End::Exit(value)) => Conclusion::Value(value),
            None => Conclusion::Value(Dynamic::UNIT),
        },
        Some(why @ (Stop::ByHost | Stop::Interrupted)) => Conclusion::Stopped(why),
        Some(why @ (Stop::Operations | Stop::Memory)) => {
            let mut problem = run
                .limits
                .passed(why)
                .unwrap_or_else(|| Problem::new(ProblemKind::Script, "the script passed a limit"));
            let error = result.err();
            problem.at = error.and_then(|error| describe::place_of(*error, main, library));
            Conclusion::Failed(problem)
        }
    }
}

fn done(value: &Dynamic) -> Outcome {
    match json::to_value(value) {
        Ok(value) => Outcome::Done(value),
        Err(fault) => Outcome::Failed(
            Problem::new(
                ProblemKind::Script,
                format!("the result of the script is no JSON: {fault}"),
            )
            .hint("end the script with `()`, or with a map of what counts"),
        ),
    }
}
