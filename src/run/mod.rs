//! One run of a script: the only place where script and API meet.
//!
//! [`LiveHost`] performs effects at once. It keeps the rule that at most one branch of a run
//! executes script code at any moment; effects run side by side.

mod baton;
mod console;
mod live;
mod poller;
mod project;
mod transfer;
mod wait;
mod web;

pub use console::{Console, Reply};
pub use live::{LiveHost, Permissions, Surroundings};
pub use poller::{Poller, PollerView};
pub use project::Project;
pub use transfer::upload_of;
