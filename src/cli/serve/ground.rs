//! Whose schedules are served, and where the journal lies.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use uuid::Uuid;

use crate::cli::command::Context;
use crate::cli::state;
use crate::report::{Failure, Problem};
use crate::run::Project;
use crate::schedule::declared;

/// A small project with schedules, to look at.
static DEMO: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/cli/serve/demo");

/// The project and its state.
pub(super) struct Ground {
    pub(super) project: Arc<Project>,
    pub(super) state: PathBuf,
    /// Removed at the end.
    temporary: Option<PathBuf>,
}

impl Ground {
    /// Finds the project, and its state directory; a passing one for the simulator, which forgets
    /// everything too.
    pub(super) fn find(
        given: Option<&Path>,
        is_passing: bool,
        context: &Context,
    ) -> Result<Self, Problem> {
        let root = match given {
            Some(folder) => folder.to_owned(),
            None => nearest()?,
        };
        let project = Project::open(canonical(&root)?)?;
        if !is_passing {
            return Ok(Self {
                state: state::directory(context, project.root()),
                project: Arc::new(project),
                temporary: None,
            });
        }
        let folder = std::env::temp_dir().join(format!("duvoscript-{}", Uuid::new_v4()));
        let demo = folder.join("demo");
        make(&demo)?;
        let declared = declared(&project);
        // One whose schedules are wrong is shown with what is wrong.
        let has_schedules = !declared.declarations.is_empty() || !declared.faults.is_empty();
        let project = if has_schedules || given.is_some() {
            project
        } else {
            DEMO.extract(&demo).map_err(|fault| unmade(&demo, &fault))?;
            Project::open(canonical(&demo)?)?
        };
        Ok(Self {
            project: Arc::new(project),
            state: folder.join("state"),
            temporary: Some(folder),
        })
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        if let Some(folder) = &self.temporary {
            // What stays behind is in the system's folder for that.
            _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// Makes a folder that only the user may enter.
fn make(folder: &Path) -> Result<(), Problem> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|fault| unmade(folder, &fault))
}

fn unmade(folder: &Path, fault: &std::io::Error) -> Problem {
    Problem::usage(format!("cannot make `{}`", folder.display())).cause(fault)
}

/// Returns the nearest project above the working directory, or the working directory.
fn nearest() -> Result<PathBuf, Problem> {
    let here = std::env::current_dir()
        .map_err(|fault| Failure::invalid(format!("there is no working directory: {fault}")))?;
    let mut above = here.ancestors();
    let marked = above.find(|folder| folder.join("duvoscript.toml").is_file());
    Ok(marked.unwrap_or(&here).to_owned())
}

fn canonical(folder: &Path) -> Result<PathBuf, Problem> {
    folder.canonicalize().map_err(|fault| {
        Problem::usage(format!("there is no folder `{}`", folder.display())).cause(&fault)
    })
}
