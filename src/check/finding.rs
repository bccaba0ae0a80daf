//! What a check found: a rule, a place, what is wrong, and what to do.

use super::rules::{Rule, SYNTAX};
use super::tree::Spot;
use crate::report::{Place, Problem, ProblemKind};

/// What a check found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// Where.
    pub at: Place,
    /// What is wrong, in one line.
    pub message: String,
    /// What to do, one suggestion a line.
    pub hints: Vec<String>,
}

impl Finding {
    /// Returns the finding that a source could not be read.
    pub fn unreadable(source: &str, problem: Problem) -> Self {
        let mut findings = Findings::new(source);
        findings.add_problem(SYNTAX, problem);
        findings.all.swap_remove(0)
    }

    /// Has the caret mark a whole text, where one starts at the place.
    pub(super) fn measure(&mut self, text: &str) {
        let line = text.lines().nth(self.at.line.saturating_sub(1));
        let mut rest = line
            .unwrap_or_default()
            .chars()
            .skip(self.at.column.saturating_sub(1));
        if let Some(quote @ ('"' | '`')) = rest.next()
            && let Some(length) = rest.position(|letter| letter == quote)
        {
            self.at.length = length + 2;
        }
    }

    /// Returns the finding as a problem, which can be rendered with the line under it.
    pub fn problem(&self) -> Problem {
        let mut problem = Problem::new(ProblemKind::Source, self.message.clone());
        problem.code = Some(self.rule.code);
        problem.at = Some(self.at.clone());
        problem.hints.clone_from(&self.hints);
        problem
    }
}

/// So many findings in one source are enough: the rest may follow from them.
const MOST: usize = 500;

/// The findings of one source under way.
#[derive(Debug)]
pub(super) struct Findings {
    source: String,
    all: Vec<Finding>,
}

impl Findings {
    pub(super) fn new(source: &str) -> Self {
        Self {
            source: source.into(),
            all: Vec::new(),
        }
    }

    /// Adds a finding.
    pub(super) fn add(&mut self, rule: &'static Rule, at: Spot, message: impl Into<String>) {
        self.add_with(rule, at, message, None);
    }

    /// Adds a finding with a hint.
    pub(super) fn add_with(
        &mut self,
        rule: &'static Rule,
        at: Spot,
        message: impl Into<String>,
        hint: Option<String>,
    ) {
        self.all.push(Finding {
            rule,
            at: Place {
                source: self.source.clone(),
                line: at.line,
                column: at.column,
                length: 0,
            },
            message: message.into(),
            hints: hint.into_iter().collect(),
        });
    }

    /// Adds a finding as it is.
    pub(super) fn push(&mut self, finding: Finding) {
        self.all.push(finding);
    }

    /// Adds what loading told: a place it lacks is the start of the source.
    pub(super) fn add_problem(&mut self, rule: &'static Rule, problem: Problem) {
        let start = Place {
            source: self.source.clone(),
            line: 1,
            column: 0,
            length: 0,
        };
        self.all.push(Finding {
            rule,
            at: problem.at.clone().unwrap_or(start),
            message: problem.to_string(),
            hints: problem.hints,
        });
    }

    /// Returns whether there are so many that no more need be looked for.
    pub(super) fn is_full(&self) -> bool {
        self.all.len() >= MOST
    }

    /// Returns the findings in the order of the text, each once.
    pub(super) fn sorted(mut self) -> Vec<Finding> {
        if self.is_full()
            && let Some(last) = self.all.last_mut()
        {
            last.hints
                .push(format!("the check stopped here, after {MOST} findings"));
        }
        let key = |one: &Finding| (one.at.line, one.at.column);
        self.all.sort_by_key(key);
        self.all
            .dedup_by(|a, b| key(a) == key(b) && a.rule == b.rule && a.message == b.message);
        self.all
    }
}
