//! The simulator's HTTP side: it receives a request, admits and checks it, has the world answer, and
//! spoils the answer when a fault says so. It knows nothing of what endpoints do.

mod admission;
mod control;
mod fault;
mod ledger;
mod listen;
mod received;
mod respond;
mod room;
mod routes;
mod serve;
mod start;
#[cfg(test)]
mod tests;
mod webhook;

pub(crate) use fault::Rule;
pub use start::{Simulator, SimulatorError};
