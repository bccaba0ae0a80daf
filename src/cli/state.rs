//! Where the journal lies: the state directory of a project, or the one that is named.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::command::Context;
use crate::clock::Clock;
use crate::journal::Journal;
use crate::report::{Failure, Problem};

/// Name of the state directory in a project.
const FOLDER: &str = ".duvoscript";

/// Returns the state directory for a project.
pub(super) fn directory(context: &Context, project: &Path) -> PathBuf {
    named(context).unwrap_or_else(|| project.join(FOLDER))
}

/// Opens the journal that the commands about runs mean: the named one, or that of the nearest project
/// above the working directory.
pub(super) fn journal(context: &Context, clock: Arc<dyn Clock>) -> Result<Journal, Problem> {
    let folder = folder(context)?;
    Journal::open_existing(&folder, clock)?.ok_or_else(|| {
        Problem::usage(format!("there is no journal in `{}`", folder.display()))
            .hint("`duvoscript run SCRIPT` makes one in the project; `--state DIR` names another")
    })
}

/// Opens the journal that a command about runs means, and makes it where there is none.
pub(super) fn new_journal(context: &Context, clock: Arc<dyn Clock>) -> Result<Journal, Problem> {
    Ok(Journal::open(&folder(context)?, clock)?)
}

/// Returns the state directory that the commands about runs mean.
pub(super) fn folder(context: &Context) -> Result<PathBuf, Problem> {
    named(context).map_or_else(nearest, Ok)
}

fn named(context: &Context) -> Option<PathBuf> {
    let variable = || {
        context
            .environment
            .get("DUVOSCRIPT_STATE")
            .map(PathBuf::from)
    };
    context.global.state.clone().or_else(variable)
}

fn nearest() -> Result<PathBuf, Problem> {
    let here = std::env::current_dir()
        .map_err(|fault| Failure::invalid(format!("there is no working directory: {fault}")))?;
    let above = here.ancestors().map(|folder| folder.join(FOLDER));
    let found = above.into_iter().find(|folder| folder.is_dir());
    Ok(found.unwrap_or_else(|| here.join(FOLDER)))
}
