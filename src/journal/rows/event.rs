//! An event: a value that somebody delivers to a run, before or after the run waits for it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A value for a run, under a name; the first of a name wins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewEvent {
    /// Id of the run it is for.
    pub run: String,
    /// Its name, unique within the run.
    pub name: String,
    /// Its value, as JSON.
    pub value: String,
    /// Who delivered it.
    pub by: Option<String>,
    /// When it was delivered.
    pub at: Timestamp,
}

/// An event as it is kept.
pub type EventRow = NewEvent;

/// What became of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// The run has it.
    Accepted,
    /// The run had one of that name already: this one.
    Duplicate(EventRow),
    /// There is no such run, or it has ended.
    NoRun,
}

/// What somebody answered to the human request of a Job, said here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseRow {
    /// Duvo's id of the request.
    pub request: String,
    /// The fields of the response, as JSON.
    pub value: String,
    /// Who answered; a name that proves nothing.
    pub by: Option<String>,
    /// When.
    pub at: Timestamp,
}
