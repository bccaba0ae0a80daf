//! `duvoscript schedule trigger`: a run of a schedule, now.

use clap::Args;
use serde_json::json;

use super::Shown;
use super::kept;
use super::named::{Place, finish, plain};
use crate::cli::command::{Action, Context};
use crate::cli::exit::{self, Exit};
use crate::cli::runs::told::{note, tell};
use crate::clock::{Clock, SystemClock};
use crate::report::Problem;
use crate::schedule::trigger;

/// Wants a run of a schedule, now: the daemon makes it, once no other run of it is on
///
/// It takes no slot away, and runs though the schedule is paused.
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript schedule trigger nightly")]
pub(super) struct Trigger {
    /// Name of the schedule
    name: String,
}

impl Action for Trigger {
    const NAME: &'static str = "trigger";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let place = Place::look(context)?;
        Ok(finish(self.trigger(&place, context)))
    }
}

impl Trigger {
    fn trigger(&self, place: &Place, context: &Context) -> Result<Exit, Shown> {
        let name = place.find(&self.name)?.name();
        let journal = place.new_journal()?;
        let now = SystemClock::new().now();
        let slot = trigger(&journal, name, context.environment.user(), now);
        let slot = slot.map_err(|error| plain(error.into()))?;
        let absence = place.absence();
        let value = json!({
            "name": name,
            "slot": kept::whole(&slot),
            "served": absence.is_none(),
        });
        tell(
            context,
            value,
            &format!("`{name}` is triggered, at {}", slot.at),
        );
        if let Some(absence) = absence {
            note(&absence);
        }
        Ok(exit::OK)
    }
}
