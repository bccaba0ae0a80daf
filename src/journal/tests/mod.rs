//! Tests of the journal as a whole; those of one part stand beside it.

mod archiving;
mod crashing;
mod deciding;
mod failing;
mod grouping;
mod model;
mod owning;
mod pruning;
mod waiting;
mod writing;
