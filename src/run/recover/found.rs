//! What a look-up is asked, and what it may find.

use std::collections::HashSet;

use jiff::Timestamp;
use serde_json::Value;

use crate::api::Response;
use crate::catalog::{Call, Endpoint, Recovery, Way};

/// A call that was cut off.
#[derive(Clone, Copy, Debug)]
pub struct Lost<'a> {
    /// The call, as it would be sent again.
    pub call: &'a Call,
    /// When it was about to be sent, on the clock of this machine.
    pub intent_at: Timestamp,
    /// Ids of things that are known to be the work of other calls; see [`made_by`].
    pub taken: &'a HashSet<String>,
}

/// What became of the call.
#[derive(Clone, Debug)]
pub enum Found {
    /// It was carried out.
    Adopt(Adopted),
    /// It was not carried out, and may be sent.
    Absent,
    /// Either may be true.
    CannotTell {
        /// Why, in words for the person who decides.
        why: String,
        /// What the call may have made or changed.
        candidates: Vec<Candidate>,
    },
}

impl Found {
    /// Returns that it cannot be told.
    pub(super) fn cannot_tell(why: impl Into<String>, candidates: Vec<Candidate>) -> Self {
        Self::CannotTell {
            why: why.into(),
            candidates,
        }
    }
}

/// What the call has done.
#[derive(Clone, Debug)]
pub struct Adopted {
    /// The answer as the endpoint would give it now; what nobody can know any more is absent.
    pub answer: Response,
    /// Ids of what it made: no other call may adopt them.
    pub made: Vec<String>,
}

/// Something that the call may have made or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its id; empty when it has none.
    pub id: String,
    /// Its telling fields, in one line.
    pub summary: String,
}

/// Returns the ids of what a call made, from its answer: for [`Lost::taken`] of other calls.
pub fn made_by(endpoint: &Endpoint, answer: &[u8]) -> Vec<String> {
    serde_json::from_slice(answer)
        .map(|answer| ids(endpoint, &answer))
        .unwrap_or_default()
}

/// The same, of an answer that is read already.
pub(super) fn ids(endpoint: &Endpoint, answer: &Value) -> Vec<String> {
    let makes = |recovery: &Recovery| match recovery.way {
        Way::LookUp(plan) => plan.makes(),
        Way::Impossible(_) => false,
    };
    if !endpoint.recovery.as_ref().is_some_and(makes) {
        return Vec::new();
    }
    let result = endpoint.resource.and_then(|key| answer.get(key));
    if let Some(Value::Array(items)) = result {
        return items.iter().filter_map(id).collect();
    }
    let fields = answer.as_object().into_iter().flatten();
    let named = fields.filter_map(|(name, value)| match value {
        Value::String(text) if name == "id" || name.ends_with("_id") => Some(text.clone()),
        inner => id(inner),
    });
    named.collect()
}

/// Returns the id of a thing.
pub(super) fn id(thing: &Value) -> Option<String> {
    thing.get("id")?.as_str().map(ToOwned::to_owned)
}
