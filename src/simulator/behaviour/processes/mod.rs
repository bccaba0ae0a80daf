//! Process Intelligence: processes with captures, and snapshots that are generated, saved and promoted.
//!
//! A generation takes twelve seconds in three steps and ends with a live snapshot; the one that was
//! live becomes historic. One at a time: another is refused (409) until it is done or stopped.

mod chat;
mod content;
mod generate;
mod imports;
mod legacy;
mod people;
mod read;
mod rows;
mod snapshots;
#[cfg(test)]
mod tests;

pub(crate) use generate::{Work, go_on};
pub(crate) use imports::put_drawing;
pub(crate) use read::{add, add_interview, summarised};
pub(crate) use rows::{Process, State, remove};

use super::Route;

pub(super) const ROUTES: &[&[Route]] = &[
    chat::ROUTES,
    generate::ROUTES,
    imports::ROUTES,
    legacy::ROUTES,
    people::ROUTES,
    read::ROUTES,
    snapshots::ROUTES,
];
