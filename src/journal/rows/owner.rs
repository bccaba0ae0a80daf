//! Who has a run in hand: a process, for as long as it lives.

use jiff::Timestamp;

/// A process that takes runs in hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerRow {
    /// Its id, and the name of its file below `owners`.
    pub id: String,
    /// Its id at the operating system.
    pub pid: u32,
    /// Name of its machine.
    pub host: String,
    /// Since when it takes runs.
    pub since: Timestamp,
}

/// What became of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The run is in the hand of this process now.
    Taken,
    /// A living process has it in hand; it may be this one.
    Busy {
        /// The process.
        owner: OwnerRow,
    },
    /// There is no such run.
    Missing,
}
