//! The daemon: runs what is due, and is there for people over HTTP.
//!
//! | part | its one job |
//! | --- | --- |
//! | `daemon` | start, drain, and what goes on in between |
//! | `desk` | all that people may see and do, behind one facade |
//! | `view` | what they see, as plain values: the JSON of the API |
//! | `http` | the API, its guards, its description |
//! | `page` | the page, for people |
//!
//! Nothing here runs a script by itself: what is due stands in the journal, and is taken up from there.

mod daemon;
mod desk;
mod http;
mod page;
mod refused;
mod view;

pub use daemon::{Daemon, Parts, Settings};
pub use desk::{Desk, Signalled};
pub use http::{Access, Hooks, Listen, Served, Tls, token};
pub use page::Gate;
pub use refused::{Refused, Why};
pub use view::{
    DaemonView, EventView, FaultView, Health, LeftAlone, LineView, Overview, PauseView, PlaceView,
    ProblemView, RunBrief, RunView, ScheduleView, SlotView, SourceView, StepView, WaitView,
};
