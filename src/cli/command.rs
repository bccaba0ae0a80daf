//! What a command is, and what all of them share.

use std::io::IsTerminal;
use std::marker::PhantomData;
use std::path::PathBuf;

use clap::{ArgMatches, Args, Command, FromArgMatches, ValueEnum};

use super::env::Environment;
use super::exit::Exit;
use crate::report::{Failure, Problem};

/// The options of every command.
#[derive(Args, Clone, Debug)]
pub(super) struct Global {
    /// How results are shown
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub(super) output: Format,
    /// The same as `--output json`
    #[arg(long, global = true, conflicts_with = "output")]
    json: bool,
    /// Team to work in, where the key has several [env: `DUVO_TEAM_ID`]
    #[arg(long, global = true, value_name = "ID")]
    pub(super) team: Option<String>,
    /// File that holds the API key [env: `DUVO_API_KEY_FILE`]
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) api_key_file: Option<PathBuf>,
    /// Directory of the journal; `.duvoscript` in the project unless set [env: `DUVOSCRIPT_STATE`]
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) state: Option<PathBuf>,
}

impl Global {
    /// Returns the options with their short forms resolved.
    pub(super) fn resolved(mut self) -> Self {
        if self.json {
            self.output = Format::Json;
        }
        self
    }
}

/// How results are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people: tables for lists, key and value for one thing
    Text,
    /// JSON as the API gives it, on stdout alone
    Json,
    /// A table, also for one thing
    Table,
}

/// What a command gets beside its own arguments.
#[derive(Clone)]
pub(super) struct Context {
    pub(super) environment: Environment,
    pub(super) global: Global,
}

impl Context {
    /// Starts the program's own log, on stderr: warnings, or what the environment asks for.
    pub(super) fn start_log(&self) {
        let filter = self
            .environment
            .get("DUVOSCRIPT_LOG")
            .unwrap_or("duvoscript=warn");
        let log = tracing_subscriber::fmt()
            .with_env_filter(tracing_subscriber::EnvFilter::new(filter))
            .with_ansi(
                std::io::stderr().is_terminal() && self.environment.get("NO_COLOR").is_none(),
            )
            .with_target(false)
            .with_writer(std::io::stderr);
        // A second start in one process keeps the first log.
        _ = log.try_init();
    }
}

/// A command: its arguments, and what it does.
pub(super) trait Action: Args {
    /// The word on the command line.
    const NAME: &'static str;

    /// Does it.
    fn run(self, context: &Context) -> Result<Exit, Problem>;
}

/// A line in a table of commands.
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) command: fn() -> Command,
    run: fn(&ArgMatches, &Context) -> Result<Exit, Problem>,
}

/// Returns the line of a command.
pub(super) const fn entry<A: Action>() -> Entry {
    Entry {
        name: A::NAME,
        command: || A::augment_args(Command::new(A::NAME)),
        run: |matches, context| {
            let arguments =
                A::from_arg_matches(matches).map_err(|fault| Problem::usage(fault.to_string()))?;
            arguments.run(context)
        },
    }
}

/// Runs the command of a name from a table.
pub(super) fn dispatch(
    commands: &[Entry],
    name: &str,
    matches: &ArgMatches,
    context: &Context,
) -> Result<Exit, Problem> {
    match commands.iter().find(|entry| entry.name == name) {
        Some(entry) => (entry.run)(matches, context),
        None => Err(Failure::invalid(format!("there is no command `{name}`")).into()),
    }
}

/// A topic of commands: `duvoscript TOPIC COMMAND`.
pub(super) trait Topic: std::fmt::Debug {
    /// The word on the command line.
    const NAME: &'static str;
    /// What its commands are about.
    const ABOUT: &'static str;
    /// One of them at work.
    const EXAMPLE: &'static str;
    /// Its commands, in the order of the help.
    const COMMANDS: &'static [Entry];
}

/// The command of a topic: the subcommand that was given.
#[derive(Debug)]
pub(super) struct Group<T> {
    matches: ArgMatches,
    topic: PhantomData<T>,
}

impl<T: Topic> FromArgMatches for Group<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self {
            matches: matches.clone(),
            topic: PhantomData,
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.matches = matches.clone();
        Ok(())
    }
}

impl<T: Topic> Args for Group<T> {
    fn augment_args(command: Command) -> Command {
        command
            .about(T::ABOUT)
            .after_help(format!("Example: {}", T::EXAMPLE))
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommands(T::COMMANDS.iter().map(|entry| (entry.command)()))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<T: Topic> Action for Group<T> {
    const NAME: &'static str = T::NAME;

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        match self.matches.subcommand() {
            Some((name, matches)) => dispatch(T::COMMANDS, name, matches, context),
            None => Ok(super::exit::OK),
        }
    }
}
