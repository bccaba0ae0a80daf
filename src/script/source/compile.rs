//! The sources of a run: brought into the form that is compiled, compiled, and kept.
//!
//! What is kept is exactly what messages point into, and what a later replay needs.

use std::sync::{Mutex, PoisonError};

use rhai::{AST, Engine};

use crate::report::{Problem, ProblemKind};
use crate::script::engine::limits::SOURCE_BYTES;
use crate::script::host::Source;
use crate::script::problem::describe;

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
    match engine.compile(&source.text) {
        Ok(mut ast) => {
            ast.set_source(source.name.as_str());
            Ok(ast)
        }
        Err(error) => Err(describe::of_parsing(
            error.err_type(),
            error.position(),
            source,
        )),
    }
}

/// All sources a run has used, in the order of their first use.
#[derive(Debug, Default)]
pub(in crate::script) struct Library(Mutex<Vec<Source>>);

impl Library {
    /// Keeps a source.
    pub(in crate::script) fn keep(&self, source: &Source) {
        let mut sources = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !sources.iter().any(|kept| kept.name == source.name) {
            sources.push(source.clone());
        }
    }

    /// Returns the sources kept so far.
    pub(in crate::script) fn all(&self) -> Vec<Source> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
