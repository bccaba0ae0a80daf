//! `duvoscript schedule pause`: puts a schedule on hold.

use clap::Args;
use serde_json::json;

use super::Shown;
use super::named::{Place, finish, plain};
use crate::cli::command::{Action, Context};
use crate::cli::exit::{self, Exit};
use crate::cli::runs::told::tell;
use crate::clock::{Clock, SystemClock};
use crate::journal;
use crate::report::Problem;
use crate::schedule::hold;

/// Puts a schedule on hold: its slots are skipped with the reason, until `schedule resume`
///
/// Runs that are on go on, and what a person triggers runs.
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript schedule pause nightly --reason 'audit until Friday'")]
pub(super) struct Pause {
    /// Name of the schedule
    name: String,
    /// Why; every slot that is skipped shows it
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

impl Action for Pause {
    const NAME: &'static str = "pause";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let place = Place::look(context)?;
        Ok(finish(self.pause(&place, context)))
    }
}

impl Pause {
    fn pause(&self, place: &Place, context: &Context) -> Result<Exit, Shown> {
        let name = place.find(&self.name)?.name();
        let journal = place.new_journal()?;
        let pause = journal::Pause {
            at: SystemClock::new().now(),
            by: context.environment.user().map(str::to_owned),
            reason: self.reason.clone(),
        };
        let is_new = hold(&journal, name, &pause).map_err(|error| plain(error.into()))?;
        let row = journal
            .schedule(name)
            .map_err(|error| plain(error.into()))?;
        let paused = row.and_then(|row| row.paused);
        let line = match (&paused, is_new) {
            (Some(before), false) => format!(
                "`{name}` is paused already, since {}: {}",
                before.at, before.reason
            ),
            _ => format!("`{name}` is paused"),
        };
        tell(
            context,
            json!({ "name": name, "paused": paused, "new": is_new }),
            &line,
        );
        Ok(exit::OK)
    }
}
