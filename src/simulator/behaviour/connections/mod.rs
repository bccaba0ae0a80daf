//! Connections, their types, custom MCP servers, and OAuth flows.

mod composio;
mod flows;
mod life;
mod oauth;
mod routes;
mod rows;
mod servers;
#[cfg(test)]
mod tests;
mod types;

pub(crate) use flows::authorize;
pub(super) use routes::ROUTES;
pub(crate) use rows::{Connection, State};
pub(crate) use types::add_kinds;
