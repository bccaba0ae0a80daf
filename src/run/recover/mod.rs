//! Finds out what became of a call that was cut off after it may have reached the server.
//!
//! [`look_up()`] only reads, as the endpoint's entry in the catalog says. It adopts what it finds only
//! when nothing else explains it, and says that nothing was done only when nothing can have been
//! overlooked; in every other case it says why it cannot tell, for a person to decide.

mod answer;
mod compare;
mod conclude;
mod deletion;
mod found;
mod judge;
mod look_up;
mod read;
mod remedy;
mod scope;
mod search;
mod states;
mod window;

pub(super) use deletion::done_before;
pub use found::{Adopted, Candidate, Found, Lost, made_by};
pub use look_up::look_up;
pub use remedy::{Remedy, remedy};
