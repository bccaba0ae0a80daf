//! The schedule that a command means, and the journal that knows of it.

use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::sync::Arc;

use super::Shown;
use crate::cli::command::Context;
use crate::cli::exit::{self, Exit};
use crate::cli::state;
use crate::clock::SystemClock;
use crate::journal::Journal;
use crate::report::{Failure, Problem, Sources, nearest};
use crate::run::Project;
use crate::schedule::{Declaration, Found, declared};

/// Name of the file that a daemon keeps locked.
const LOCK: &str = "daemon.lock";

/// The schedules of the project, and where their slots are kept.
pub(super) struct Place {
    pub(super) found: Found,
    state: PathBuf,
}

impl Place {
    /// Looks at the project around the working directory.
    pub(super) fn look(context: &Context) -> Result<Self, Problem> {
        let project = project()?;
        Ok(Self {
            state: state::directory(context, project.root()),
            found: declared(&project),
        })
    }

    /// Returns a schedule of the project.
    pub(super) fn find(&self, name: &str) -> Result<&Declaration, Shown> {
        find(&self.found, name)
    }

    /// Opens the journal, if there is one.
    pub(super) fn journal(&self) -> Result<Option<Journal>, Shown> {
        let clock = Arc::new(SystemClock::new());
        Journal::open_existing(&self.state, clock).map_err(|error| plain(error.into()))
    }

    /// Opens the journal, and makes it where there is none.
    pub(super) fn new_journal(&self) -> Result<Journal, Shown> {
        let clock = Arc::new(SystemClock::new());
        Journal::open(&self.state, clock).map_err(|error| plain(error.into()))
    }

    /// Returns whether a daemon is at work here.
    pub(super) fn is_served(&self) -> bool {
        File::open(self.state.join(LOCK))
            .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// Says what a wish waits for when no daemon is there; `None` when one is.
    pub(super) fn absence(&self) -> Option<String> {
        (!self.is_served()).then(|| {
            format!(
                "no daemon serves `{}`: it begins when `duvoscript serve` does",
                self.state.display()
            )
        })
    }
}

/// Returns a problem that points into no text.
pub(super) fn plain(problem: Problem) -> Shown {
    (problem, Sources::default())
}

/// Ends a command: shows its problem, if it has one.
pub(super) fn finish(done: Result<Exit, Shown>) -> Exit {
    done.unwrap_or_else(|(problem, sources)| {
        crate::cli::show(&problem, &sources);
        exit::of(problem.kind)
    })
}

/// Finds a schedule; where it is not there, all that is wrong is shown: it may be among that.
pub(super) fn find<'a>(found: &'a Found, name: &str) -> Result<&'a Declaration, Shown> {
    let mut names = found.declarations.iter();
    if let Some(declaration) = names.find(|declaration| declaration.name() == name) {
        return Ok(declaration);
    }
    for fault in &found.faults {
        crate::cli::show(fault, &found.sources);
    }
    let problem = Problem::usage(format!("there is no schedule `{name}`"));
    let names: Vec<_> = found.declarations.iter().map(Declaration::name).collect();
    let hint = match nearest(name, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.is_empty() => {
            "declare one in the header of a script below `scripts`, or in `duvoscript.toml`".into()
        }
        None => format!("the project has {}", names.join(", ")),
    };
    Err((problem.hint(hint), found.sources.clone()))
}

/// Opens the nearest project above the working directory: the one with a `duvoscript.toml`, or the
/// directory itself.
pub(super) fn project() -> Result<Project, Problem> {
    let here = std::env::current_dir()
        .map_err(|fault| Failure::invalid(format!("there is no working directory: {fault}")))?;
    let marked = here
        .ancestors()
        .find(|folder| folder.join("duvoscript.toml").is_file());
    let root: PathBuf = marked.unwrap_or(&here).into();
    Ok(Project::open(root)?)
}
