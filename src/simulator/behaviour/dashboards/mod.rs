//! Dashboards: made and changed in the background by asking for it, each change a new version.
//!
//! A turn takes eight seconds. A message with a question mark makes the dashboard ask back first; it
//! is `pending` until the answer comes.

mod chat;
mod pages;
mod routes;
mod rows;
#[cfg(test)]
mod tests;

pub(crate) use chat::finish;
pub(crate) use rows::State;

use super::Route;

pub(super) const ROUTES: &[&[Route]] = &[chat::ROUTES, pages::ROUTES, routes::ROUTES];
