//! `duvoscript api diff`: what a newer OpenAPI document adds, removes or changes.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use crate::catalog;
use crate::cli::command::{Action, Context, Format};
use crate::cli::exit::{self, Exit};
use crate::cli::output;
use crate::report::Problem;

/// Compares an OpenAPI document with the catalog; exits with 1 when they differ
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript api diff openapi.json")]
pub(in crate::cli) struct Diff {
    /// OpenAPI 3 document, as JSON
    spec: PathBuf,
}

impl Action for Diff {
    const NAME: &'static str = "diff";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let name = self.spec.display();
        let text = std::fs::read(&self.spec)
            .map_err(|fault| Problem::usage(format!("cannot read `{name}`")).cause(&fault))?;
        let spec = serde_json::from_slice(&text)
            .map_err(|fault| Problem::usage(format!("`{name}` is no JSON")).cause(&fault))?;
        let drift = catalog::diff(&spec)?;
        match context.global.output {
            Format::Json => output::show(
                serde_json::to_value(&drift).unwrap_or_default(),
                None,
                Format::Json,
            ),
            Format::Text | Format::Table => {
                for line in &drift {
                    // A closed pipe is the reader's choice.
                    _ = writeln!(anstream::stdout(), "{line}");
                }
                _ = writeln!(anstream::stderr(), "{} differences", drift.len());
            }
        }
        Ok(if drift.is_empty() {
            exit::OK
        } else {
            exit::SCRIPT
        })
    }
}
