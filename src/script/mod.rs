//! Runs Rhai scripts against a [`Host`]; it knows nothing of HTTP or disks.

mod host;

pub use host::{
    Answer, Branch, Effect, Halt, Host, HttpRequest, Level, Question, Request, Source, StepKey,
    WaitJob,
};
