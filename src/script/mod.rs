//! Runs Rhai scripts against a [`Host`]; it knows nothing of HTTP or disks.

mod argument;
mod binding;
mod builtin;
mod control;
mod door;
mod engine;
mod header;
mod hint;
mod host;
mod human;
mod item;
mod json;
mod language;
mod limits;
mod memory;
mod modules;
mod natives;
mod options;
mod parallel;
mod problem;
mod reference;
mod register;
mod response;
mod retry;
mod run;
mod source;
mod syntax;
mod thread;
mod wait;
mod words;

#[cfg(test)]
mod tests;

pub use argument::{Argument, ArgumentKind};
pub use control::{Control, Stop};
pub use header::Header;
pub use host::{
    Answer, Branch, Effect, Halt, Host, HttpRequest, Level, Question, Request, Source, StepKey,
    WaitJob,
};
pub use limits::Limits;
pub use modules::stdlib;
pub use reference::{Function, functions};
pub use run::{Ended, Outcome, Script, execute, texts};
