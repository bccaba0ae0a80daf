//! Assignments, their folders, the rubrics that score their jobs, and moves between teams.

mod agents;
mod folders;
mod moving;
mod routes;
mod rows;
mod rubrics;
#[cfg(test)]
mod tests;

pub(super) use routes::ROUTES;
pub(crate) use rows::{Folder, State};
