//! `duvoscript completions`: the completion script of a shell.

use std::io::Write;

use clap::Args;
use clap_complete::Shell;

use super::command::{Action, Context};
use super::exit::{self, Exit};
use crate::report::Problem;

/// Prints the completion script of a shell
#[derive(Args, Debug)]
#[command(
    after_help = "Example: duvoscript completions bash > ~/.local/share/bash-completion/completions/duvoscript"
)]
pub(super) struct Completions {
    /// Shell to complete for
    #[arg(value_enum)]
    shell: Shell,
}

impl Action for Completions {
    const NAME: &'static str = "completions";

    fn run(self, _: &Context) -> Result<Exit, Problem> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut super::program(), "duvoscript", &mut script);
        // A closed pipe is the reader's choice.
        _ = std::io::stdout().write_all(&script);
        Ok(exit::OK)
    }
}
