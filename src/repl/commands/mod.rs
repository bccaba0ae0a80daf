//! The commands of the prompt: `:help` and completion come from this table.

mod about;
mod files;
mod forms;
mod inputs;
mod worlds;

use super::shell::{Next, Shell, Trouble};
use crate::report::{Problem, nearest};

/// What stands behind the name of a command, for completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// Nothing.
    Nothing,
    /// Any words.
    Words,
    /// A path in the project.
    File,
    /// Something that help knows.
    Topic,
    /// A section of the API.
    Section,
    /// An input.
    Input,
    /// A duration, and an input.
    PauseAndInput,
    /// `on` or `off`.
    Switch,
    /// A team.
    Team,
}

/// A command of the prompt.
pub(super) struct Command {
    /// Its name, without the `:`.
    pub(super) name: &'static str,
    /// What it takes, for people.
    pub(super) arguments: &'static str,
    /// What it takes, for completion.
    pub(super) takes: Takes,
    /// What it does.
    pub(super) doc: &'static str,
    /// Does it.
    run: fn(&mut Shell, &str) -> Result<Next, Trouble>,
}

/// All commands, in the order of the help.
pub(super) const COMMANDS: &[Command] = &[
    Command {
        name: "help",
        arguments: "[TOPIC]",
        takes: Takes::Topic,
        doc: "tells of a function, an endpoint, a section or a command; `?jobs.start` does the same",
        run: about::help,
    },
    Command {
        name: "find",
        arguments: "WORDS",
        takes: Takes::Words,
        doc: "searches functions, fields and commands",
        run: about::find,
    },
    Command {
        name: "endpoints",
        arguments: "[SECTION]",
        takes: Takes::Section,
        doc: "lists the endpoints of a section, or of all",
        run: about::endpoints,
    },
    Command {
        name: "json",
        arguments: "[INPUT]",
        takes: Takes::Input,
        doc: "shows the last value, or that of an input, as JSON",
        run: forms::json,
    },
    Command {
        name: "table",
        arguments: "[INPUT]",
        takes: Takes::Input,
        doc: "shows the last value, or that of an input, as a table",
        run: forms::table,
    },
    Command {
        name: "csv",
        arguments: "FILE",
        takes: Takes::File,
        doc: "writes the last value to a file, as CSV",
        run: forms::csv,
    },
    Command {
        name: "load",
        arguments: "FILE [NAME=VALUE …]",
        takes: Takes::File,
        doc: "evaluates a file as if it were typed: what it declares stays",
        run: files::load,
    },
    Command {
        name: "run",
        arguments: "FILE [NAME=VALUE …]",
        takes: Takes::File,
        doc: "runs a script on its own, with its arguments",
        run: files::run,
    },
    Command {
        name: "save",
        arguments: "FILE",
        takes: Takes::File,
        doc: "writes the inputs that worked to a file, as a script",
        run: files::save,
    },
    Command {
        name: "vars",
        arguments: "",
        takes: Takes::Nothing,
        doc: "lists variables and functions",
        run: |shell, _| {
            inputs::vars(shell);
            Ok(Next::Go)
        },
    },
    Command {
        name: "clear",
        arguments: "",
        takes: Takes::Nothing,
        doc: "forgets variables, functions, imports, and the inputs for `:save`",
        run: |shell, _| {
            inputs::clear(shell);
            Ok(Next::Go)
        },
    },
    Command {
        name: "time",
        arguments: "INPUT",
        takes: Takes::Input,
        doc: "evaluates an input, and says how long it took",
        run: inputs::time,
    },
    Command {
        name: "watch",
        arguments: "PAUSE INPUT",
        takes: Takes::PauseAndInput,
        doc: "evaluates an input again and again, such as `:watch 5s duvo::jobs::list()`, until Ctrl-C",
        run: inputs::watch,
    },
    Command {
        name: "team",
        arguments: "[TEAM]",
        takes: Takes::Team,
        doc: "goes to a team by its name or id; lists the teams without one; `none` for the implied one",
        run: worlds::team,
    },
    Command {
        name: "sim",
        arguments: "",
        takes: Takes::Nothing,
        doc: "goes to the simulator",
        run: worlds::sim,
    },
    Command {
        name: "live",
        arguments: "",
        takes: Takes::Nothing,
        doc: "goes to Duvo; a destructive call asks first there",
        run: worlds::live,
    },
    Command {
        name: "plan",
        arguments: "on|off",
        takes: Takes::Switch,
        doc: "shows calls that would change something, and does not send them",
        run: worlds::plan,
    },
    Command {
        name: "quit",
        arguments: "",
        takes: Takes::Nothing,
        doc: "leaves, as Ctrl-D does",
        run: |_, _| Ok(Next::Leave),
    },
];

/// Does what a command says; a beginning that only one command has is enough.
pub(super) fn run(shell: &mut Shell, text: &str) -> Result<Next, Trouble> {
    let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let command = named(name)?;
    (command.run)(shell, rest.trim())
}

fn named(name: &str) -> Result<&'static Command, Problem> {
    if let Some(command) = COMMANDS.iter().find(|command| command.name == name) {
        return Ok(command);
    }
    let mut begun = COMMANDS
        .iter()
        .filter(|command| command.name.starts_with(name));
    if let (Some(only), None, false) = (begun.next(), begun.next(), name.is_empty()) {
        return Ok(only);
    }
    let problem = Problem::usage(format!("there is no command `:{name}`"));
    Err(
        match nearest(name, COMMANDS.iter().map(|command| command.name)) {
            Some(near) => problem.hint(format!("did you mean `:{near}`?")),
            None => problem.hint("`:help` lists the commands"),
        },
    )
}

/// Returns the argument of a command that needs one.
fn needed<'a>(given: &'a str, command: &str) -> Result<&'a str, Problem> {
    if !given.is_empty() {
        return Ok(given);
    }
    let command = named(command)?;
    Err(
        Problem::usage(format!("`:{}` wants {}", command.name, command.arguments))
            .hint(format!("it {}", command.doc)),
    )
}
