//! Processes: what was captured of them, the snapshots made of that, and the talk about both.
//!
//! The simulator's own decisions: a generation takes some seconds a stage and ends live, the former
//! live snapshot becoming historic; without a finished capture it fails. A saved snapshot is live at
//! once. A built automation leaves the process `complete`. Summaries are of processes in `review`
//! or `complete` that have a live current process. Snapshots that proposals rest on stay.

mod chat;
mod flow;
mod generation;
mod imports;
mod legacy;
mod lists;
mod old;
mod people;
mod routes;
mod rows;
mod seed;
mod snapshots;
#[cfg(test)]
mod tests;
mod views;

pub(crate) use generation::{Event, happen};
pub(crate) use imports::put_drawing;
pub(super) use routes::ROUTES;
pub(crate) use rows::{Label, Line, Process, Source, State, add_process, remove};
pub(crate) use seed::add_interview;
pub(super) use seed::seed;
pub(crate) use views::{capture_counts, contributors, summary_of};
