//! Decides what is due.
//!
//! A [`Declaration`] says when a script runs by itself and by which rules; its [`Plan`] turns that
//! into slots, from the declaration alone: what ran before, or whether anybody looked, changes none.
//!
//! | part | its one job |
//! | --- | --- |
//! | `fault` | what is wrong with a text, and where in it |
//! | `cron` | expressions of five or six fields, as local times |
//! | `zone` | local times as instants, also in the nights when clocks change |
//! | `slots` | the moments of a plan, one after the other |
//! | `declare` | declarations in headers and in `duvoscript.toml` |
//! | `keep` | the one fate of each slot, and its run |

mod cron;
mod declare;
mod fault;
mod keep;
mod slots;
#[cfg(test)]
mod trial;
mod zone;

pub use cron::Cron;
pub use declare::{CatchUp, Declaration, Found, Overlap, Ping, Policy, Retries, declared, judge};
pub use fault::Fault;
pub use keep::{
    Account, Backfill, Explanation, Keeper, Made, Parts, Reloaded, Turn, backfill, explain, hold,
    release, trigger,
};
pub use slots::{Day, Exclusion, Exclusions, Plan, Slot, Slots, Timing, When};
pub use zone::{Gap, Moved, Repeated, Rules, zone};
