//! Gives every slot its one fate, and makes the runs.
//!
//! | part | its one job |
//! | --- | --- |
//! | `keeper` | what is served, what is due next, and a turn of it |
//! | `known` | what is known of schedules between turns |
//! | `gather` | the slots that are due and have no fate yet |
//! | `verdict` | what becomes of them, by the policy: no clock, no disk |
//! | `lane` | which slot runs and which waits, while runs of the schedule are on |
//! | `start` | the run of a slot, from the script as it is now |
//! | `settle` | draws the consequences of runs that have ended |
//! | `aftermath` | what the end of a run means |
//! | `wish` | what people want: trigger, make up for, pause |
//! | `explain` | why a slot ran, or did not |

mod aftermath;
mod explain;
mod gather;
mod keeper;
mod known;
mod lane;
mod settle;
mod start;
#[cfg(test)]
mod tests;
mod verdict;
mod wish;

pub use explain::{Account, Explanation, explain};
pub use keeper::{Keeper, Parts, Reloaded, Turn};
pub use wish::{Backfill, Made, backfill, hold, release, trigger};
