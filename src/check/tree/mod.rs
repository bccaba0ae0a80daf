//! A script as the rules read it: plain nodes, each with its place.
//!
//! The interpreter's own tree nests chains to the right, hides closures behind calls, and keeps
//! function bodies apart; `lower` and `statement` bring it into this form once, so that no rule needs to know.

mod chain;
mod function;
mod lower;
mod node;
mod statement;

pub(super) use function::{Function, Tree};
pub(super) use node::{Kind, Leave, Name, Node, Spot};
