//! Compares the catalog with an OpenAPI document: what the document adds, removes or changes.
//!
//! Both sides are brought into one [`form`], and only what both of them state is compared: where
//! the document leaves a value untyped, or the catalog says `any`, there is no drift.

mod compare;
mod document;
mod entry;
mod form;
mod operation;
mod report;
mod schema;
mod words;

pub use operation::diff;
pub use report::{Change, Drift};
