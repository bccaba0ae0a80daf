//! What people see: plain values, made from rows, that say nothing secret and do nothing.
//!
//! Their JSON is the API's, and their schemas are its description.

mod overview;
mod run;
mod schedule;
mod step;
mod time;

pub use overview::{DaemonView, FaultView, Health, LeftAlone, Overview};
pub use run::{ProblemView, RunBrief, RunView};
pub use schedule::{PauseView, ScheduleView, SlotView};
pub use step::{EventView, LineView, PlaceView, SourceView, StepView, WaitView};

pub(in crate::serve) use step::{Timeline, parsed};
pub(in crate::serve) use time::Time;
