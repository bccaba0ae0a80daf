//! Jobs: started by a call, a case trigger or a schedule, they follow a course of the scenario step
//! by step, may wait for a person on the way, and are evaluated in the end.

mod life;
mod people;
mod routes;
mod rows;
mod start;
#[cfg(test)]
mod tests;

pub(crate) use life::{evaluate, interrupt, step};
pub(super) use routes::ROUTES;
pub(crate) use routes::{evaluation_summary, message_view};
pub(crate) use rows::{Evaluation, Job, Message, MessageKind, State, Status};
pub(crate) use start::{Start, start};
