//! The connections that read: a few, each kept for the next reader.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::JournalError;
use super::file::Files;

/// No more readers read at a time; each connection takes three files of the process.
const MOST: usize = 8;

/// The connections that read.
#[derive(Debug)]
pub(super) struct Readers {
    pool: Mutex<Pool>,
    /// A connection was given back.
    freed: Condvar,
    files: Files,
}

#[derive(Debug, Default)]
struct Pool {
    idle: Vec<Connection>,
    busy: usize,
}

impl Readers {
    /// Returns no connections yet.
    pub(super) fn new(files: &Files) -> Self {
        Self {
            pool: Mutex::default(),
            freed: Condvar::new(),
            files: files.clone(),
        }
    }

    /// Reads something.
    pub(super) fn read<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, JournalError> {
        let db = self.take().map_or_else(|| self.files.reader(), Ok);
        let found = match &db {
            Ok(db) => query(db).map_err(|error| self.files.database(error)),
            Err(error) => Err(error.clone()),
        };
        let mut pool = self.pool();
        pool.busy -= 1;
        pool.idle.extend(db);
        drop(pool);
        self.freed.notify_one();
        found
    }

    /// Takes an idle connection; `None` allows a new one.
    fn take(&self) -> Option<Connection> {
        let pool = self.pool();
        let waited = self.freed.wait_while(pool, |pool| pool.busy >= MOST);
        let mut pool = waited.unwrap_or_else(PoisonError::into_inner);
        pool.busy += 1;
        pool.idle.pop()
    }

    fn pool(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
