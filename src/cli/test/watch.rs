//! Does something again whenever a file below some folders changes.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use notify::{EventKind, RecursiveMode, Watcher};

use crate::cli::exit::Exit;
use crate::report::Problem;

/// How long nothing may change before it is done again: editors write in several steps.
const QUIET: Duration = Duration::from_millis(150);

/// Names of folders in which programs write by themselves.
const MADE: [&str; 4] = ["target", ".git", ".duvoscript", "snapshots"];

/// Does it, and then again after every change, until the process ends.
pub(super) fn again_and_again(
    folders: Vec<PathBuf>,
    work: impl Fn() -> Exit,
) -> Result<Exit, Problem> {
    let broken = |fault: notify::Error| Problem::usage("cannot watch the files").cause(&fault);
    let (sender, changes) = channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // Whoever listened is gone with the process.
        _ = sender.send(event.is_ok_and(|event| counts(&event)));
    })
    .map_err(broken)?;
    for folder in folders {
        let whole = folder.canonicalize().unwrap_or(folder);
        let folder = match whole.is_file() {
            true => whole.parent().map_or_else(PathBuf::new, Path::to_path_buf),
            false => whole,
        };
        watcher
            .watch(&folder, RecursiveMode::Recursive)
            .map_err(broken)?;
    }
    loop {
        let exit = work();
        // A closed pipe is the reader's choice.
        _ = writeln!(anstream::stderr(), "waiting for a change (Ctrl-C ends it)");
        loop {
            match changes.recv() {
                Ok(true) => break,
                Ok(false) => {}
                Err(_) => return Ok(exit),
            }
        }
        while !matches!(
            changes.recv_timeout(QUIET),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected)
        ) {}
    }
}

/// Returns whether a change may matter to a test.
fn counts(event: &notify::Event) -> bool {
    let is_made = |path: &PathBuf| {
        path.components()
            .any(|part| MADE.iter().any(|made| part.as_os_str() == *made))
    };
    let is_access = matches!(event.kind, EventKind::Access(_));
    !is_access && event.paths.iter().any(|path| !is_made(path))
}
