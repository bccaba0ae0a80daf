//! What a look at the whole journal shows, and how much work it has done.

use std::path::PathBuf;

use super::RunState;

/// What the journal holds, and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// The journal's file.
    pub path: PathBuf,
    /// Version of its format.
    pub format: u32,
    /// Version of SQLite.
    pub sqlite: String,
    /// Size of the file and of its write-ahead log, in bytes.
    pub bytes: u64,
    /// How many runs are in each state; states without runs are left out.
    pub runs: Vec<(RunState, u64)>,
    /// How many rows each other table has.
    pub rows: Vec<(String, u64)>,
    /// What is wrong, one fault a line; empty when all is well.
    pub faults: Vec<String>,
}

/// How much work a journal has done since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// How many groups of changes were committed.
    pub commits: u64,
    /// How often the disk was waited for.
    pub forces: u64,
}
