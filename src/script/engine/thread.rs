//! Threads that run script code: a large stack, a meter, and a panic that ends only the run.

use std::cell::{Cell, RefCell};
use std::sync::Once;
use std::thread::{Builder, Scope, ScopedJoinHandle};

use crate::report::{self, Problem, ProblemKind};
use crate::script::engine::limits::STACK_BYTES;
use crate::script::engine::meter;

/// What runs into a panic here.
const SCRIPT: &str = "the script";

thread_local! {
    static RUNS_SCRIPT: Cell<bool> = const { Cell::new(false) };
    static LAST_PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs `work` on a thread of its own that has room for deep scripts, and waits for it.
pub(in crate::script) fn run<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, Problem> {
    std::thread::scope(|scope| join(spawn(scope, "script", work)?))
}

/// Starts `work` on a thread that has room for deep scripts.
pub(in crate::script) fn spawn<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    name: &str,
    work: impl FnOnce() -> T + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, Result<T, Problem>>, Problem> {
    quieten_panics();
    let builder = Builder::new().name(name.into()).stack_size(STACK_BYTES);
    let guarded = || {
        RUNS_SCRIPT.set(true);
        meter::start();
        guard(work)
    };
    builder.spawn_scoped(scope, guarded).map_err(|error| {
        Problem::new(
            ProblemKind::Bug,
            "no thread could be started for the script",
        )
        .cause(&error)
    })
}

/// Waits for a thread that [`spawn`] started.
pub(in crate::script) fn join<T>(
    thread: ScopedJoinHandle<'_, Result<T, Problem>>,
) -> Result<T, Problem> {
    // A panic was caught inside already, so what is left is one while the thread ended.
    thread
        .join()
        .unwrap_or_else(|panic| Err(report::bug(SCRIPT, &*panic)))
}

/// Runs `work`; a panic in it becomes a problem.
pub(in crate::script) fn guard<T>(work: impl FnOnce() -> T) -> Result<T, Problem> {
    report::guarded(SCRIPT, work).map_err(placed)
}

/// Says where the panic was, which the hook has seen.
fn placed(mut problem: Problem) -> Problem {
    let seen = LAST_PANIC.with_borrow_mut(std::mem::take);
    if !seen.is_empty() {
        problem.causes = vec![seen];
    }
    problem
}

/// Keeps panics of script threads off the terminal: they are caught and reported.
fn quieten_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if RUNS_SCRIPT.get() {
                LAST_PANIC.with_borrow_mut(|last| *last = panic.to_string().replace('\n', " "));
            } else {
                usual(panic);
            }
        }));
    });
}
