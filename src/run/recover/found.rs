//! What a look-up is asked, and what it may find.

use std::collections::HashSet;

use jiff::Timestamp;
use serde_json::Value;

use crate::api::Response;
use crate::catalog::{Call, Endpoint};

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
    let result = endpoint.resource.and_then(|key| answer.get(key));
    let things = match result.unwrap_or(answer) {
        Value::Array(items) => items.iter().collect(),
        one => vec![one],
    };
    let mut ids: Vec<String> = things.into_iter().filter_map(id).collect();
    let is_id = |name: &str| name.ends_with("_id") || name.ends_with("Id");
    let beside = answer.as_object().into_iter().flatten();
    let beside = beside.filter(|(name, _)| is_id(name));
    ids.extend(beside.filter_map(|(_, value)| value.as_str().map(Into::into)));
    ids
}

/// Returns the id of a thing.
pub(super) fn id(thing: &Value) -> Option<String> {
    thing.get("id")?.as_str().map(ToOwned::to_owned)
}
