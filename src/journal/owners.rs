//! Who lives: an owner holds a lock on a file of its own, which the system drops when it dies.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};

use uuid::Uuid;

use super::file::{Files, create_private, private_folder};
use super::{JournalError, OwnerRow};
use crate::clock::Clock;

/// The owners of a state directory, this process among them once it claims a run.
#[derive(Debug)]
pub(super) struct Owners {
    files: Files,
    folder: PathBuf,
    /// This process, and its file.
    own: OnceLock<(String, File)>,
    joining: Mutex<()>,
}

impl Owners {
    /// Returns the owners of a state directory.
    pub(super) fn new(files: &Files) -> Self {
        Self {
            files: files.clone(),
            folder: files.state.join("owners"),
            own: OnceLock::new(),
            joining: Mutex::default(),
        }
    }

    /// Returns the id of this process, when it is an owner.
    pub(super) fn own(&self) -> Option<&str> {
        self.own.get().map(|(id, _)| id.as_str())
    }

    /// Makes this process an owner, once; `register` writes it down.
    pub(super) fn join(
        &self,
        clock: &dyn Clock,
        register: impl FnOnce(&OwnerRow) -> Result<(), JournalError>,
    ) -> Result<String, JournalError> {
        let _alone = self.joining.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = self.own() {
            return Ok(id.to_owned());
        }
        let owner = OwnerRow {
            id: Uuid::new_v4().to_string(),
            pid: std::process::id(),
            host: host(),
            since: clock.now(),
        };
        let file = self.hold(&owner.id)?;
        // Nobody knows the id before it is written down, and then the file is locked already.
        register(&owner)?;
        _ = self.own.set((owner.id.clone(), file));
        Ok(owner.id)
    }

    /// Returns whether an owner lives.
    pub(super) fn lives(&self, id: &str) -> bool {
        if self.own() == Some(id) {
            return true;
        }
        let Some(path) = self.path(id) else {
            return false;
        };
        match File::open(path) {
            // A shared lock, so that those who look at the same time do not take each other for it.
            Ok(file) => file.try_lock_shared().is_err(),
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        }
    }

    /// Forgets the file of a dead owner.
    pub(super) fn bury(&self, id: &str) {
        if let Some(path) = self.path(id) {
            // A file that stays costs nothing: its owner is not written down any more.
            _ = fs::remove_file(path);
        }
    }

    fn hold(&self, id: &str) -> Result<File, JournalError> {
        let path = self.folder.join(id);
        let failed = |source| self.files.io(&path, source);
        if !self.folder.is_dir() {
            fs::create_dir_all(&self.folder).map_err(failed)?;
            private_folder(&self.folder).map_err(failed)?;
        }
        let file = create_private(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::Error(source)) => Err(failed(source)),
            Err(TryLockError::WouldBlock) => Err(failed(io::ErrorKind::WouldBlock.into())),
        }
    }

    /// Returns the file of an owner; ids that are no UUID could name anything.
    fn path(&self, id: &str) -> Option<PathBuf> {
        Uuid::parse_str(id).ok().map(|_| self.folder.join(id))
    }
}

impl Drop for Owners {
    fn drop(&mut self) {
        if let Some(id) = self.own() {
            self.bury(id);
        }
    }
}

#[cfg(unix)]
fn host() -> String {
    let system = rustix::system::uname();
    system.nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn host() -> String {
    String::new()
}
