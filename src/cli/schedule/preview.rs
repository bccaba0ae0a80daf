//! `duvoscript schedule preview`: the next slots of a schedule of the project.

use std::io::Write;

use clap::Args;

use super::named::{find, project};
use super::{Shown, counted, from, rows};
use crate::cli::command::{Action, Context, Format};
use crate::cli::exit::{self, Exit};
use crate::report::Problem;
use crate::schedule::{Found, declared};

/// Shows the next slots of a schedule: in UTC and local time, which rule moved one, which do not run
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript schedule preview nightly -n 5 --from 2026-10-24")]
pub(in crate::cli) struct Preview {
    /// Name of the schedule
    name: String,
    /// How many
    #[arg(short = 'n', long, value_name = "NUMBER", default_value_t = 10, value_parser = counted())]
    count: u32,
    /// Shows what comes after this time, RFC 3339 or local; after now unless set
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// The same as --output json
    #[arg(long)]
    json: bool,
}

impl Action for Preview {
    const NAME: &'static str = "preview";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let found = declared(&project()?);
        let format = if self.json {
            Format::Json
        } else {
            context.global.output
        };
        match self.show(&found, format) {
            Ok(()) => Ok(exit::OK),
            Err((problem, sources)) => {
                crate::cli::show(&problem, &sources);
                Ok(exit::of(problem.kind))
            }
        }
    }
}

impl Preview {
    fn show(&self, found: &Found, format: Format) -> Result<(), Shown> {
        let declaration = find(found, &self.name)?;
        let plan = &declaration.plan;
        let after = from(self.from.as_deref(), &plan.zone)?;
        let slots: Vec<_> = plan.after(after).take(self.count as usize).collect();
        if format != Format::Json {
            let zone = plan.zone.iana_name().unwrap_or("UTC");
            let (name, timing, script) = (&self.name, &plan.timing, &declaration.script);
            // A closed pipe is the reader's choice.
            _ = writeln!(
                anstream::stderr(),
                "{name}: {timing}, {zone}, runs {script}"
            );
        }
        rows::warn(&declaration.warnings);
        rows::show(&slots, plan, format);
        Ok(())
    }
}
