//! How a run finds out what became of a call that was cut off: as data, and in words.
//!
//! The data stands with each endpoint that must not be sent twice; `endpoints/README.md` explains
//! the format. Nothing here reads or decides; `run::recover` does.

mod model;
mod words;

pub use model::{LookUp, Pair, Reading, Recovery, Term, Way};
pub use words::recovery_text;
