//! `duvoscript api show`: everything the catalog knows of one endpoint.

use std::io::Write as _;

use clap::Args;

use super::find;
use super::list::describe;
use crate::catalog::page;
use crate::cli::command::{Action, Context, Format};
use crate::cli::exit::{self, Exit};
use crate::cli::output;
use crate::report::Problem;

/// Shows one endpoint: how to call it, its fields, what it answers
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript api show jobs.start")]
pub(in crate::cli) struct Show {
    /// Name (jobs.start) or operationId (startRun)
    name: String,
}

impl Action for Show {
    const NAME: &'static str = "show";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let endpoint = find(&self.name)?;
        match context.global.output {
            Format::Json => output::show(describe(endpoint), None, Format::Json),
            // A closed pipe is the reader's choice.
            Format::Text | Format::Table => _ = write!(anstream::stdout(), "{}", page(endpoint)),
        }
        Ok(exit::OK)
    }
}
