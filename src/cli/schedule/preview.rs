//! `duvoscript schedule preview`: the next slots of a schedule of the project.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::{Shown, counted, from, rows};
use crate::cli::command::{Action, Context, Format};
use crate::cli::exit::{self, Exit};
use crate::report::{Failure, Problem, nearest};
use crate::run::Project;
use crate::schedule::{Declaration, Found, declared};

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

/// Finds a schedule; where it is not there, all that is wrong is shown: it may be among that.
fn find<'a>(found: &'a Found, name: &str) -> Result<&'a Declaration, Shown> {
    let mut names = found.declarations.iter();
    if let Some(declaration) = names.find(|declaration| declaration.name() == name) {
        return Ok(declaration);
    }
    for fault in &found.faults {
        crate::cli::show(fault, &found.sources);
    }
    let problem = Problem::usage(format!("there is no schedule `{name}`"));
    let names: Vec<_> = found.declarations.iter().map(Declaration::name).collect();
    let hint = match nearest(name, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.is_empty() => {
            "declare one in the header of a script below `scripts`, or in `duvoscript.toml`".into()
        }
        None => format!("the project has {}", names.join(", ")),
    };
    Err((problem.hint(hint), found.sources.clone()))
}

/// Opens the nearest project above the working directory: the one with a `duvoscript.toml`, or the
/// directory itself.
fn project() -> Result<Project, Problem> {
    let here = std::env::current_dir()
        .map_err(|fault| Failure::invalid(format!("there is no working directory: {fault}")))?;
    let marked = here
        .ancestors()
        .find(|folder| folder.join("duvoscript.toml").is_file());
    let root: PathBuf = marked.unwrap_or(&here).into();
    Ok(Project::open(root)?)
}
