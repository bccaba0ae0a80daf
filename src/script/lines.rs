//! Which lines of a source hold statements, and which of them a run reaches.
//!
//! A run is watched through the interpreter's debugger, which stops at each statement; a run that
//! nobody watches has none, and pays nothing.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use rhai::debugger::DebuggerCommand;
use rhai::{ASTNode, Engine, Stmt};

use crate::script::control::LineWatcher;
use crate::script::engine::build;
use crate::script::host::Source;
use crate::script::source::compile;

/// Returns the lines on which a statement of a source begins; none when it does not parse.
pub fn statement_lines(source: &Source) -> BTreeSet<usize> {
    let Ok(source) = compile::prepare(source.clone()) else {
        return BTreeSet::new();
    };
    let mut lines = BTreeSet::new();
    if let Ok(ast) = compile::parse(&build::compiler(), &source) {
        ast.walk(&mut |path| {
            if let Some(ASTNode::Stmt(statement)) = path.last()
                && is_reached(statement)
            {
                lines.extend(statement.position().line());
            }
            true
        });
    }
    lines
}

/// The interpreter passes blocks, and what does nothing, without a stop.
fn is_reached(statement: &Stmt) -> bool {
    !matches!(
        statement,
        Stmt::Noop(_) | Stmt::Block(_) | Stmt::Share(_) | Stmt::Import(..)
    )
}

/// Has an engine tell of each line that it reaches.
#[expect(
    deprecated,
    reason = "marked so only because it may change; the version of Rhai is pinned"
)]
pub(in crate::script) fn watch(engine: &mut Engine, watcher: LineWatcher) {
    let last = Mutex::new((String::new(), 0));
    engine.register_debugger(
        |_, debugger| debugger,
        move |_, _, node, source, position| {
            if let Some(line) = position.line() {
                let source = source.unwrap_or_default();
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                // A statement that is an expression has no stop of its own: its expression has.
                let is_there = last.1 == line && last.0 == source;
                if !is_there {
                    *last = (source.to_owned(), line);
                }
                if !is_there || matches!(node, ASTNode::Stmt(_)) {
                    watcher(source, line);
                }
            }
            Ok(DebuggerCommand::StepInto)
        },
    );
}
