//! Runs Rhai scripts against a [`Host`]; it knows nothing of HTTP or disks.
//!
//! | part | its one job |
//! | --- | --- |
//! | `host` | what a script can ask of the world, and who answers |
//! | `door` | what a native function holds: the way to the Host, to closures, to located errors |
//! | `run` | load a script, run it, say how it ended |
//! | `engine` | build the interpreter, bound what it uses up |
//! | `source` | header, arguments, imports |
//! | `binding` | the `duvo` module, from the catalog |
//! | `builtin` | functions that need only the door |
//! | `native` | functions that need the interpreter: `parallel`, `retry`, `ask`, waits for Jobs |
//! | `problem` | from the interpreter's errors to words for people |
//! | `lines` | which lines hold statements, and which of them are reached |
//! | `session` | evaluate inputs that share what they declare |
//! | `reference` | everything a script can call, as data |

mod binding;
mod builtin;
mod control;
mod door;
mod engine;
mod host;
mod json;
mod lines;
mod native;
mod problem;
mod reference;
mod run;
mod session;
mod source;

#[cfg(test)]
mod tests;

pub use binding::How;
pub use control::{Control, LineWatcher, Stop};
pub use engine::limits::Limits;
pub(crate) use host::pass_on_to;
pub use host::{
    Answer, Branch, Decision, Effect, Halt, Host, HttpRequest, Level, Question, Request, Round,
    SignalWait, Site, Source, Step, StepKey, TEST_ENDING, Trial, TrialRun, Uncertain, WaitJob,
};
pub use json::decode;
pub use lines::statement_lines;
pub use reference::{
    CoreFunction, Function, Parameter, core_functions, functions, inner_options, judge_duration,
    language_definitions, test_functions,
};
pub use run::{Ended, Outcome, Script, execute, texts};
pub use session::{Evaluated, Finish, Own, Part, Session, Variable};
pub use source::argument::{Argument, ArgumentKind};
pub use source::header::Header;
pub use source::modules::{standard_module, stdlib};

/// Reads a duration as scripts write it: `1h30m`, `2 days`.
pub fn duration(text: &str) -> Result<std::time::Duration, String> {
    builtin::duration(&text.trim().into())
}
