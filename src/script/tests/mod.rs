//! Runs scripts against a fake Host: what they get, what they send, and what is said of their errors.

mod calls;
mod fake;
mod language;
mod problems;

use fake::Fake;
