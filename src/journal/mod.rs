//! Keeps runs, their steps and waits, and what happened to them, in one SQLite file.
//!
//! It stores rows and knows nothing of scripts, effects or HTTP. [`Journal::put`] never waits for
//! the disk; [`Journal::force`] does, and everybody who waits in that instant shares one forced
//! write. What was forced survives a power loss, what was committed survives a kill.

mod archive;
mod changes;
mod crash;
mod decisions;
mod error;
mod file;
mod format;
mod inspecting;
mod open;
mod owners;
mod pruning;
mod queue;
mod readers;
mod reading;
mod rows;
mod scheduling;
mod seal;
mod table;
mod writer;

pub(crate) use crash::point as crash_point;
pub use error::JournalError;
pub use open::Journal;
pub use rows::{
    Claim, Count, Deciding, Decision, Delivered, Due, EventRow, Fate, FirstRun, Inspection,
    LineRow, NewEvent, NewLine, NewRun, NewSlot, NewStep, Order, OutcomeRow, OwnerRow, Pause,
    PruneFilter, Resolution, ResponseRow, RunFilter, RunRow, RunState, ScheduleRow, Served,
    Settlement, SlotFilter, SlotKind, SlotRow, Standing, Statistics, StepRow, StoredSource,
    WaitRow, Write,
};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod trial;
