//! Keeps a fault of this program from taking down more than the work that it is in.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Problem, ProblemKind};

/// Runs `work`; a panic in it becomes a problem that says `what` ran into it.
pub fn guarded<T>(what: &str, work: impl FnOnce() -> T) -> Result<T, Problem> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| bug(what, &*panic))
}

/// Returns a panic as a problem that says `what` ran into it.
pub fn bug(what: &str, panic: &(dyn Any + Send)) -> Problem {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message");
    Problem::new(
        ProblemKind::Bug,
        format!("{what} ran into a fault of the program"),
    )
    .cause(&message)
    .hint("please report it, with the script that shows it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_problem_and_the_rest_goes_on() {
        assert_eq!(guarded("it", || 1).unwrap(), 1);
        let silent: fn() = || std::panic::resume_unwind(Box::new("worn out"));
        let problem = guarded("the run", silent).unwrap_err();
        assert_eq!(problem.kind, ProblemKind::Bug);
        assert_eq!(
            problem.to_string(),
            "the run ran into a fault of the program: worn out"
        );
        let strange: fn() = || std::panic::resume_unwind(Box::new(1));
        let problem = guarded("the run", strange).unwrap_err();
        assert_eq!(problem.causes, ["a panic without a message"]);
    }
}
