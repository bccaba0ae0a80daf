//! The daemon: starts, keeps going, drains.
//!
//! Runs that are due stand in the journal, and are taken up from there in turns by a bounded number of
//! threads. A run that only waits is put away; nothing of it is kept in memory but the looks at the
//! Jobs that it waits for.

mod errand;
mod floor;
mod jobs;
mod line;
mod lock;
mod orders;
mod pings;
mod reload;
mod rounds;
mod standing;
mod start;
mod tally;
mod works;

pub(super) use floor::Floor;
pub(super) use standing::Standing;
pub use start::{Daemon, Parts, Settings};
pub(super) use tally::Tally;
