//! Evaluates the inputs of a session.

use std::sync::Arc;

use rhai::{AST, Dynamic, EvalAltResult, Scope};
use serde_json::{Map, Value};

use super::keep::{Kept, Shared};
use super::more;
use super::transcript::Transcript;
use crate::report::{Problem, Sources};
use crate::script::control::{Control, Stop};
use crate::script::door::{Raise, RunContext, start_branch};
use crate::script::engine::build::{self, build_engine};
use crate::script::engine::limits::Limits;
use crate::script::engine::{meter, thread, words};
use crate::script::host::{Branch, Host, Source};
use crate::script::json;
use crate::script::run::{Conclusion, conclude, texts};
use crate::script::source::compile::{self, Library};
use crate::script::source::modules::Modules;

/// The source of inputs that are typed; that of a file is its path.
const TYPED: &str = "input";
/// The variable that holds the last value.
pub(super) const LAST: &str = "_";
/// The variable that holds the last error.
pub(super) const LAST_ERROR: &str = "_e";

/// Inputs that share variables, functions, imports and constants.
pub struct Session {
    pub(super) scope: Scope<'static>,
    pub(super) kept: Kept,
    pub(super) modules: Modules,
    transcript: Transcript,
    library: Arc<Library>,
    limits: Limits,
    /// The files that were loaded, beside what was typed.
    files: Vec<String>,
    typed: usize,
    wants_closures: bool,
}

/// How an input ended.
#[derive(Debug)]
pub struct Evaluated {
    /// How it ended.
    pub finish: Finish,
    /// The texts that a problem points into.
    pub texts: Sources,
}

/// How an input ended.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one for each input")]
pub enum Finish {
    /// It came to its end, with this value.
    Done(Value),
    /// It came to its end, with a value that JSON cannot hold, in words.
    Told(String),
    /// It ended the session, with this value.
    Left(Value),
    /// It failed; the session is as it was before.
    Failed(Problem),
    /// It was stopped; the session is as it was before.
    Stopped(Stop),
}

impl Session {
    /// Returns a session in which nothing is declared yet.
    pub fn new(limits: Limits) -> Self {
        let library = Arc::new(Library::default());
        Self {
            scope: Scope::new(),
            kept: Kept::default(),
            modules: Modules::new(Arc::new(Nowhere), Arc::clone(&library)),
            transcript: Transcript::default(),
            library,
            limits,
            files: Vec::new(),
            typed: 0,
            wants_closures: false,
        }
    }

    /// Returns whether a text is only the beginning of an input.
    pub fn wants_more(text: &str) -> bool {
        let mut engine = build::compiler();
        words::free_in_session(&mut engine, text);
        more::wants_more(&engine, text)
    }

    /// Evaluates what was typed.
    pub fn evaluate(
        &mut self,
        text: &str,
        host: Arc<dyn Host>,
        control: Arc<Control>,
    ) -> Evaluated {
        self.typed += 1;
        let source = Source {
            name: format!("{TYPED} {}", self.typed),
            text: text.into(),
        };
        self.run(source, TYPED, &Map::new(), (host, control))
    }

    /// Evaluates a file as if it were typed; its imports are looked for from where it lies.
    pub fn load(
        &mut self,
        source: Source,
        args: &Map<String, Value>,
        host: Arc<dyn Host>,
        control: Arc<Control>,
    ) -> Evaluated {
        let name = source.name.clone();
        if !self.files.contains(&name) {
            self.files.push(name.clone());
        }
        self.run(source, &name, args, (host, control))
    }

    /// Forgets everything that was declared.
    pub fn clear(&mut self) {
        *self = Self {
            typed: self.typed,
            ..Self::new(self.limits.clone())
        };
    }

    fn run(
        &mut self,
        source: Source,
        name: &str,
        args: &Map<String, Value>,
        (host, control): (Arc<dyn Host>, Arc<Control>),
    ) -> Evaluated {
        let finish = match self.compile(source, name) {
            Err(problem) => Finish::Failed(problem),
            Ok(input) => {
                let run = RunContext {
                    host,
                    control,
                    args: json::from_value(&Value::Object(args.clone())),
                    limits: self.limits.clone(),
                    end: Arc::default(),
                    hooks: Arc::default(),
                };
                self.perform(&input, name, &run)
            }
        };
        self.concluded(finish)
    }

