//! Tests of the journal as a whole; those of one part stand beside it.

mod writing;
