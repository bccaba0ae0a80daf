//! The exit codes: scripts and CI depend on them, so they are a named table.

use super::ProblemKind;

/// An exit code, and what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    /// What the process returns.
    pub code: u8,
    /// What it means, for the help and the README.
    pub meaning: &'static str,
}

const fn exit(code: u8, meaning: &'static str) -> Exit {
    Exit { code, meaning }
}

/// Everything went well.
pub const OK: Exit = exit(0, "ok");
/// The script failed.
pub const SCRIPT: Exit = exit(1, "the script failed");
/// The command line, a configuration or an argument is wrong.
pub const USAGE: Exit = exit(2, "wrong command line, configuration or argument");
/// The script does not parse, or a check found a fault.
pub const SOURCE: Exit = exit(3, "the script does not parse, or a check found a fault");
/// A test or an assertion failed.
pub const TEST: Exit = exit(4, "a test failed");
/// The API refused or could not be reached, outside a script.
pub const API: Exit = exit(
    5,
    "the API refused or could not be reached, outside a script",
);
/// The journal could not be read or written.
pub const JOURNAL: Exit = exit(6, "the journal could not be read or written");
/// The run waits: suspended, not failed.
pub const WAITING: Exit = exit(7, "the run is waiting: suspended, not failed");
/// A fault of this program.
pub const BUG: Exit = exit(70, "a fault of duvoscript itself");
/// The user stopped it.
pub const INTERRUPTED: Exit = exit(130, "interrupted");

/// All exit codes, in order.
pub const TABLE: &[Exit] = &[
    OK,
    SCRIPT,
    USAGE,
    SOURCE,
    TEST,
    API,
    JOURNAL,
    WAITING,
    BUG,
    INTERRUPTED,
];

/// Returns the exit code of a problem.
pub fn of(kind: ProblemKind) -> Exit {
    match kind {
        ProblemKind::Script => SCRIPT,
        ProblemKind::Usage => USAGE,
        ProblemKind::Source => SOURCE,
        ProblemKind::Test => TEST,
        ProblemKind::Api => API,
        ProblemKind::Journal => JOURNAL,
        ProblemKind::Waiting => WAITING,
        ProblemKind::Bug => BUG,
        ProblemKind::Interrupted => INTERRUPTED,
    }
}
