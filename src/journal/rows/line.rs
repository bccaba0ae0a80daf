//! A line that a run printed or logged; each shows once, however often the run is replayed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A line that a run prints or logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLine {
    /// Id of its run.
    pub run: String,
    /// Where it stands in the run; a second line with the same key is dropped.
    pub key: String,
    /// The level of a log line; `None` for `print`.
    pub level: Option<String>,
    /// Its text.
    pub text: String,
    /// When it was printed.
    pub at: Timestamp,
}

/// A line as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineRow {
    /// Which line of the run it is, from 1.
    pub number: u64,
    /// Id of its run.
    pub run: String,
    /// Where it stands in the run.
    pub key: String,
    /// The level of a log line; `None` for `print`.
    pub level: Option<String>,
    /// Its text.
    pub text: String,
    /// When it was printed.
    pub at: Timestamp,
}
