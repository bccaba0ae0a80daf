//! Notices when declarations may have changed: files of the project, as the system tells. Where it
//! does not, SIGHUP says so.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;

use super::works::Works;
use crate::journal::JournalError;
use crate::report::{Problem, ProblemKind, render};

/// Editors write a file in several steps; this long nothing must have happened.
const QUIET: Duration = Duration::from_millis(200);

/// Folder of scripts, watched with all below it.
const SCRIPTS: &str = "scripts";

/// Watches the files of a project until it is dropped.
pub(super) struct Files {
    watcher: RecommendedWatcher,
    scripts: PathBuf,
}

impl Works {
    /// Reads the declarations: what is due by the old ones is decided first.
    pub(super) fn reload(&self) -> Result<(), JournalError> {
        let mut keeper = self.keeper();
        let pings = keeper.turn(self.clock.now())?.pings;
        let reloaded = keeper.reload()?;
        drop(keeper);
        self.send_pings(pings);
        self.standing.judge(&reloaded.faults, &reloaded.sources);
        for (names, what) in [
            (&reloaded.added, "served"),
            (&reloaded.changed, "declared otherwise"),
            (&reloaded.removed, "no longer served"),
        ] {
            for name in names {
                tracing::info!(schedule = name, "{what}");
            }
        }
        for problem in &reloaded.faults {
            tracing::warn!("{}", render(problem, &reloaded.sources, false).trim_end());
        }
        Ok(())
    }

    /// Reads the declarations again whenever the bell rings, for ever.
    pub(super) async fn watch_declarations(
        self: Arc<Self>,
        mut files: Option<Files>,
        bell: Arc<Notify>,
    ) {
        loop {
            bell.notified().await;
            self.clock.sleep(QUIET).await;
            if let Some(files) = &mut files {
                files.look_for_scripts();
            }
            self.standing.look_again();
            let works = Arc::clone(&self);
            let read = tokio::task::spawn_blocking(move || works.reload()).await;
            if let Ok(Err(error)) = read {
                self.fault(error);
            }
            self.bell.notify_one();
        }
    }
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
        let scripts = project.join(SCRIPTS);
        let mut files = Self { watcher, scripts };
        files.look_for_scripts();
        Ok(files)
    }

    /// Watches the folder of scripts too; one that is made later is seen in the project's own.
    fn look_for_scripts(&mut self) {
        _ = self.watcher.watch(&self.scripts, RecursiveMode::Recursive);
    }
}

/// Reading changes nothing, and hidden files are those of the journal, editors and version control.
fn is_change(event: &Event) -> bool {
    let is_hidden = |path: &PathBuf| {
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
