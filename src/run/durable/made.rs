//! What the run is known to have made: nothing of it can be what another, cut-off call has made.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::catalog::Repeat;
use crate::run::port::Outcome;
use crate::run::recover;
use crate::script::{Answer, Effect};

/// Ids of what the run has made; clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Made(Arc<Mutex<HashSet<String>>>);

impl Made {
    /// Adds what came of an effect.
    pub(super) fn learn(&self, effect: &Effect, outcome: &Outcome) {
        if let (Effect::Call(call), Ok(Answer::Json(body))) = (effect, outcome)
            && call.endpoint.repeat == Repeat::Once
        {
            self.add(recover::made_by(call.endpoint, body));
        }
    }

    /// Adds ids.
    pub(super) fn add(&self, ids: Vec<String>) {
        self.lock().extend(ids);
    }

    /// Returns all ids.
    pub(super) fn known(&self) -> HashSet<String> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
