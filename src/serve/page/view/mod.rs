//! The views: each reads what it shows from the desk, and renders it.

mod asked;
pub(super) mod inbox;
pub(super) mod item;
mod row;
pub(super) mod run;
pub(super) mod runs;
pub(super) mod schedule;
pub(super) mod schedules;
mod script;
mod strip;
mod timeline;
pub(super) mod today;
