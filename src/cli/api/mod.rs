//! `duvoscript api`: the catalog of endpoints, and single calls.

mod call;
mod diff;
mod list;
mod show;

use clap::{ArgMatches, Args, Command, Error, FromArgMatches};

use super::command::{Action, Context, Entry, dispatch, entry};
use super::exit::Exit;
use crate::catalog::{self, Endpoint};
use crate::report::{Problem, nearest};

/// The commands below `api`.
const COMMANDS: &[Entry] = &[
    entry::<list::List>(),
    entry::<show::Show>(),
    entry::<call::Call>(),
    entry::<diff::Diff>(),
];

/// `duvoscript api`, with the subcommand that was given.
#[derive(Debug)]
pub(super) struct Api {
    matches: ArgMatches,
}

impl FromArgMatches for Api {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        Ok(Self {
            matches: matches.clone(),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.matches = matches.clone();
        Ok(())
    }
}

impl Args for Api {
    fn augment_args(command: Command) -> Command {
        command
            .about("Shows the endpoints of the API, and calls them")
            .after_help("Example: duvoscript api show jobs.start")
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommands(COMMANDS.iter().map(|entry| (entry.command)()))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl Action for Api {
    const NAME: &'static str = "api";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        match self.matches.subcommand() {
            Some((name, matches)) => dispatch(COMMANDS, name, matches, context),
            None => Ok(super::exit::OK),
        }
    }
}

/// Finds an endpoint by its name (`jobs.start`, `jobs::start`) or its operationId (`startRun`).
fn find(name: &str) -> Result<&'static Endpoint, Problem> {
    let plain = name.trim_start_matches("duvo::").replace("::", ".");
    if let Some(endpoint) = catalog::by_name(&plain).or_else(|| catalog::by_operation(name)) {
        return Ok(endpoint);
    }
    let problem = Problem::usage(format!("there is no endpoint `{name}`"));
    let (section, _) = plain.split_once('.').unwrap_or((&plain, ""));
    let in_section = format!("`duvoscript api list {section}.` shows those of the section");
    let is_known = catalog::section(section).is_some();
    let names = || catalog::endpoints().map(|endpoint| endpoint.name);
    let near = nearest(
        &plain,
        names().filter(|name| !is_known || name.starts_with(&format!("{section}."))),
    );
    Err(match near {
        Some(near) if plain.contains('.') => problem.hint(format!("did you mean `{near}`?")),
        _ if is_known => problem.hint(in_section),
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem.hint("`duvoscript api list` shows all of them"),
    })
}
