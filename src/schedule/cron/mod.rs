//! Cron expressions, with the meaning they have on Unix.
//!
//! They are read here, field by field, and handed to the `cron` crate as explicit lists: that
//! crate counts weekdays from 1, wants both day fields to hold, and goes astray when clocks
//! change. So it only ever sees local times, as if they were UTC; zones are somebody else's job.

mod evaluate;
mod expression;
mod field;
mod refuse;
#[cfg(test)]
mod tests;

pub(in crate::schedule) use evaluate::Locals;
pub use expression::Cron;
pub(in crate::schedule) use expression::REBOOT;
