//! The `duvo` module: one function an endpoint, made from the catalog.
//!
//! A call goes: arguments to fields (`arguments`), judged by the catalog, sent through the Host,
//! unwrapped (`answer`). Lists follow their pages (`paging`), long batches are cut (`chunk`),
//! things are found by name (`find`), and what has no function is reached directly (`direct`).

mod answer;
mod arguments;
mod caller;
mod chunk;
mod direct;
mod endpoints;
mod find;
mod paging;

pub(super) use answer::unwrap;
pub(super) use arguments::{check, id_of};
pub(super) use direct::ALL;
pub use endpoints::How;
pub(super) use endpoints::{Function, add_endpoints, functions};
pub(super) use paging::iterators;
