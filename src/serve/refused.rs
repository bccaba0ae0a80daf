//! Why something that a person asked for was not done: what, and what they can do about it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::inbox::InboxError;
use crate::journal::JournalError;
use crate::report::{Failure, FailureKind, Problem, ProblemKind};

/// The sort of a refusal; it decides the HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// What was sent makes no sense.
    Invalid,
    /// Whoever asks has not shown that they may.
    Unauthorized,
    /// Whoever asks may not.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// Another method is wanted.
    Method,
    /// It does not fit how things stand.
    Conflict,
    /// More was sent than is read.
    TooLarge,
    /// It was asked too often.
    TooOften,
    /// The daemon is not taking anything on.
    Unavailable,
    /// The API of Duvo refused, or could not be reached.
    Upstream,
    /// The daemon failed.
    Failed,
}

/// Something that was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Refused {
    /// The sort of refusal.
    pub why: Why,
    /// What was not done, and why, in one line.
    pub what: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Refused {
    /// Returns a refusal without a hint.
    pub fn new(why: Why, what: impl Into<String>) -> Self {
        Self {
            why,
            what: what.into(),
            hint: None,
        }
    }

    /// Adds what to do about it; a second hint follows the first.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        let hint = hint.into();
        self.hint = Some(match self.hint {
            Some(first) => format!("{first}; {hint}"),
            None => hint,
        });
        self
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        let why = match problem.kind {
            ProblemKind::Usage | ProblemKind::Source => Why::Invalid,
            ProblemKind::Api => Why::Upstream,
            ProblemKind::Waiting | ProblemKind::Interrupted => Why::Conflict,
            ProblemKind::Script | ProblemKind::Test | ProblemKind::Journal | ProblemKind::Bug => {
                Why::Failed
            }
        };
        let refused = Self::new(why, problem.what);
        problem.hints.into_iter().fold(refused, Self::hint)
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        let why = match failure.kind {
            FailureKind::NotFound => Why::NotFound,
            FailureKind::Invalid | FailureKind::Refused => Why::Invalid,
            FailureKind::Io => Why::Failed,
            _ => Why::Upstream,
        };
        let refused = Self::new(why, failure.message);
        failure.hint.into_iter().fold(refused, Self::hint)
    }
}

impl From<InboxError> for Refused {
    fn from(error: InboxError) -> Self {
        let why = match &error {
            InboxError::Unknown { .. } => Why::NotFound,
            InboxError::Ambiguous { .. } | InboxError::Ended { .. } => Why::Conflict,
            InboxError::Unfit { .. } => Why::Invalid,
            InboxError::Journal(_) => Why::Failed,
            InboxError::Duvo(_) => Why::Upstream,
        };
        Self {
            why,
            ..Problem::from(error).into()
        }
    }
}

impl From<JournalError> for Refused {
    fn from(error: JournalError) -> Self {
        let why = match error {
            JournalError::NoRun { .. } => Why::NotFound,
            JournalError::Busy { .. } | JournalError::Exists { .. } => Why::Conflict,
            JournalError::Unfit { .. } | JournalError::TooBig { .. } => Why::Invalid,
            _ => Why::Failed,
        };
        Self {
            why,
            ..Problem::from(error).into()
        }
    }
}
