//! The process landscape of an organization: a tree of areas and processes, links and labels.
//!
//! The simulator's own decisions: a node may lie at most eight levels deep, and under any node but
//! itself and what is below it (422); names are text with at least one letter (422). A generation
//! takes some seconds, proposes a process for each loose capture, and files unsorted processes in an
//! area of their own; a second one meanwhile, or one without anything to go by, is refused (422).
//! Deleting a node deletes its process; the processes below it become unsorted.

mod captures;
mod generation;
mod labels;
mod links;
mod map;
mod nodes;
mod routes;
mod rows;
mod seed;
#[cfg(test)]
mod tests;

pub(crate) use generation::{Event, happen};
pub(crate) use labels::{check_label, find_or_add as find_or_add_label, list_of as list_labels_of};
pub(super) use routes::ROUTES;
pub(crate) use rows::State;
pub(super) use seed::seed;
