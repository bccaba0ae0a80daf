//! `duvoscript runs export`: one run as a file, to be shown and replayed elsewhere.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, ErrorKind};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::told::{note, tell};
use super::which::Which;
use crate::cli::command::{Action, Context};
use crate::cli::exit::{self, Exit};
use crate::journal::{Journal, JournalError, RunRow};
use crate::report::Problem;

/// Writes a run as JSON lines, which `runs import` reads
///
/// Secrets are left out: a run that needs one of them to go on does not go on elsewhere.
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript runs export last run.jsonl")]
pub(super) struct Export {
    #[command(flatten)]
    which: Which,
    /// A file that is not there yet; stdout unless it is given
    file: Option<PathBuf>,
}

impl Action for Export {
    const NAME: &'static str = "export";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let (journal, run) = self.which.find(context)?;
        warn_of_secrets(&journal, &run)?;
        match self.file.filter(|file| file.as_os_str() != "-") {
            None => journal.export(&run.id, &mut std::io::stdout().lock())?,
            Some(file) => {
                write(&journal, &run, &file)?;
                let line = format!("the run {} lies in `{}`", run.id, file.display());
                tell(context, json!({ "run": run.id, "file": file }), &line);
            }
        }
        Ok(exit::OK)
    }
}

fn write(journal: &Journal, run: &RunRow, path: &Path) -> Result<(), Problem> {
    let mut out = BufWriter::new(create(path)?);
    let written = journal.export(&run.id, &mut out);
    drop(out);
    if written.is_err() {
        // Half a run is of no use to anybody; that it may be gone already is fine.
        _ = std::fs::remove_file(path);
    }
    Ok(written?)
}

/// Makes a file that only its owner may read, as the journal is.
fn create(path: &Path) -> Result<File, Problem> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|fault| {
        let name = path.display();
        let problem = Problem::usage(format!("cannot make the file `{name}`")).cause(&fault);
        match fault.kind() {
            ErrorKind::AlreadyExists => problem.hint("name another one, or remove it first"),
            _ => problem,
        }
    })
}

fn warn_of_secrets(journal: &Journal, run: &RunRow) -> Result<(), JournalError> {
    let steps = journal.steps(&run.id)?;
    let outcomes = steps.iter().filter_map(|step| step.outcome.as_ref());
    let sealed = outcomes.filter(|outcome| outcome.sealed.is_some()).count()
        + usize::from(run.sealed_arguments.is_some());
    if sealed > 0 {
        note(&format!("{sealed} values that hold secrets are masked"));
    }
    Ok(())
}
