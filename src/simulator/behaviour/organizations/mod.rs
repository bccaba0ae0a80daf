//! Organizations: their teams and members, and figures about the jobs of the simulator itself.
//!
//! The simulator's own decisions: inviting somebody who belongs to the organization, or is invited
//! already, is refused; roles rank member, admin, owner, executive.

mod insights;
mod members;
mod routes;
mod rows;
mod seed;
#[cfg(test)]
mod tests;

pub(super) use routes::ROUTES;
pub(crate) use rows::{Rank, State};
pub(super) use seed::seed;
