//! Why the inbox could not do what it was asked.

use thiserror::Error;

use crate::journal::JournalError;
use crate::report::{Failure, Problem};

/// Why something could not be shown or answered.
#[derive(Clone, Debug, Error)]
pub enum InboxError {
    /// Nothing of that id waits for anybody.
    #[error("nothing waits for an answer under `{id}`")]
    Unknown {
        /// What was given.
        id: String,
        /// What may have been meant.
        near: Option<String>,
    },
    /// Several begin like that.
    #[error("several items begin with `{id}`: {}", ids.join(", "))]
    Ambiguous {
        /// What was given.
        id: String,
        /// Their ids.
        ids: Vec<String>,
    },
    /// The run that asked has ended.
    #[error("the run {run} has ended: {state}")]
    Ended {
        /// Id of the run.
        run: String,
        /// The state it ended in.
        state: String,
    },
    /// The answer does not fit what is asked.
    #[error("{what}")]
    Unfit {
        /// What is wrong.
        what: String,
        /// What would fit.
        hint: String,
    },
    /// The journal failed.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Duvo could not be asked, or refused.
    #[error("{0}")]
    Duvo(Failure),
}

impl From<Failure> for InboxError {
    fn from(failure: Failure) -> Self {
        Self::Duvo(failure)
    }
}

impl From<InboxError> for Problem {
    fn from(fault: InboxError) -> Self {
        let what = fault.to_string();
        match fault {
            InboxError::Unknown { near, .. } => {
                let problem = Self::usage(what);
                let problem = match near {
                    Some(near) => problem.hint(format!("did you mean `{near}`?")),
                    None => problem,
                };
                problem.hint("`duvoscript inbox list` shows what waits")
            }
            InboxError::Ambiguous { .. } => Self::usage(what),
            InboxError::Ended { run, .. } => Self::usage(what).hint(format!(
                "`duvoscript runs show {run}` shows it, and what it was answered"
            )),
            InboxError::Unfit { hint, .. } => Self::usage(what).hint(hint),
            InboxError::Journal(fault) => fault.into(),
            InboxError::Duvo(failure) => failure.into(),
        }
    }
}
