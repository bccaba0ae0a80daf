//! `duvoscript runs import`: takes in a run that was exported.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde_json::json;

use super::told::tell;
use crate::cli::command::{Action, Context};
use crate::cli::exit::{self, Exit};
use crate::cli::state;
use crate::clock::SystemClock;
use crate::report::Problem;

/// Takes in a run that `runs export` wrote; nothing of it is executed
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript runs import run.jsonl")]
pub(super) struct Import {
    /// The file; `-` for stdin
    file: PathBuf,
}

impl Action for Import {
    const NAME: &'static str = "import";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let mut input = open(&self.file)?;
        let journal = state::new_journal(context, Arc::new(SystemClock::new()))?;
        let id = journal.import(&mut input)?;
        let line = format!("the run {id} is here; `duvoscript runs show {id}` shows it");
        tell(context, json!({ "run": id }), &line);
        Ok(exit::OK)
    }
}

fn open(path: &Path) -> Result<Box<dyn BufRead>, Problem> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(BufReader::new(std::io::stdin())));
    }
    let file = File::open(path).map_err(|fault| {
        Problem::usage(format!("cannot read `{}`", path.display())).cause(&fault)
    })?;
    Ok(Box::new(BufReader::new(file)))
}
