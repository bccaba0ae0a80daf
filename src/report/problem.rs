//! The one outward type for everything that a person is told went wrong.

use super::{Failure, FailureKind};

/// Which family a problem belongs to; it decides the exit code (`cli/exit.rs`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// The script failed while it ran.
    Script,
    /// The command line, a configuration file or an argument is wrong.
    Usage,
    /// The script does not parse, or a check found a fault.
    Source,
    /// A test or an assertion failed.
    Test,
    /// The API refused or could not be reached, outside a script.
    Api,
    /// The journal could not be read or written.
    Journal,
    /// The run waits for something: suspended, not failed.
    Waiting,
    /// The user stopped it.
    Interrupted,
    /// A fault of this program.
    Bug,
}

/// A place in a source file. Lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Name of the source, such as `scripts/close_cases.rhai`.
    pub source: String,
    /// Line, from 1.
    pub line: usize,
    /// First column, in characters, from 1; 0 when only the line is known.
    pub column: usize,
    /// How many characters the caret marks; 0 lets the renderer take the whole word.
    pub length: usize,
}

/// One call on the script's stack: who was called, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Name of the function that was called.
    pub function: String,
    /// Where it was called.
    pub at: Place,
}

/// What went wrong, where, why, and what to do.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The family of the problem.
    pub kind: ProblemKind,
    /// The name of the rule that found it, when it is the finding of a check.
    pub code: Option<&'static str>,
    /// What failed, in one line: lower case, no full stop, values in backticks.
    pub what: String,
    /// Where in a source, when there is one.
    pub at: Option<Place>,
    /// The script's call stack, innermost call first.
    pub stack: Vec<Frame>,
    /// Causes, outermost first.
    pub causes: Vec<String>,
    /// What to do, one suggestion a line.
    pub hints: Vec<String>,
    /// The failed effect behind it, when there is one.
    pub failure: Option<Failure>,
}

impl Problem {
    /// Returns a problem with nothing but its kind and what failed.
    pub fn new(kind: ProblemKind, what: impl Into<String>) -> Self {
        Self {
            kind,
            code: None,
            what: what.into(),
            at: None,
            stack: Vec::new(),
            causes: Vec::new(),
            hints: Vec::new(),
            failure: None,
        }
    }

    /// Returns a usage problem: a wrong command line, configuration or argument.
    pub fn usage(what: impl Into<String>) -> Self {
        Self::new(ProblemKind::Usage, what)
    }

    /// Says where it happened.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.at = Some(place);
        self
    }

    /// Adds a cause.
    #[must_use]
    pub fn cause(mut self, cause: &dyn std::fmt::Display) -> Self {
        self.causes.push(cause.to_string());
        self
    }

    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl From<Failure> for Problem {
    /// A failure outside a script: the API refused or could not be reached, or a value was wrong.
    fn from(failure: Failure) -> Self {
        let kind = match failure.kind {
            FailureKind::Invalid if failure.status.is_none() => ProblemKind::Usage,
            FailureKind::Io | FailureKind::Refused => ProblemKind::Usage,
            _ => ProblemKind::Api,
        };
        let mut problem = Self::new(kind, failure.to_string());
        problem.hints.extend(failure.hint.clone());
        if let Some(request) = &failure.request_id {
            problem
                .hints
                .push(format!("the server's id of the request is `{request}`"));
        }
        problem.failure = Some(failure);
        problem
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)?;
        self.causes
            .iter()
            .try_for_each(|cause| write!(f, ": {cause}"))
    }
}

impl std::error::Error for Problem {}
