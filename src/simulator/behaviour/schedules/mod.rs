//! Schedules of the platform: they fire on the simulator's clock and start jobs on the live setup.

mod cron;
mod firing;
mod life;
mod routes;
mod rows;
#[cfg(test)]
mod tests;
mod timing;

pub(crate) use firing::fire;
pub(super) use life::of;
pub(super) use routes::ROUTES;
pub(crate) use rows::{Schedule, State};
pub(crate) use timing::Timing;
