//! Threads that run script code: a large stack, a meter, and a panic that ends only the run.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::thread::{Builder, Scope, ScopedJoinHandle};

use crate::report::{Problem, ProblemKind};
use crate::script::engine::limits::STACK_BYTES;
use crate::script::engine::meter;

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
    thread.join().unwrap_or_else(|panic| Err(bug(&*panic)))
}

/// Runs `work`; a panic in it becomes a problem.
pub(in crate::script) fn guard<T>(work: impl FnOnce() -> T) -> Result<T, Problem> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| bug(&*panic))
}

fn bug(panic: &(dyn Any + Send)) -> Problem {
    let message = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    let mut problem = Problem::new(
        ProblemKind::Bug,
        "the script ran into a fault of the program",
    );
    let known = LAST_PANIC.with_borrow_mut(std::mem::take);
    problem.causes.push(if known.is_empty() {
        message.unwrap_or_else(|| "a panic without a message".into())
    } else {
        known
    });
    problem.hint("please report it, with the script that shows it")
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
