//! Completion: what can stand where the cursor stands, from the catalog and from what there is.
//!
//! It never waits: what must be asked of the server is fetched beside the prompt.

mod candidates;
mod fields;
mod files;
mod hints;
mod names;

pub(super) use candidates::{Known, complete};
pub(super) use hints::{Functions, signature_at};
pub(super) use names::Names;
