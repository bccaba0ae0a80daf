//! What every problem must be: worded, shown without a fault, and none of this program's own.

use duvoscript::report::{Problem, ProblemKind, render};
use duvoscript::script::{Ended, Outcome, Source, texts};

/// Panics when a problem is a fault of the program, or cannot be shown.
pub(crate) fn assert_sound(problem: &Problem, sources: &[Source]) {
    let shown = render(problem, &texts(sources), false);
    assert!(problem.kind != ProblemKind::Bug, "{shown}");
    assert!(!problem.what.is_empty(), "a problem without words");
}

/// Panics when a run ended by a fault of the program.
pub(crate) fn assert_ended_well(ended: &Ended) {
    if let Outcome::Failed(problem) = &ended.outcome {
        assert_sound(problem, &ended.sources);
    }
}
