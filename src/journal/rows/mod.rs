//! What goes into the journal and comes out of it: plain values, one file a table.

mod event;
mod filter;
mod inspection;
mod line;
mod owner;
mod run;
mod schedule;
mod slot;
mod source;
mod step;
mod text;
mod wait;
mod write;

pub use event::{Delivered, EventRow, NewEvent, ResponseRow};
pub use filter::{PruneFilter, RunFilter};
pub use inspection::{Inspection, Statistics};
pub use line::{LineRow, NewLine};
pub use owner::{Claim, OwnerRow};
pub use run::{NewRun, Order, RunRow, RunState};
pub use schedule::{Pause, ScheduleRow, Served};
pub use slot::{
    Count, Deciding, Decision, Fate, FirstRun, NewSlot, Settlement, SlotFilter, SlotKind, SlotRow,
    Standing,
};
pub use source::StoredSource;
pub use step::{NewStep, OutcomeRow, Resolution, StepRow};
pub use wait::{Due, WaitRow};
pub use write::Write;
