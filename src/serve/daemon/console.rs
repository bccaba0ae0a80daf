//! Nobody sits in front of the runs of a daemon: their lines are in the journal, and their questions
//! in the inbox.

use std::time::Duration;

use crate::run::{Console, Reply};
use crate::script::{Level, Question};

/// Shows nothing, and has nobody to ask.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quiet;

impl Console for Quiet {
    fn print(&self, _: &str) {}

    fn log(&self, _: Level, _: &str) {}

    fn status(&self, _: Option<&str>) {}

    fn ask(&self, _: &Question, _: Option<Duration>) -> Reply {
        Reply::Nobody
    }
}
