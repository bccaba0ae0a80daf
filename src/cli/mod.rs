//! Reads arguments and environment, wires the parts, prints, and gives the exit code.
//!
//! One file a command: its doc, its arguments, its action; one line in `COMMANDS`.

mod api;
mod check;
mod command;
mod completions;
mod connect;
mod console;
mod definitions;
mod doctor;
pub mod env;
mod in_step;
mod inbox;
mod output;
mod plan;
mod repl;
mod run;
mod runs;
mod schedule;
mod script_help;
mod serve;
mod sim;
mod state;
mod test;

pub use crate::report::exit;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::{Command, FromArgMatches};
use command::{Context, Entry, Global, Group, entry};
use env::Environment;
use exit::Exit;

use crate::report::{Problem, Sources, guarded, render};
use crate::secret::Veil;

/// All commands, in the order of the help.
const COMMANDS: &[Entry] = &[
    entry::<run::Run>(),
    entry::<Group<runs::Runs>>(),
    entry::<Group<schedule::Schedule>>(),
    entry::<Group<inbox::Inbox>>(),
    entry::<serve::Serve>(),
    entry::<plan::Plan>(),
    entry::<test::Test>(),
    entry::<repl::Repl>(),
    entry::<sim::Sim>(),
    entry::<doctor::Doctor>(),
    entry::<Group<api::Api>>(),
    entry::<check::Check>(),
    entry::<definitions::Definitions>(),
    entry::<completions::Completions>(),
];

/// Runs the program with the arguments and the environment of the process.
pub fn main() -> ExitCode {
    // Only tests build the fail points in.
    let _fail_points = fail::has_failpoints().then(fail::FailScenario::setup);
    let started = || start(std::env::args_os(), Environment::read());
    let code = match guarded("the program", started).and_then(|started| started) {
        Ok(exit) => exit,
        Err(problem) => {
            show(&problem, &Sources::default());
            exit::of(problem.kind)
        }
    };
    ExitCode::from(code.code)
}

fn start(
    arguments: impl IntoIterator<Item = std::ffi::OsString>,
    environment: Environment,
) -> Result<Exit, Problem> {
    let matches = match program().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(help) => return Ok(show_help(&help)),
    };
    let global =
        Global::from_arg_matches(&matches).map_err(|fault| Problem::usage(fault.to_string()))?;
    let context = Context {
        environment,
        global: global.resolved(),
    };
    context.start_log();
    match matches.subcommand() {
        Some((name, matches)) => command::dispatch(COMMANDS, name, matches, &context),
        None => Ok(exit::OK),
    }
}

/// Returns the whole command line, for parsing, help and completion.
fn program() -> Command {
    // The options of all commands bring a description of their own, which is none of the program.
    <Global as clap::Args>::augment_args(Command::new("duvoscript"))
        .version(env!("CARGO_PKG_VERSION"))
        .about("Runs Rhai scripts that drive the Duvo platform")
        .after_help(after_help())
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands(COMMANDS.iter().map(|entry| (entry.command)()))
}

fn after_help() -> String {
    use std::fmt::Write as _;
    let mut text = String::from(
        "Examples:\n  duvoscript run --sim scripts/process_invoices.rhai\n  duvoscript api show jobs.start\n\nExit codes:\n",
    );
    for exit in exit::TABLE {
        _ = writeln!(text, "  {:>3}  {}", exit.code, exit.meaning);
    }
    text += "\nEnvironment:\n";
    for variable in env::VARIABLES {
        _ = writeln!(text, "  {:18} {}", variable.name, variable.doc);
    }
    text
}

fn show_help(help: &clap::Error) -> Exit {
    // A closed pipe is the reader's choice.
    _ = help.print();
    if help.use_stderr() {
        exit::USAGE
    } else {
        exit::OK
    }
}

/// Shows a problem on stderr, with the source line under it where there is one.
fn show(problem: &Problem, sources: &Sources) {
    show_veiled(problem, sources, &Veil::default());
}

/// The same, without the secrets that a run has come to know.
fn show_veiled(problem: &Problem, sources: &Sources, veil: &Veil) {
    let is_styled = std::io::stderr().is_terminal();
    let text = render(problem, sources, is_styled);
    // Whoever closed the pipe wants to know no more.
    _ = writeln!(anstream::stderr(), "{}", veil.hide(&text));
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_sound() {
        super::program().debug_assert();
    }
}
