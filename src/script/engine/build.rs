//! Builds the interpreter of a run: cheap, because everything heavy is built once and shared.
//!
//! The engine has no door to the world but the Host in its [`RunContext`]; what the language core
//! does beside it (sleeping, leaving, listing functions) is replaced in `language.rs`.

use std::sync::{Arc, OnceLock};

use rhai::packages::{Package, StandardPackage};
use rhai::{AST, ASTNode, Dynamic, Engine, Expr, Module, OptimizationLevel, Stmt};

use crate::script::binding;
use crate::script::builtin;
use crate::script::door::{End, RunContext, Site};
use crate::script::engine::language;
use crate::script::engine::limits;
use crate::script::engine::register::{Namespace, SharedModule};
use crate::script::engine::words;
use crate::script::host::{Effect, Halt, Level};
use crate::script::lines;
use crate::script::native;
use crate::script::source::modules::Modules;

/// The seed of Rhai's hashes: fixed, so that names made from them are the same in every process.
const HASHING_SEED: [u64; 4] = [
    0x6475_766f_7363_7269,
    0x7074_2068_6173_6865,
    0x7320_616c_6c20_7468,
    0x6520_7361_6d65_2121,
];

/// The variable through which a script reads its arguments.
const ARGUMENTS: &str = "args";

struct Library {
    standard: SharedModule,
    functions: SharedModule,
    namespaces: Vec<(String, SharedModule)>,
    iterators: SharedModule,
}

fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        // An error means that Rhai was used before; names still agree within this process.
        let _ = rhai::config::hashing::set_hashing_seed(Some(HASHING_SEED));
        let mut root = Namespace::default();
        for builtin in builtins() {
            root.add_builtin(builtin);
        }
        binding::add_endpoints(&mut root);
        let (functions, namespaces) = root.finish();
        Library {
            standard: StandardPackage::new().as_shared_module(),
            functions,
            namespaces,
            iterators: binding::iterators(),
        }
    })
}

/// Returns all builtins: those of the `builtin` folder, and those that need the interpreter.
pub(in crate::script) fn builtins() -> impl Iterator<Item = &'static builtin::Builtin> {
    builtin::ALL.iter().chain(native::ALL).copied().flatten()
}

/// Returns the functions that only tests have.
pub(in crate::script) fn test_builtins() -> impl Iterator<Item = &'static builtin::Builtin> {
    native::TESTING.iter()
}

/// Lets a test call what only tests have.
fn add_test_functions(engine: &mut Engine) {
    static NAMESPACES: OnceLock<Vec<(String, SharedModule)>> = OnceLock::new();
    let namespaces = NAMESPACES.get_or_init(|| {
        let mut root = Namespace::default();
        for builtin in test_builtins() {
            root.add_builtin(builtin);
        }
        root.finish().1
    });
    for (name, module) in namespaces {
        engine.register_static_module(name.as_str(), Arc::clone(module));
    }
}

/// Returns the names of the modules that are there without an import.
pub(in crate::script) fn namespaces() -> impl Iterator<Item = &'static str> {
    library().namespaces.iter().map(|(name, _)| name.as_str())
}

/// Returns whether functions stand below this name: `files`, `duvo`.
pub(in crate::script) fn is_namespace(name: &str) -> bool {
    namespaces().any(|path| path.split("::").next() == Some(name))
}

/// Returns the signatures of the functions that the language itself brings.
pub(in crate::script) fn core_signatures() -> Vec<String> {
    let signatures = library().standard.gen_fn_signatures_with_mapper(Into::into);
    signatures.collect()
}

/// Returns an engine with nothing but what the language itself brings.
pub(in crate::script) fn language_engine() -> Engine {
    let mut engine = Engine::new_raw();
    engine.register_global_module(Arc::clone(&library().standard));
    engine
}

/// Builds an engine without a run: it compiles, but natives fail.
pub(in crate::script) fn compiler() -> Engine {
    let library = library();
    let mut engine = Engine::new_raw();
    engine
        .set_optimization_level(OptimizationLevel::None)
        .set_max_strings_interned(0)
        .disable_symbol("eval")
        .register_global_module(Arc::clone(&library.standard))
        .register_global_module(Arc::clone(&library.functions))
        .register_global_module(Arc::clone(&library.iterators))
        .register_global_module(language::overrides());
    limits::apply_fixed(&mut engine);
    words::free(&mut engine);
    for (name, module) in &library.namespaces {
        engine.register_static_module(name.as_str(), Arc::clone(module));
    }
    engine
}

/// Builds the engine of a run.
///
/// `wants_closures` is what [`closures_read_arguments`] says of its script.
pub(in crate::script) fn build_engine(
    run: &RunContext,
    modules: Modules,
    wants_closures: bool,
) -> Engine {
    let mut engine = compiler();
    if run.host.is_test() {
        add_test_functions(&mut engine);
    }
    if let Some(watcher) = run.control.watcher() {
        lines::watch(&mut engine, watcher);
    }
    show_arguments(&mut engine, &run.args, wants_closures);
    engine.set_module_resolver(modules);
    run.limits.apply(&mut engine, &run.control);
    let printing = run.clone();
    engine.on_print(move |text| tell(&printing, Effect::Print(text.into())));
    let logging = run.clone();
    engine.on_debug(move |text, _, _| tell(&logging, Effect::Log(Level::Debug, text.into())));
    engine.set_default_tag(Dynamic::from(run.clone()));
    engine
}

/// Lets `args` be read anywhere: in functions, imports and closures.
///
/// A variable of a global module is seen everywhere but by closures, which look for what they
/// capture in the scope alone. The resolver that helps them costs a tenth of the speed of loops, so
/// it is there only for scripts that need it.
#[expect(
    deprecated,
    reason = "marked so only because it may change; the version of Rhai is pinned"
)]
fn show_arguments(engine: &mut Engine, args: &Dynamic, wants_closures: bool) {
    let mut module = Module::new();
    module.set_var(ARGUMENTS, args.clone());
    module.set_id(ARGUMENTS).build_index();
    engine.register_global_module(module.into());
    if wants_closures {
        let args = args.clone();
        engine.on_var(move |name, index, context| {
            let is_own = index > 0 || name != ARGUMENTS || context.scope().contains(ARGUMENTS);
            Ok((!is_own).then(|| args.clone()))
        });
    }
}

/// Returns whether a closure may read the arguments: one of the script, or of a module it imports.
pub(in crate::script) fn closures_read_arguments(ast: &AST) -> bool {
    let mut may = false;
    ast.walk(&mut |path| {
        may |= match path.last() {
            Some(ASTNode::Stmt(Stmt::Share(captured))) => {
                captured.iter().any(|(name, _)| name.as_str() == ARGUMENTS)
            }
            Some(ASTNode::Stmt(Stmt::Import(import, _))) => {
                !matches!(&import.0, Expr::StringConstant(path, _) if path.starts_with("std/"))
            }
            _ => false,
        };
        !may
    });
    may
}

/// Prints or logs; the interpreter gives no way to raise an error here, so a failure ends the run.
fn tell(run: &RunContext, effect: Effect) {
    if let Err(Halt::Failed(failure)) = run.perform(effect, &Site::default()) {
        run.end(End::Failed(failure));
    }
}
