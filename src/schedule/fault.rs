//! What is wrong with a text that says when something runs, and where in that text.
//!
//! It knows no file: whoever holds the text says where it stands.

use std::ops::Range;

use crate::report::{Place, Problem};

/// What is wrong with a text, and which part of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Fault {
    /// What is wrong, in one line.
    pub what: String,
    /// The part of the text, in bytes.
    pub at: Range<usize>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Fault {
    /// Returns a fault of a part of a text.
    pub fn new(what: impl Into<String>, at: Range<usize>) -> Self {
        Self {
            what: what.into(),
            at,
            hint: None,
        }
    }

    /// Says what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Returns the problem of a text that stands alone, such as an option of the command line.
    pub fn alone(self, source: &str, text: &str) -> Problem {
        let characters =
            |bytes: Range<usize>| text.get(bytes).map_or(0, |part| part.chars().count());
        let mut problem = Problem::usage(self.what).at(Place {
            source: source.into(),
            line: 1,
            column: characters(0..self.at.start) + 1,
            length: characters(self.at).max(1),
        });
        problem.hints.extend(self.hint);
        problem
    }
}
