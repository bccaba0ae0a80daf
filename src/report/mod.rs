//! Says what went wrong, where, and what to do about it.
//!
//! [`Failure`] is what a failed effect tells a script (a catchable map); [`Problem`] is what the
//! program tells a person. [`render()`] turns a problem into text with the source line under it.

pub mod exit;
mod failure;
mod guard;
mod lines;
mod problem;
mod render;
mod suggest;

pub use failure::{Failure, FailureKind};
pub use guard::{bug, guarded};
pub use lines::Lines;
pub use problem::{Frame, Place, Problem, ProblemKind};
pub use render::{Sources, render};
pub use suggest::nearest;