    fn compile(&mut self, source: Source, name: &str) -> Result<AST, Problem> {
        let source = compile::prepare(source)?;
        let text = self.transcript.add(&source);
        let whole = |name: &str| Source {
            name: name.into(),
            text: self.transcript.text().into(),
        };
        for name in self.files.iter().map(String::as_str).chain([TYPED]) {
            self.library.keep(&whole(name));
        }
        let padded = Source {
            name: name.into(),
            text,
        };
        let mut engine = build::compiler();
        words::free_in_session(&mut engine, &padded.text);
        thread::run(|| compile::compile(&engine, &padded))?
    }

    fn perform(&mut self, input: &AST, name: &str, run: &RunContext) -> Finish {
        self.library.note_closures(input);
        self.wants_closures |= build::closures_read_arguments(input);
        let whole = self.kept.before(input);
        let modules = self.modules_for(input, run);
        let engine = build_engine(run, modules.clone(), self.wants_closures);
        let shared = Shared::note(&self.scope);
        let mut scope = self.scope.clone();
        let ended = thread::run(|| {
            start_branch(Branch::default());
            let result = engine.eval_ast_with_scope::<Dynamic>(&mut scope, &whole);
            meter::settle(&run.limits, &run.control);
            let thrown = result.as_ref().err().map(thrown);
            let left = run.control.stopped() == Some(Stop::Ended);
            (conclude(run, result, name, &self.library), thrown, left)
        });
        let (conclusion, thrown, left) = match ended {
            Ok(ended) => ended,
            Err(problem) => (Conclusion::Failed(problem), None, false),
        };
        let value = match conclusion {
            Conclusion::Value(value) => value,
            Conclusion::Failed(problem) => {
                shared.restore();
                let error = thrown.unwrap_or_else(|| problem.what.clone().into());
                self.scope.set_or_push(LAST_ERROR, error);
                return Finish::Failed(problem);
            }
            Conclusion::Stopped(stop) => {
                shared.restore();
                return Finish::Stopped(stop);
            }
        };
        self.scope = scope.clone_visible();
        self.kept.add(input, &self.scope);
        // The Host of an input lives no longer than it.
        self.modules = modules.with_host(Arc::new(Nowhere));
        self.finished(&value, left)
    }

    fn finished(&mut self, value: &Dynamic, left: bool) -> Finish {
        if !value.is_unit() {
            self.scope.set_or_push(LAST, value.flatten_clone());
        }
        match json::to_value(value) {
            Ok(value) if left => Finish::Left(value),
            Ok(value) => Finish::Done(value),
            Err(_) => Finish::Told(value.to_string()),
        }
    }

    /// An input that imports sees the modules as they are now.
    fn modules_for(&self, input: &AST, run: &RunContext) -> Modules {
        let is_import = |statement: &rhai::Stmt| matches!(statement, rhai::Stmt::Import(..));
        if input.statements().iter().any(is_import) {
            Modules::new(Arc::clone(&run.host), Arc::clone(&self.library))
        } else {
            self.modules.with_host(Arc::clone(&run.host))
        }
    }

    fn concluded(&self, mut finish: Finish) -> Evaluated {
        let mut all = texts(&self.library.all());
        self.transcript.tell(&mut all);
        if let Finish::Failed(problem) = &mut finish {
            let is_input = |name: &str| name == TYPED || self.files.iter().any(|file| file == name);
            self.transcript.locate(problem, is_input);
        }
        Evaluated { finish, texts: all }
    }
}

/// Returns what a `catch` would get.
fn thrown(error: &Raise) -> Dynamic {
    let mut error = error.as_ref();
    loop {
        error = match error {
            EvalAltResult::ErrorInFunctionCall(_, _, inner, _)
            | EvalAltResult::ErrorInModule(_, inner, _) => inner,
            EvalAltResult::ErrorRuntime(value, _) => return value.clone(),
            other => return other.to_string().into(),
        };
    }
}

/// The Host between two inputs: nobody may ask it for anything.
struct Nowhere;

impl Host for Nowhere {
    fn perform(
        &self,
        _: &crate::script::Step,
        _: crate::script::Effect,
    ) -> Result<crate::script::Answer, crate::script::Halt> {
        Err(crate::script::Halt::Stopped)
    }

    fn fork(&self, _: &Branch, _: &[Branch]) {}

    fn enter(&self, _: &Branch) -> Result<(), crate::script::Halt> {
        Err(crate::script::Halt::Stopped)
    }

    fn leave(&self, _: &Branch, _: Option<&Branch>) {}

    fn join(&self, _: &Branch) -> Result<(), crate::script::Halt> {
        Err(crate::script::Halt::Stopped)
    }

    fn import(&self, _: &str, path: &str) -> Result<Source, crate::report::Failure> {
        Err(crate::report::Failure::invalid(format!(
            "`{path}` cannot be imported between two inputs"
        )))
    }
}
