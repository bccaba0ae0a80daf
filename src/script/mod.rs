//! Runs Rhai scripts against a [`Host`]; it knows nothing of HTTP or disks.

mod builtin;
mod control;
mod door;
mod header;
mod host;
mod json;

pub use control::{Control, Stop};
pub use header::Header;
pub use host::{
    Answer, Branch, Effect, Halt, Host, HttpRequest, Level, Question, Request, Source, StepKey,
    WaitJob,
};
