//! One run of a script: the only place where script and API meet.
//!
//! A `Driver` is the Host of every run; behind it stands a `Port`, which decides how effects are
//! recorded: in the journal for a [`DurableRun`], not at all for an [`EphemeralHost`].

mod console;
mod driver;
mod durable;
mod ephemeral;
mod in_flight;
mod live;
mod plan;
mod poller;
mod port;
mod project;
mod recover;
mod transfer;
mod web;

pub use console::{Console, Reply, Silence};
pub use durable::{
    Around, Away, Beginning, Comparison, Concluded, Crash, Difference, DurableRun, ENGINE, End,
    Ground, Patience, Start, Stopper, Verdict, answer_name, arguments, compare, give_up,
    put_on_hold, resolution, rows, switch,
};
pub use ephemeral::EphemeralHost;
pub use live::{Link, Permissions, Surroundings};
pub use plan::{Change, Plan, PlanHost, Understudy};
pub use poller::{Poller, PollerView};
pub use port::Divergence;
pub use project::Project;
pub use recover::{Adopted, Candidate, Found, Lost, Remedy, look_up, made_by, remedy};
pub use transfer::upload_of;
