//! What a script may use up; `meter` watches it on every operation.
//!
//! Each limit that is passed stops the run through its [`Control`], because an error alone can be
//! swallowed by the script. Depths and counts that a parser or the stack depends on are fixed.

use std::sync::Arc;

use rhai::{Dynamic, Engine};

use crate::report::{Problem, ProblemKind};
use crate::script::control::{Control, Stop};
use crate::script::engine::meter;

/// Longest source, in bytes; parsing takes quadratic time in some cases.
pub(in crate::script) const SOURCE_BYTES: usize = 1 << 20;
/// Stack of every thread that runs script code; only touched pages count.
pub(in crate::script) const STACK_BYTES: usize = 64 << 20;
/// Longest text, list or blob that one call of `pad` or `blob` may make.
pub(in crate::script) const PADDED_LENGTH: i64 = 10_000_000;
/// Deepest nesting of calls; the worst case fits the stack twice.
pub(in crate::script) const CALL_LEVELS: usize = 200;
const EXPRESSION_DEPTH: usize = 256;
const FUNCTION_EXPRESSION_DEPTH: usize = 128;
pub(in crate::script) const MODULES: usize = 100;
pub(in crate::script) const FUNCTIONS: usize = 5_000;
pub(in crate::script) const VARIABLES: usize = 10_000;

/// What one run of a script may use up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Operations of the interpreter, over all branches; a loop turns over about ten million a second.
    pub operations: u64,
    /// Memory of the script's values, in bytes, over all branches.
    pub memory_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            operations: 2_000_000_000,
            memory_bytes: 512 << 20,
        }
    }
}

/// Sets the limits of depth and number, which the parser and the stack depend on.
pub(in crate::script) fn apply_fixed(engine: &mut Engine) {
    engine
        .set_max_call_levels(CALL_LEVELS)
        .set_max_expr_depths(EXPRESSION_DEPTH, FUNCTION_EXPRESSION_DEPTH)
        .set_max_modules(MODULES)
        .set_max_functions(FUNCTIONS)
        .set_max_variables(VARIABLES);
}

impl Limits {
    /// Has the engine look at the limits on every operation.
    pub(in crate::script) fn apply(&self, engine: &mut Engine, control: &Arc<Control>) {
        let (limits, control) = (self.clone(), Arc::clone(control));
        engine.on_progress(move |_| meter::tick(&limits, &control).then_some(Dynamic::UNIT));
    }

    /// Returns what a person is told when a limit stopped the run.
    pub(in crate::script) fn passed(&self, why: Stop) -> Option<Problem> {
        let (what, hint) = match why {
            Stop::Operations => (
                format!("the script used up its {} operations", self.operations),
                "if it is no endless loop, raise the limit with `--max-operations N`",
            ),
            Stop::Memory => (
                format!(
                    "the script used up its {} MB of memory",
                    self.memory_bytes >> 20
                ),
                "work on less at a time (`each` instead of `list`), or raise the limit with `--max-memory MB`",
            ),
            Stop::ByHost | Stop::Interrupted | Stop::Ended => return None,
        };
        Some(Problem::new(ProblemKind::Script, what).hint(hint))
    }
}
