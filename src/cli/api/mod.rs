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
    Err(Problem::usage(format!("there is no endpoint `{name}`")).hint(suggestion(&plain)))
}

/// Says which endpoint could be meant, first of all one of the section that was named.
fn suggestion(name: &str) -> String {
    let names = || catalog::endpoints().map(|endpoint| endpoint.name);
    let meant = |near: &str| format!("did you mean `{near}`?");
    let section = name.split('.').next().unwrap_or_default();
    if catalog::section(section).is_none() {
        return nearest(name, names())
            .map_or_else(|| "`duvoscript api list` shows all of them".into(), meant);
    }
    let prefix = format!("{section}.");
    let near = nearest(name, names().filter(|other| other.starts_with(&prefix)));
    match near.filter(|_| name.contains('.')) {
        Some(near) => meant(near),
        None => format!("`duvoscript api list {prefix}` shows those of the section"),
    }
}
