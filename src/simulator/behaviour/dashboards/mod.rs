//! Dashboards of Duvo Pulse (artifacts in the API): pages made by asking for them.
//!
//! The simulator's own decisions: a page shows figures of the team's jobs and cases at the time it
//! was made; a message of fewer than three words is asked back about; a broken connection fails the
//! generation. Only the chat of the present version and those it came from is listed. Refreshing
//! counts anew without a new version. The key's own team is the first one of its user.

mod chat;
mod connections;
mod life;
mod page;
mod routes;
mod rows;
mod seed;
mod sharing;
#[cfg(test)]
mod tests;
mod versions;
mod views;

pub(crate) use life::{Event, happen};
pub(super) use routes::ROUTES;
pub(crate) use rows::State;
pub(super) use seed::seed;
