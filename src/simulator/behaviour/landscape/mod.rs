//! The process landscape of an organization: a tree of areas and processes, links and labels.
//!
//! A generation takes ten seconds and puts every process that has no place yet into the tree.

mod labels;
mod links;
mod map;
mod nodes;
mod rows;
#[cfg(test)]
mod tests;

pub(crate) use map::finish;
pub(crate) use rows::State;

use super::Route;

pub(super) const ROUTES: &[&[Route]] = &[labels::ROUTES, links::ROUTES, map::ROUTES, nodes::ROUTES];
