//! What can go wrong with the journal, and what a person can do about it.
//!
//! The causes are shared, so that a broken journal can tell everybody who comes later why.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::ErrorCode;
use thiserror::Error;

use super::OwnerRow;
use crate::report::{Problem, ProblemKind};

/// Why the journal could not do what it was asked.
#[derive(Clone, Debug, Error)]
pub enum JournalError {
    /// A file or a folder of the journal could not be used.
    #[error("`{}` cannot be used", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: Arc<io::Error>,
    },
    /// The journal, or its folder, may not be written to.
    #[error("the journal in `{}` cannot be written to", path.display())]
    ReadOnly {
        /// The state directory.
        path: PathBuf,
    },
    /// Others may write where only the user may.
    #[error("others may write to `{}` (mode {mode:o})", path.display())]
    Exposed {
        /// The file or folder.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The file is no database.
    #[error("`{}` is not a journal, and no database at all", path.display())]
    NotDatabase {
        /// The file.
        path: PathBuf,
    },
    /// The file is the database of another program.
    #[error("`{}` is the database of another program (application id {found:#010x})", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The id of that program.
        found: u32,
    },
    /// The file was written by a newer version of this program.
    #[error("`{}` has format {found}, and this program knows formats up to {known}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
    /// The file is damaged.
    #[error("`{}` is damaged: {what}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// Another process keeps the journal locked.
    #[error("another process keeps the journal `{}` locked", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The disk is full.
    #[error("no room is left for the journal `{}`", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// SQLite failed in another way.
    #[error("the journal `{}` failed", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Arc<rusqlite::Error>,
    },
    /// A write failed earlier, and nothing is accepted since.
    #[error("the journal takes no more writes since one failed")]
    Broken {
        /// The failure.
        #[source]
        cause: Arc<JournalError>,
    },
    /// What was put does not fit what is kept: a fault of the program.
    #[error("the journal cannot keep {what} of the run `{run}`")]
    Refused {
        /// Id of the run.
        run: String,
        /// What was put, and why it does not fit.
        what: String,
    },
    /// A value does not fit what is kept.
    #[error("the journal cannot keep this: {what}")]
    Unfit {
        /// Why.
        what: String,
    },
    /// A value is larger than the journal can keep.
    #[error("{bytes} bytes of the run `{run}` are more than the {most} that the journal can keep")]
    TooBig {
        /// Id of the run.
        run: String,
        /// Size of the value.
        bytes: usize,
        /// The most.
        most: usize,
    },
    /// There is no such run.
    #[error("there is no run `{run}` in the journal")]
    NoRun {
        /// The id.
        run: String,
    },
    /// A living process has the run in hand.
    #[error("the process {} on `{}` has the run `{run}` in hand", owner.pid, owner.host)]
    Busy {
        /// Id of the run.
        run: String,
        /// The process.
        owner: OwnerRow,
    },
    /// A sealed value cannot be opened.
    #[error("a sealed value cannot be opened: {what}")]
    Sealed {
        /// Why.
        what: String,
    },
    /// The run is in the journal already.
    #[error("the run `{run}` is in the journal already")]
    Exists {
        /// Id of the run.
        run: String,
    },
    /// A line of an exported run is wrong.
    #[error("line {line} of the exported run: {what}")]
    Malformed {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// An exported run could not be read or written.
    #[error("the exported run cannot be {}", if *is_writing { "written" } else { "read" })]
    Exchange {
        /// Whether it was being written.
        is_writing: bool,
        /// Why.
        #[source]
        source: Arc<io::Error>,
    },
}

impl JournalError {
    /// Returns whether the same may succeed later, so that the journal stays as it is.
    pub(super) fn is_passing(&self) -> bool {
        !matches!(
            self,
            Self::Io { .. }
                | Self::ReadOnly { .. }
                | Self::Exposed { .. }
                | Self::NotDatabase { .. }
                | Self::Foreign { .. }
                | Self::Newer { .. }
                | Self::Corrupt { .. }
                | Self::Full { .. }
                | Self::Database { .. }
                | Self::Broken { .. }
                | Self::Refused { .. }
        )
    }

    fn hint(&self) -> &'static str {
        const ELSEWHERE: &str =
            "`--state DIR` keeps the journal elsewhere, and `--ephemeral` runs without one";
        match self {
            Self::Io { .. } | Self::ReadOnly { .. } => ELSEWHERE,
            Self::Exposed { .. } => {
                "`chmod go-w` takes the right from them; look first whether they used it"
            }
            Self::NotDatabase { .. } | Self::Foreign { .. } => {
                "`--state DIR` names another folder; this one is left as it is"
            }
            Self::Newer { .. } => {
                "use the version of duvoscript that wrote it, or `--state DIR` for another journal"
            }
            Self::Corrupt { .. } | Self::Database { .. } => {
                "`duvoscript doctor` shows what is readable; `--state DIR` begins a new journal"
            }
            Self::Locked { .. } => {
                "wait until the other process is done, or end it; `--state DIR` keeps apart what runs apart"
            }
            Self::Full { .. } => {
                "free some disk, or `duvoscript runs prune`, and resume: what is recorded is kept"
            }
            Self::Broken { cause } => cause.hint(),
            Self::Refused { .. } | Self::Unfit { .. } => {
                "this is a fault of duvoscript; the run can be resumed from what is recorded"
            }
            Self::TooBig { .. } => "write large values to a file, and keep its name",
            Self::NoRun { .. } => "`duvoscript runs list` shows the runs",
            Self::Busy { .. } => "`duvoscript runs pause` asks it to let go of the run",
            Self::Sealed { .. } => {
                "sealed values open only with the `seal.key` of the state directory they were made in"
            }
            Self::Exists { .. } => "`duvoscript runs show` shows it",
            Self::Malformed { .. } => {
                "nothing was imported; `duvoscript runs export` makes a whole one"
            }
            Self::Exchange { .. } => "nothing was changed in the journal",
        }
    }
}

/// Says what a failure of the database means.
pub(super) fn database(path: &Path, error: rusqlite::Error) -> JournalError {
    let path = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => JournalError::Locked { path },
        Some(ErrorCode::ConstraintViolation) => JournalError::Unfit {
            what: error.to_string(),
        },
        Some(ErrorCode::DiskFull) => JournalError::Full { path },
        Some(ErrorCode::NotADatabase) => JournalError::NotDatabase { path },
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => JournalError::ReadOnly {
            path: path.parent().map(Path::to_owned).unwrap_or_default(),
        },
        // Without a code SQLite itself was content: a row holds what this program does not write.
        Some(ErrorCode::DatabaseCorrupt) | None => JournalError::Corrupt {
            path,
            what: error.to_string(),
        },
        Some(_) => JournalError::Database {
            path,
            source: Arc::new(error),
        },
    }
}

impl From<JournalError> for Problem {
    fn from(error: JournalError) -> Self {
        let mut problem = Self::new(ProblemKind::Journal, error.to_string()).hint(error.hint());
        let mut cause = std::error::Error::source(&error);
        while let Some(source) = cause {
            problem = problem.cause(source);
            cause = source.source();
        }
        problem
    }
}
