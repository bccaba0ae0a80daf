//! The help of a script: what its header declares, as a command's help would say it.

use std::fmt::Write as _;
use std::path::Path;

use super::output::columns;
use crate::script::{Argument, Header};

/// Returns the help of a script.
pub(super) fn script_help(path: &Path, header: &Header) -> String {
    let mut text = String::new();
    if !header.description.is_empty() {
        _ = writeln!(text, "{}\n", header.description);
    }
    _ = writeln!(
        text,
        "Usage: duvoscript run {}{}",
        path.display(),
        usage(&header.args)
    );
    let declared = [
        (
            "Arguments, each as --arg NAME=VALUE",
            columns(header.args.iter().map(row)),
        ),
        ("Reads from the environment", listed(&header.env)),
        ("Sends requests to", listed(&header.hosts)),
    ];
    for (title, lines) in declared.iter().filter(|(_, lines)| !lines.is_empty()) {
        _ = write!(text, "\n{title}:\n{lines}");
    }
    text
}

fn usage(arguments: &[Argument]) -> String {
    let one = |argument: &Argument| {
        let word = format!("--arg {}=…", argument.name);
        if argument.required {
            format!(" {word}")
        } else {
            format!(" [{word}]")
        }
    };
    arguments.iter().map(one).collect()
}

fn row(argument: &Argument) -> Vec<String> {
    let mut kind = argument.kind.name().to_owned();
    if !argument.choices.is_empty() {
        kind = argument.choices.join("|");
    }
    let default = match &argument.default {
        Some(value) => format!(
            "= {}",
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        ),
        None if argument.required => "required".to_owned(),
        None => String::new(),
    };
    let from = argument
        .env
        .as_ref()
        .map(|name| format!(" [env: {name}]"))
        .unwrap_or_default();
    let help = format!("{}{from}", argument.help);
    vec![format!("  {}", argument.name), kind, default, help]
}

fn listed(names: &[String]) -> String {
    columns(names.iter().map(|name| vec![format!("  {name}")]))
}
