//! What a script would change, told before anything is sent, and held to afterwards.
//!
//! [`PlanHost`] lets a script read the world and answers its changes by an understudy; [`Approval`]
//! lets a run make only the changes of a plan, in their order.

mod approve;
mod branches;
mod host;
mod made;
mod model;
mod understudy;

pub(super) use approve::Approval;
pub use host::{PlanHost, Understudy};
pub use model::{Change, Plan};

use super::durable::Description;
use crate::script::Effect;

/// The name under which a run keeps its approved plan among its sources.
pub(super) const KEPT: &str = ".plan.json";

/// Returns whether an effect changes something, in Duvo or on this machine.
fn changes(effect: &Effect, told: &Description) -> bool {
    told.mutates || matches!(effect, Effect::WriteFile { .. } | Effect::Download { .. })
}
