//! What became of a call that changes several things: the state of each of them decides.
//!
//! Nothing that the call leaves behind counts, for whoever touches a thing leaves the same. A thing
//! that is as the call would leave it is done, whoever did it.

use std::collections::HashSet;

use serde_json::Value;

use super::conclude::CHANGED;
use super::found::Found;
use super::judge::is_it;
use super::scope::{Scope, Seen};
use super::search::{Search, UNNAMED};
use super::window::Verdict;
use crate::report::{Failure, FailureKind};

/// The things of a call, by what their state tells.
#[derive(Default)]
struct States {
    done: Vec<Seen>,
    open: usize,
    unclear: Vec<Seen>,
}

impl Search<'_> {
    /// Decides about a call by the states of all things that it names.
    pub(super) async fn conclude_states(&self) -> Result<Found, Failure> {
        let Some((name, wanted)) = self.wanted() else {
            return Ok(Found::cannot_tell(UNNAMED, Vec::new()));
        };
        let mut states = States::default();
        let mut known = HashSet::new();
        for item in wanted.iter().filter(|item| known.insert(item.to_string())) {
            let scope = Scope {
                item: Some((name, item)),
                ..self.scope
            };
            self.judge_item(&scope, &mut states).await?;
        }
        let rows = |things: &[Seen]| things.iter().map(shown).collect::<Vec<_>>();
        match (
            states.done.as_slice(),
            states.open,
            states.unclear.as_slice(),
        ) {
            ([], _, []) => Ok(Found::Absent),
            ([first, ..], 0, []) => self.adopt(first, rows(&states.done), wanted.len()).await,
            (done, open, []) => {
                let why = format!("it was done for {} of {}", done.len(), done.len() + open);
                Ok(Found::cannot_tell(why, self.shown_rows(&rows(done))))
            }
            (_, _, unclear) => Ok(Found::cannot_tell(CHANGED, self.shown_rows(&rows(unclear)))),
        }
    }

    /// Adds the state of one thing; what is not there, or elsewhere, the server leaves out as well.
    async fn judge_item(&self, scope: &Scope<'_>, states: &mut States) -> Result<(), Failure> {
        let seen = match self.subject(scope).await {
            Err(failure) if failure.kind == FailureKind::NotFound => return Ok(()),
            seen => seen?,
        };
        if is_it(self.plan.same, scope, &seen) == Verdict::No {
            return Ok(());
        }
        if self.is_done(&seen, scope) {
            states.done.push(seen);
        } else if self.is_open(&seen, scope) {
            states.open += 1;
        } else {
            states.unclear.push(seen);
        }
        Ok(())
    }
}

/// Returns the thing itself, out of what was read about it.
fn shown(seen: &Seen) -> Value {
    let answer = seen.get.as_ref().and_then(Value::as_object);
    let thing = answer.and_then(|fields| fields.values().find(|value| value.is_object()));
    thing.cloned().unwrap_or_default()
}
