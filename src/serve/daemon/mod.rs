//! The daemon: starts, keeps going, drains.

mod standing;
mod start;

pub(super) use standing::Standing;
pub use start::{Daemon, Parts, Settings};
