//! Declarations of schedules: in the header of a script (`[schedule]`), and in the project's
//! `duvoscript.toml` (`[[schedule]]`).
//!
//! Both have the same keys; a header lacks only `script`. What is unknown or contradicts itself is
//! refused with its place: a schedule that runs otherwise than was meant is found too late.

mod args;
mod document;
mod exclude;
mod policy;
mod project;
mod read;
#[cfg(test)]
mod tests;

pub use policy::{CatchUp, Overlap, Ping, Policy, Retries};
pub use project::{Found, declared, judge};
pub use read::Declaration;
