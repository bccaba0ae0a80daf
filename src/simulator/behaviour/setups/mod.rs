//! Setups: the versions of an assignment, one of them live, and what is wired to each.

mod config;
mod credentials;
mod promotion;
mod queues;
mod revisions;
mod routes;
mod rows;
mod slots;
#[cfg(test)]
mod tests;

pub(super) use config::filled;
pub(super) use revisions::view;
pub(super) use routes::ROUTES;
pub(crate) use rows::{NewSetup, Pin, Setup, State, Status};
