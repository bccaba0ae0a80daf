//! The HTTP face of the daemon: the API, its guards, its description.
//!
//! `routes` is the one list of all routes: the router and the description come from it.

mod access;
mod answer;
mod listen;
mod router;

pub use access::Access;
pub use listen::{Listen, Tls};
pub(super) use router::{Door, router};
