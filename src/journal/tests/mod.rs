//! Tests of the journal as a whole; those of one part stand beside it.

mod archiving;
#[cfg(unix)]
mod crashing;
mod deciding;
#[cfg(unix)]
mod failing;
mod grouping;
mod model;
mod owning;
mod pruning;
mod scheduling;
mod waiting;
mod writing;
