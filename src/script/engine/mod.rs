//! The interpreter of a run: what it has, what it may use up, and the threads it runs on.

pub(in crate::script) mod build;
mod language;
pub(in crate::script) mod limits;
mod memory;
pub(in crate::script) mod meter;
pub(in crate::script) mod register;
pub(in crate::script) mod thread;
pub(in crate::script) mod words;
