//! Durable runs: killed anywhere, they go on where they were, and nothing is repeated or lost.
//!
//! [`port`] answers from the record and then records; [`settle`] brings an effect to its end, also
//! one that was cut off; [`run`] begins runs, takes them up, and says how they ended; [`upgrade`]
//! compares a record with other sources.

mod append;
mod cancel;
mod crash;
mod describe;
mod fault;
mod made;
mod outcome;
mod port;
mod record;
mod repeat;
mod rest;
mod run;
mod settle;
mod sources;
mod upgrade;
mod verdict;
mod wait;

pub use crash::Crash;
pub(super) use describe::Description;
pub(super) use fault::{nothing_to_wait_for, too_long};
pub use port::Patience;
pub use rest::{give_up, put_on_hold};
pub use run::{Around, Beginning, Concluded, DurableRun, ENGINE, End, Stopper, arguments};
pub use settle::answer_name;
pub use upgrade::{Comparison, Difference, compare, switch};
pub use verdict::{Verdict, resolution};
