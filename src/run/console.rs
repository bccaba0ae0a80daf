//! Where a run's words go, and where the answers to its questions come from.

use std::time::Duration;

use crate::script::{Level, Question};

/// The person in front of a run, or what stands for them.
pub trait Console: Send + Sync {
    /// Shows a line of output.
    fn print(&self, line: &str);

    /// Shows a line of the log.
    fn log(&self, level: Level, line: &str);

    /// Shows what the run is waiting for; `None` when it goes on.
    fn status(&self, status: Option<&str>);

    /// Asks, and waits in real time for no longer than `patience`.
    fn ask(&self, question: &Question, patience: Option<Duration>) -> Reply;
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Somebody answered.
    Answered(String),
    /// The time was up.
    TooLate,
    /// There is nobody to ask.
    Nobody,
}

/// A console that nobody sits at: it shows nothing, and has nobody to ask.
#[derive(Clone, Copy, Debug)]
pub struct Silence;

impl Console for Silence {
    fn print(&self, _: &str) {}

    fn log(&self, _: Level, _: &str) {}

    fn status(&self, _: Option<&str>) {}

    fn ask(&self, _: &Question, _: Option<Duration>) -> Reply {
        Reply::Nobody
    }
}
