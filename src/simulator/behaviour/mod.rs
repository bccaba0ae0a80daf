//! How the endpoints behave: one file a section.
//!
//! A section's file holds its rows (`State`, kept in one field of the [`World`]), a table `ROUTES`
//! from catalog names to functions, and the functions. A function gets checked requests only, gives
//! the documented answer or a [`Refusal`], and never waits. What no table names answers by sample.

#![expect(
    clippy::unnecessary_wraps,
    reason = "all behaviours have one signature, also those that refuse nothing"
)]

pub(crate) mod assignments;
pub(crate) mod cases;
pub(crate) mod connections;
pub(crate) mod dashboards;
pub(crate) mod event_triggers;
#[cfg(test)]
mod exam;
pub(crate) mod files;
pub(crate) mod jobs;
pub(crate) mod labels;
pub(crate) mod landscape;
pub(crate) mod logins;
pub(crate) mod mcp;
pub(crate) mod memory;
pub(crate) mod organizations;
pub(crate) mod plugins;
pub(crate) mod processes;
pub(crate) mod queues;
mod routes;
pub(crate) mod sandboxes;
pub(crate) mod schedules;
pub(crate) mod secrets;
mod seeds;
pub(crate) mod setups;
pub(crate) mod skills;
pub(crate) mod suggestions;
pub(crate) mod teams;
pub(crate) mod triggers;

pub(crate) use routes::{Outcome, Route, answer, contains, set};
pub(crate) use seeds::seed;

#[cfg(doc)]
use super::{reply::Refusal, world::World};
