//! Notices when declarations may have changed: files of the project, as the system tells. Where it
//! does not, SIGHUP says so.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;

use crate::report::{Problem, ProblemKind};

/// Editors write a file in several steps; this long nothing must have happened.
pub(super) const QUIET: Duration = Duration::from_millis(200);

/// Folder of scripts, watched with all below it.
const SCRIPTS: &str = "scripts";

/// Watches the files of a project until it is dropped.
pub(super) struct Files {
    _watcher: RecommendedWatcher,
}

impl Files {
    /// Rings the bell when a file of the project has changed that may hold declarations.
    pub(super) fn watch(project: &Path, bell: Arc<Notify>) -> Result<Self, Problem> {
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if event.is_ok_and(|event| is_change(&event)) {
                bell.notify_one();
            }
        })
        .map_err(|fault| unwatched(project, &fault))?;
        watcher
            .watch(project, RecursiveMode::NonRecursive)
            .map_err(|fault| unwatched(project, &fault))?;
        // A folder that is made later is seen in the project's own.
        _ = watcher.watch(&project.join(SCRIPTS), RecursiveMode::Recursive);
        Ok(Self { _watcher: watcher })
    }
}

/// Reading changes nothing, and hidden files are those of the journal, editors and version control.
fn is_change(event: &Event) -> bool {
    let is_hidden = |path: &std::path::PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_none_or(|name| name.starts_with('.') || name.ends_with('~'))
    };
    !matches!(event.kind, EventKind::Access(_)) && !event.paths.iter().all(is_hidden)
}

fn unwatched(project: &Path, fault: &notify::Error) -> Problem {
    let what = format!("the files of `{}` cannot be watched", project.display());
    Problem::new(ProblemKind::Usage, what)
        .cause(fault)
        .hint("after a change, send the daemon SIGHUP")
}
