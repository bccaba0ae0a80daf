//! The SQL of the journal, one file a table: how rows are written and read.
//!
//! Every function works inside a transaction of its caller and knows nothing of locks or files.

pub(super) mod blob;
pub(super) mod due;
pub(super) mod event;
pub(super) mod line;
pub(super) mod owner;
pub(super) mod response;
pub(super) mod run;
pub(super) mod run_list;
pub(super) mod schedule;
pub(super) mod slot;
pub(super) mod source;
pub(super) mod step;
pub(super) mod time;
pub(super) mod wait;
