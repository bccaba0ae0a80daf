//! The MCP server: JSON-RPC over HTTP, with every operation of the catalog as a tool.
//!
//! A tool is named by its operationId and does what the endpoint does, in the same world. Left out
//! are the calls of this section itself, and `queues`' clearing, which the platform does not offer
//! here. What a call refuses is a result with `isError`, so that a model can read why.

mod call;
mod routes;
mod schema;
#[cfg(test)]
mod tests;
mod tools;

pub(super) use routes::ROUTES;
