//! Which runs are meant: for lists and for pruning.

use jiff::Timestamp;

use super::RunState;

/// Which runs a list shows; the default is all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// Runs in one of these states; none means in any.
    pub states: Vec<RunState>,
    /// Runs whose script's name holds this text.
    pub script: Option<String>,
    /// Runs of this schedule.
    pub schedule: Option<String>,
    /// Runs made at or after this time.
    pub since: Option<Timestamp>,
    /// Runs made before this time.
    pub until: Option<Timestamp>,
    /// At most so many.
    pub limit: Option<usize>,
    /// Runs that follow the run with this id: the next page.
    pub before: Option<String>,
}

/// Which ended runs to remove; the default is all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PruneFilter {
    /// Runs that ended in one of these states; none means in any.
    pub states: Vec<RunState>,
    /// Runs that ended before this time.
    pub until: Option<Timestamp>,
}
