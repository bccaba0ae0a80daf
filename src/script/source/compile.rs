//! The sources of a run: brought into the form that is compiled, compiled, and kept.
//!
//! What is kept is exactly what messages point into, and what a later replay needs.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rhai::{AST, ASTNode, Engine, ParseError, ParseErrorType, Stmt};

use crate::report::{Problem, ProblemKind};
use crate::script::engine::build;
use crate::script::engine::limits::SOURCE_BYTES;
use crate::script::host::Source;
use crate::script::problem::describe;

/// How the interpreter names closures.
pub(in crate::script) const CLOSURE: &str = "anon$";

/// Brings a source into the form that is compiled: no byte order mark, no `#!` line, not too long.
pub(in crate::script) fn prepare(mut source: Source) -> Result<Source, Problem> {
    if source.text.len() > SOURCE_BYTES {
        let what = format!(
            "`{}` has {} bytes; a source may have {SOURCE_BYTES}",
            source.name,
            source.text.len()
        );
        return Err(Problem::new(ProblemKind::Source, what)
            .hint("move parts of it into modules, and data into files"));
    }
    if let Some(rest) = source.text.strip_prefix('\u{feff}') {
        source.text = rest.into();
    }
    if source.text.starts_with("#!") {
        // As a comment it keeps its length, so that places stay right; `///` would be a doc comment.
        source.text.replace_range(..2, "//");
        if source.text[2..].starts_with('/') {
            source.text.replace_range(2..3, " ");
        }
    }
    Ok(source)
}

/// Compiles a source under its name.
pub(in crate::script) fn compile(engine: &Engine, source: &Source) -> Result<AST, Problem> {
    parse(engine, source)
        .map_err(|error| describe::of_parsing(error.err_type(), error.position(), source))
}

/// Parses a source; an import must not take the name of a namespace that is there already.
///
/// The interpreter would look for the namespace's functions in the import, and that in the imported
/// module too, for it sees the names of whoever imports it.
pub(in crate::script) fn parse(engine: &Engine, source: &Source) -> Result<AST, ParseError> {
    let mut ast = engine.compile(&source.text)?;
    ast.set_source(source.name.as_str());
    let mut hiding = None;
    ast.walk(&mut |path| {
        if let Some(ASTNode::Stmt(Stmt::Import(import, _))) = path.last()
            && build::is_namespace(&import.1.name)
        {
            hiding = Some((import.1.name.to_string(), import.1.pos));
        }
        hiding.is_none()
    });
    match hiding {
        Some((name, position)) => Err(ParseError(ParseErrorType::Reserved(name).into(), position)),
        None => Ok(ast),
    }
}

/// All sources a run has used, in the order of their first use.
#[derive(Debug, Default)]
pub(in crate::script) struct Library {
    sources: Mutex<Vec<Source>>,
    /// Where closures stand, by the interpreter's name of them; equal ones share a name.
    closures: Mutex<HashMap<String, Vec<String>>>,
}

impl Library {
    /// Keeps a source; in a session, the text of one may have changed.
    pub(in crate::script) fn keep(&self, source: &Source) {
        let mut sources = lock(&self.sources);
        match sources.iter_mut().find(|kept| kept.name == source.name) {
            Some(kept) => kept.text.clone_from(&source.text),
            None => sources.push(source.clone()),
        }
    }

    /// Notes which closures a compiled source has.
    pub(in crate::script) fn note_closures(&self, ast: &AST) {
        let source = ast.source().unwrap_or_default();
        let functions = ast.iter_functions().map(|function| function.name);
        let mut closures = lock(&self.closures);
        for name in functions.filter(|name| name.starts_with(CLOSURE)) {
            closures
                .entry(name.to_owned())
                .or_default()
                .push(source.to_owned());
        }
    }

    /// Returns the source of a closure that was called from `caller`.
    ///
    /// The interpreter itself takes a closure's source for that of whoever calls it.
    pub(in crate::script) fn home(&self, closure: &str, caller: &str) -> Option<String> {
        let closures = lock(&self.closures);
        let homes = closures.get(closure)?;
        let own = homes.iter().find(|home| *home == caller);
        own.or_else(|| homes.first()).cloned()
    }

    /// Returns the sources kept so far.
    pub(in crate::script) fn all(&self) -> Vec<Source> {
        lock(&self.sources).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
