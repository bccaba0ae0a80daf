//! Finds what `import` means: `std/…` from the embedded library, everything else from the Host.
//!
//! A module is compiled and run once a run. What is being loaded is remembered for each thread,
//! because the interpreter itself would follow a circle of imports until the stack ends.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use include_dir::{Dir, include_dir};
use rhai::{AST, Engine, EvalAltResult, Module, ModuleResolver, Position, Scope};

use crate::report::{Failure, FailureKind, nearest};
use crate::script::door::{self, Raise, Site};
use crate::script::engine::register::SharedModule;
use crate::script::host::{Host, Source};
use crate::script::source::compile::{self, Library};

static STDLIB: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/stdlib");

/// Returns the modules of the embedded library: `std/jobs` and its text.
pub fn stdlib() -> impl Iterator<Item = (String, &'static str)> {
    STDLIB.files().filter_map(|file| {
        let name = file.path().to_str()?.strip_suffix(".rhai")?;
        Some((format!("std/{name}"), file.contents_utf8()?))
    })
}

/// Resolves the imports of one run.
#[derive(Clone)]
pub(in crate::script) struct Modules {
    host: Arc<dyn Host>,
    library: Arc<Library>,
    /// By name, and by what an importer called it.
    loaded: Arc<Mutex<HashMap<String, SharedModule>>>,
    named: Arc<Mutex<HashMap<(String, String), String>>>,
}

thread_local! {
    /// Names of the modules that are being loaded on this thread, outermost first.
    static LOADING: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

impl Modules {
    /// Returns a resolver that keeps what it loads in `library`.
    pub(in crate::script) fn new(host: Arc<dyn Host>, library: Arc<Library>) -> Self {
        Self {
            host,
            library,
            loaded: Arc::default(),
            named: Arc::default(),
        }
    }

    /// Returns the same modules for another run of a session.
    pub(in crate::script) fn with_host(&self, host: Arc<dyn Host>) -> Self {
        Self {
            host,
            ..self.clone()
        }
    }

    /// Returns the module that was loaded for a path.
    pub(in crate::script) fn loaded(&self, path: &str) -> Option<SharedModule> {
        let named = lock(&self.named);
        let (_, name) = named.iter().find(|((_, asked), _)| asked == path)?;
        lock(&self.loaded).get(name).cloned()
    }

    fn load(&self, engine: &Engine, importer: &Site, path: &str) -> Result<SharedModule, Raise> {
        let asked = (importer.source.clone(), path.to_owned());
        let known = lock(&self.named).get(&asked).cloned();
        if let Some(module) = known.and_then(|name| lock(&self.loaded).get(&name).cloned()) {
            return Ok(module);
        }
        let source = self.find(importer, path)?;
        lock(&self.named).insert(asked, source.name.clone());
        if let Some(module) = lock(&self.loaded).get(&source.name) {
            return Ok(SharedModule::clone(module));
        }
        let _loading = Loading::start(&source.name, importer)?;
        self.library.keep(&source);
        let inside =
            |error| EvalAltResult::ErrorInModule(source.name.clone(), error, importer.position);
        let ast = compile(engine, &source).map_err(inside)?;
        self.library.note_closures(&ast);
        let module = Module::eval_ast_as_new(Scope::new(), &ast, engine).map_err(inside)?;
        let module = SharedModule::from(module);
        lock(&self.loaded).insert(source.name, SharedModule::clone(&module));
        Ok(module)
    }

    fn find(&self, importer: &Site, path: &str) -> Result<Source, Raise> {
        let fail = |failure| door::raise(failure, "import", importer);
        if path == "std" || path.starts_with("std/") {
            return Ok(self.host.embedded(standard_module(path).map_err(fail)?));
        }
        let source = self.host.import(&importer.source, path).map_err(fail)?;
        compile::prepare(source).map_err(|problem| fail(Failure::invalid(problem.what)))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns a module of the embedded library: `std/jobs`.
pub fn standard_module(path: &str) -> Result<Source, Failure> {
    let path = path.strip_suffix(".rhai").unwrap_or(path);
    let found = stdlib().find(|(name, _)| name == path);
    if let Some((name, text)) = found {
        return Ok(Source {
            name: format!("{name}.rhai"),
            text: text.into(),
        });
    }
    let names: Vec<_> = stdlib().map(|(name, _)| name).collect();
    let failure = Failure::new(
        FailureKind::NotFound,
        format!("there is no module `{path}`"),
    );
    if names.is_empty() {
        return Err(failure);
    }
    Err(match nearest(path, names.iter().map(String::as_str)) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint(format!("there are {}", names.join(", "))),
    })
}

/// Compiles a module; one of the embedded library only once a process.
fn compile(engine: &Engine, source: &Source) -> Result<AST, Raise> {
    static COMPILED: OnceLock<Mutex<HashMap<String, AST>>> = OnceLock::new();
    let is_embedded = stdlib().any(|(_, text)| text == source.text);
    let compiled = COMPILED.get_or_init(Mutex::default);
    if let Some(ast) = lock(compiled).get(&source.name).filter(|_| is_embedded) {
        return Ok(ast.clone());
    }
    let ast = compile::parse(engine, source)
        .map_err(|error| EvalAltResult::ErrorParsing(*error.0, error.1))?;
    if is_embedded {
        lock(compiled).insert(source.name.clone(), ast.clone());
    }
    Ok(ast)
}

impl ModuleResolver for Modules {
    fn resolve(
        &self,
        engine: &Engine,
        source: Option<&str>,
        path: &str,
        position: Position,
    ) -> Result<SharedModule, Raise> {
        let importer = Site {
            source: source.unwrap_or_default().into(),
            position,
        };
        self.load(engine, &importer, path)
    }
}

/// Notes that a module is being loaded, until it is dropped.
struct Loading;

impl Loading {
    fn start(name: &str, importer: &Site) -> Result<Self, Raise> {
        LOADING.with_borrow_mut(|names| {
            let is_first = names.is_empty() && !importer.source.is_empty();
            let main = is_first.then(|| importer.source.clone());
            let chain: Vec<_> = names.iter().chain(&main).map(String::as_str).collect();
            if chain.contains(&name) {
                let chain = chain.join(" -> ");
                let what = format!("the imports go in a circle: {chain} -> {name}");
                return Err(door::raise(Failure::invalid(what), "import", importer));
            }
            names.extend(main);
            names.push(name.into());
            Ok(Self)
        })
    }
}

impl Drop for Loading {
    fn drop(&mut self) {
        LOADING.with_borrow_mut(|names| {
            names.pop();
            // The first name is that of the script itself.
            if names.len() == 1 {
                names.clear();
            }
        });
    }
}
