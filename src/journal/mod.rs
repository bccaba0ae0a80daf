//! Keeps runs, their steps and waits, and what happened to them, in one SQLite file.
//!
//! It stores rows and knows nothing of scripts, effects or HTTP. [`Journal::put`] never waits for
//! the disk; [`Journal::force`] does, and everybody who waits in that instant shares one forced
//! write. What was forced survives a power loss, what was committed survives a kill.

mod error;
mod event;
mod filter;
mod inspection;
mod journal;
mod line;
mod owner;
mod run;
mod source;
mod step;
mod text;
mod wait;
mod write;

pub use error::JournalError;
pub use event::{Delivered, EventRow, NewEvent};
pub use filter::{PruneFilter, RunFilter};
pub use inspection::Inspection;
pub use journal::Journal;
pub use line::{LineRow, NewLine};
pub use owner::{Claim, OwnerRow};
pub use run::{NewRun, Order, RunRow, RunState};
pub use source::StoredSource;
pub use step::{NewStep, OutcomeRow, Resolution, StepRow};
pub use wait::{Due, WaitRow};
pub use write::Write;
