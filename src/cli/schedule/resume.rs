//! `duvoscript schedule resume`: ends the pause of a schedule.

use clap::Args;
use serde_json::json;

use super::Shown;
use super::named::{Place, finish, plain};
use crate::cli::command::{Action, Context};
use crate::cli::exit::{self, Exit};
use crate::cli::runs::told::tell;
use crate::report::Problem;
use crate::schedule::release;

/// Ends the pause of a schedule, and forgets its failures; slots of the pause are not made up for
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript schedule resume nightly")]
pub(super) struct Resume {
    /// Name of the schedule
    name: String,
}

impl Action for Resume {
    const NAME: &'static str = "resume";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let place = Place::look(context)?;
        Ok(finish(self.resume(&place, context)))
    }
}

impl Resume {
    fn resume(&self, place: &Place, context: &Context) -> Result<Exit, Shown> {
        let name = place.find(&self.name)?.name();
        let resumed = match place.journal()? {
            Some(journal) => release(&journal, name).map_err(|error| plain(error.into()))?,
            None => false,
        };
        let line = if resumed {
            format!("`{name}` goes on")
        } else {
            format!("`{name}` is not paused")
        };
        tell(context, json!({ "name": name, "resumed": resumed }), &line);
        Ok(exit::OK)
    }
}
