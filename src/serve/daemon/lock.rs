//! One daemon a state directory: the lock is the system's, and dies with the process; what stands in
//! the file only tells who holds it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::report::{Problem, ProblemKind};

/// Name of the file in the state directory.
const FILE: &str = "daemon.lock";

/// Who holds the lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Holder {
    /// Id of its process.
    pub(super) pid: u32,
    /// Since when.
    pub(super) since: Timestamp,
    /// Where it listens, once it does.
    pub(super) address: Option<String>,
}

/// The lock of a state directory; let go of when dropped.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes the lock, unless another process has it.
    pub(super) fn take(state: &Path, holder: &Holder) -> Result<Self, Problem> {
        let path = state.join(FILE);
        let opened = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path);
        let file = opened.map_err(|fault| unusable(&path, &fault))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held(&path, file)),
            Err(TryLockError::Error(fault)) => return Err(unusable(&path, &fault)),
        }
        let mut lock = Self { file, path };
        lock.tell(holder)?;
        Ok(lock)
    }

    /// Writes down who holds it.
    pub(super) fn tell(&mut self, holder: &Holder) -> Result<(), Problem> {
        let text = serde_json::to_string(holder).unwrap_or_default();
        let written = (|| {
            self.file.set_len(0)?;
            self.file.rewind()?;
            writeln!(self.file, "{text}")
        })();
        written.map_err(|fault| unusable(&self.path, &fault))
    }
}

fn held(path: &Path, mut file: File) -> Problem {
    let mut text = String::new();
    // Whoever has just taken it may not have written yet.
    _ = file.read_to_string(&mut text);
    let holder: Option<Holder> = serde_json::from_str(&text).ok();
    let who = holder.map_or_else(String::new, |holder| {
        let address = holder.address.map(|address| format!(" at {address}"));
        format!(
            ": process {} since {}{}",
            holder.pid,
            holder.since,
            address.unwrap_or_default()
        )
    });
    let state = path.parent().unwrap_or(path).display();
    Problem::new(
        ProblemKind::Journal,
        format!("another daemon serves `{state}`{who}"),
    )
    .hint("stop it first, or serve another journal with `--state DIR`")
}

fn unusable(path: &Path, fault: &std::io::Error) -> Problem {
    let what = format!("the daemon's lock `{}` cannot be used", path.display());
    Problem::new(ProblemKind::Journal, what).cause(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_has_it_and_gets_it_after_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let holder = Holder {
            pid: 4711,
            since: "2026-01-05T08:00:00Z".parse().unwrap(),
            address: None,
        };
        let mut lock = Lock::take(folder.path(), &holder).unwrap();
        let address = Some("http://127.0.0.1:1".to_owned());
        lock.tell(&Holder {
            address,
            ..holder.clone()
        })
        .unwrap();
        let problem = Lock::take(folder.path(), &holder).unwrap_err();
        for word in [
            "process 4711",
            "2026-01-05T08:00:00Z",
            "at http://127.0.0.1:1",
        ] {
            assert!(problem.what.contains(word), "{}", problem.what);
        }
        drop(lock);
        Lock::take(folder.path(), &holder).unwrap();
    }
}
