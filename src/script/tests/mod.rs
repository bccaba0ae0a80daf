//! Runs scripts against a fake Host: what they get, what they send, and what is said of their errors.

mod calls;
pub(super) mod fake;
mod header;
mod language;
mod problems;
mod side_by_side;
mod waiting;

use fake::Fake;
