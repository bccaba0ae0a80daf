//! Holds a run to a plan: a change that is not the next one of its branch is refused.
//!
//! An id that was not known before is matched by its place: it must be the one that the change of the
//! plan has given. The run keeps the plan, so that it holds after every resume too.

use std::collections::HashMap;

use serde_json::Value;

use super::branches::Branches;
use super::made;
use super::model::{Change, Plan};
use crate::report::{Failure, FailureKind};
use crate::run::durable::Description;
use crate::script::{Answer, Branch, Effect, Halt, Step};
use crate::secret::Veil;

/// The plan that a run is held to, and how far it has come.
#[derive(Debug)]
pub(in crate::run) struct Approval {
    plan: Plan,
    veil: Veil,
    branches: Branches,
    /// How many changes each branch has made.
    made: HashMap<String, usize>,
    /// The answers to changes, by their numbers.
    answers: HashMap<usize, Value>,
}

impl Approval {
    /// Returns the approval of all changes of a plan.
    pub(in crate::run) fn of(plan: Plan, veil: Veil) -> Self {
        Self {
            plan,
            veil,
            branches: Branches::default(),
            made: HashMap::new(),
            answers: HashMap::new(),
        }
    }

    /// Notes that a branch has branches of its own.
    pub(in crate::run) fn fork(&mut self, first: &[Branch]) {
        self.branches.fork(first);
    }

    /// Lets an effect pass, or refuses it; returns the number of the change that it is.
    pub(in crate::run) fn admit(
        &mut self,
        step: &Step,
        effect: &Effect,
    ) -> Result<Option<usize>, Failure> {
        let told = Description::of(effect, &self.veil);
        if !super::changes(effect, &told) {
            return Ok(None);
        }
        let branch = self.branches.name(&step.branch);
        let at = self.made.get(&branch).copied().unwrap_or(0);
        let mut own = self
            .plan
            .changes
            .iter()
            .filter(|change| change.branch == branch);
        let Some(next) = own.nth(at) else {
            return Err(refused(&told, &format!("nothing more{}", of(&branch))));
        };
        if !self.is(next, &told) {
            let planned = format!(
                "change {}, {} {}, at {}{}",
                next.number,
                next.name,
                next.request,
                next.at,
                of(&branch)
            );
            return Err(refused(&told, &planned));
        }
        let number = next.number;
        self.made.insert(branch, at + 1);
        Ok(Some(number))
    }

    /// Learns what came of a change; one that failed may be tried again.
    pub(in crate::run) fn learn(
        &mut self,
        change: usize,
        branch: &Branch,
        answer: Result<&Answer, &Halt>,
    ) {
        match answer {
            Ok(Answer::Json(text)) => {
                let answer = serde_json::from_slice(text).unwrap_or_default();
                self.answers.insert(change, answer);
            }
            Err(Halt::Failed(_)) => {
                let made = self.made.entry(self.branches.name(branch)).or_default();
                *made = made.saturating_sub(1);
            }
            _ => {}
        }
    }

    fn is(&self, planned: &Change, told: &Description) -> bool {
        planned.kind == told.kind
            && planned.name == told.name
            && self.fits(&planned.request, &told.request)
    }

    fn fits(&self, planned: &Value, asked: &Value) -> bool {
        match (planned, asked) {
            (Value::Object(planned), Value::Object(asked)) => {
                let fits = |(name, planned): (&String, &Value)| {
                    asked
                        .get(name)
                        .is_some_and(|asked| self.fits(planned, asked))
                };
                planned.len() == asked.len() && planned.iter().all(fits)
            }
            (Value::Array(planned), Value::Array(asked)) => {
                let mut pairs = planned.iter().zip(asked);
                planned.len() == asked.len()
                    && pairs.all(|(planned, asked)| self.fits(planned, asked))
            }
            (Value::String(planned), _) if made::is_later(planned) => true,
            (Value::String(planned), Value::String(asked)) => self.resolved(planned) == *asked,
            (planned, asked) => planned == asked,
        }
    }

    /// Puts the ids that are known by now in their places.
    fn resolved(&self, planned: &str) -> String {
        let mut text = String::new();
        let mut rest = planned;
        while let Some(at) = rest.find(made::ID) {
            let (before, from) = rest.split_at(at);
            text.push_str(before);
            let end = from.find('>').map_or(from.len(), |end| end + 1);
            let (words, after) = from.split_at(end);
            text.push_str(self.id(words).unwrap_or(words));
            rest = after;
        }
        text.push_str(rest);
        text
    }

    fn id(&self, words: &str) -> Option<&str> {
        let (change, path) = made::read(words)?;
        let pointer = format!("/{}", path.replace('.', "/"));
        self.answers.get(&change)?.pointer(&pointer)?.as_str()
    }
}

/// Says which branch a change belongs to.
fn of(branch: &str) -> String {
    match branch {
        "" => String::new(),
        branch => format!(" in branch {}", branch.trim_end_matches('.')),
    }
}

fn refused(told: &Description, planned: &str) -> Failure {
    let what = format!("{} {} is not in the approved plan", told.name, told.request);
    Failure::new(FailureKind::Refused, what).hint(format!(
        "the plan holds next: {planned}; `duvoscript plan` makes a new one"
    ))
}
