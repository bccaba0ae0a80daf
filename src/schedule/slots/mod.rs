//! The moments of a plan, one after the other.
//!
//! A plan looks at nothing but itself: the same one gives the same slots at any time and on any
//! machine, whoever asks, from wherever.

mod exclude;
mod local;
mod moments;
mod plan;
#[cfg(test)]
mod tests;
mod timing;

pub use exclude::{Day, Exclusion, Exclusions};
pub use local::When;
pub use plan::{Plan, Slot, Slots};
pub use timing::Timing;
