//! Skills: packages of files with a SKILL.md that names and describes them.

mod archive;
mod files;
mod life;
mod manifest;
mod routes;
mod rows;
#[cfg(test)]
mod tests;

pub(crate) use manifest::package;
pub(super) use routes::ROUTES;
pub(crate) use rows::State;
