//! Team files, and the signed addresses to which bytes are put and from which they are fetched.

mod life;
mod paths;
mod routes;
mod rows;
mod signed;
#[cfg(test)]
mod tests;

pub(crate) use paths::{clean, media_of};
pub(super) use routes::ROUTES;
pub(crate) use rows::{Purpose, State, write_for_job};
pub(crate) use signed::{UPLOAD_LIFE, download, upload};
