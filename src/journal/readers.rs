//! The connections that read: as many as there are readers at a time, each kept for the next one.

use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use super::JournalError;
use super::file::Files;

/// The idle connections.
#[derive(Debug)]
pub(super) struct Readers {
    idle: Mutex<Vec<Connection>>,
    files: Files,
}

impl Readers {
    /// Returns no connections yet.
    pub(super) fn new(files: &Files) -> Self {
        Self {
            idle: Mutex::default(),
            files: files.clone(),
        }
    }

    /// Reads something.
    pub(super) fn read<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, JournalError> {
        let idle = self.idle().pop();
        let db = match idle {
            Some(db) => db,
            None => self.files.reader()?,
        };
        let found = query(&db).map_err(|error| self.files.database(error));
        self.idle().push(db);
        found
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
