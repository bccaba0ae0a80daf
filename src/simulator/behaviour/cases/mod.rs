//! Cases: created, dispatched to the consumer of their queue, claimed by one job, and ended by it.
//!
//! Dispatch is by a tick each second while there is something to do: cases put off and due come
//! first, then higher priority, then age. The platform allows ten jobs at a time for a trigger.

mod approvals;
mod bulk;
mod dispatch;
mod ending;
mod filter;
mod routes;
mod rows;
#[cfg(test)]
mod tests;

pub(crate) use approvals::{cancel_batch, decide, open_batch};
pub(crate) use dispatch::{CONCURRENCY, active_jobs, claim_for, dispatch, limit};
pub(crate) use ending::{Ending, add_from_job, note_request, release, remove, settle};
pub(super) use routes::ROUTES;
pub(crate) use routes::add_described;
pub(crate) use rows::{Priority, State, Status};
