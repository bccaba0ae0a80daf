//! The files of the journal: made for their owner alone, and opened as connections.
//!
//! A file that SQLite has open must never be opened and closed here as well: closing it would drop
//! the locks of the whole process. So permissions are looked at by name.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::JournalError;
use super::error::database;
use super::format;

/// How long a lock of another process is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// The smallest page of a database, in bytes.
const SMALLEST: u64 = 512;

/// The files of a state directory.
#[derive(Clone, Debug)]
pub(super) struct Files {
    /// The state directory.
    pub(super) state: PathBuf,
    /// The database.
    pub(super) journal: PathBuf,
}

impl Files {
    /// Names the files of a state directory.
    pub(super) fn new(state: &Path) -> Self {
        Self {
            state: state.to_owned(),
            journal: state.join("journal.db"),
        }
    }

    /// Makes the directory and an empty journal where they are missing.
    pub(super) fn create(&self) -> Result<(), JournalError> {
        if !self.state.is_dir() {
            fs::create_dir_all(&self.state).map_err(|source| self.io(&self.state, source))?;
            private_folder(&self.state).map_err(|source| self.io(&self.state, source))?;
            if let Some(parent) = self.state.parent().filter(|it| !it.as_os_str().is_empty()) {
                sync_folder(parent).map_err(|source| self.io(parent, source))?;
            }
        }
        refuse_exposed(&self.state)?;
        let ignore = self.state.join(".gitignore");
        if !ignore.exists() {
            fs::write(&ignore, "*\n").map_err(|source| self.io(&ignore, source))?;
        }
        match create_private(&self.journal) {
            Ok(_) => sync_folder(&self.state).map_err(|source| self.io(&self.state, source)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(source) => Err(self.io(&self.journal, source)),
        }
    }

    /// Refuses files that others may write to, and lets nobody else read them.
    pub(super) fn protect(&self) -> Result<(), JournalError> {
        refuse_exposed(&self.state)?;
        for name in ["journal.db", "journal.db-wal", "journal.db-shm"] {
            let path = self.state.join(name);
            if path.exists() {
                refuse_exposed(&path)?;
                private_file(&path).map_err(|source| self.io(&path, source))?;
            }
        }
        Ok(())
    }

    /// Opens the connection that writes, with the newest format.
    pub(super) fn writer(&self) -> Result<Connection, JournalError> {
        let _turn = self.turn()?;
        self.refuse_fragment()?;
        let mut db = self.connect()?;
        let failed = |error| self.database(error);
        // What is not ours must be left as it is, down to the last byte.
        if format::check(&db, &self.journal)? == 0 {
            db.execute_batch("PRAGMA auto_vacuum = INCREMENTAL")
                .map_err(failed)?;
        }
        // The log is forced by the queue, when somebody waits for that.
        db.execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = NORMAL;
             PRAGMA wal_autocheckpoint = 0;
             PRAGMA journal_size_limit = 16777216;
             PRAGMA foreign_keys = ON;",
        )
        .map_err(failed)?;
        format::migrate(&mut db, &self.journal)?;
        Ok(db)
    }

    /// Waits until no other process opens the journal: SQLite gives up at once, whatever the busy
    /// timeout, when two turn a new file to a write-ahead log.
    fn turn(&self) -> Result<File, JournalError> {
        let path = self.state.join("journal.lock");
        let failed = |source| self.io(&path, source);
        let file = match create_private(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                File::open(&path).map_err(failed)?
            }
            created => created.map_err(failed)?,
        };
        file.lock().map_err(failed)?;
        Ok(file)
    }

    /// Refuses a file that is too short for a database; SQLite would take it for an empty one.
    fn refuse_fragment(&self) -> Result<(), JournalError> {
        let found = fs::metadata(&self.journal).map_err(|source| self.io(&self.journal, source))?;
        if (1..SMALLEST).contains(&found.len()) {
            return Err(JournalError::NotDatabase {
                path: self.journal.clone(),
            });
        }
        Ok(())
    }

    /// Opens a connection that only reads.
    pub(super) fn reader(&self) -> Result<Connection, JournalError> {
        let db = self.connect()?;
        db.execute_batch("PRAGMA query_only = ON")
            .map_err(|error| self.database(error))?;
        Ok(db)
    }

    /// Opens the connection that moves what was written from the log into the file.
    pub(super) fn checkpointer(&self) -> Result<Connection, JournalError> {
        let db = self.connect()?;
        db.execute_batch("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0;")
            .map_err(|error| self.database(error))?;
        Ok(db)
    }

    /// Opens the log, to force it to the disk. SQLite locks the other two files only.
    pub(super) fn log(&self) -> Result<File, JournalError> {
        let path = self.state.join("journal.db-wal");
        OpenOptions::new()
            .read(true)
            .write(true)
            .open(&path)
            .map_err(|source| self.io(&path, source))
    }

    fn connect(&self) -> Result<Connection, JournalError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let failed = |error| self.database(error);
        let db = Connection::open_with_flags(&self.journal, flags).map_err(failed)?;
        db.busy_timeout(PATIENCE).map_err(failed)?;
        db.set_prepared_statement_cache_capacity(64);
        // Else a cached statement is compiled anew for new values.
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
            .map_err(failed)?;
        db.execute_batch(
            "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;
             PRAGMA temp_store = MEMORY;",
        )
        .map_err(failed)?;
        Ok(db)
    }

    /// Says what a failure of the database means.
    pub(super) fn database(&self, error: rusqlite::Error) -> JournalError {
        if error.sqlite_error_code() == Some(ErrorCode::CannotOpen)
            && let Err(why) = self.probe()
        {
            return self.io(&self.journal, why);
        }
        database(&self.journal, error)
    }

    /// Tries what SQLite does when it opens the log, and which it does not tell the failure of.
    fn probe(&self) -> io::Result<()> {
        let path = self.state.join(format!("probe-{}", std::process::id()));
        create_private(&path)?;
        fs::remove_file(&path)
    }

    /// Says what a failure of a file means.
    pub(super) fn io(&self, path: &Path, source: io::Error) -> JournalError {
        match source.kind() {
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
                JournalError::ReadOnly {
                    path: self.state.clone(),
                }
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => JournalError::Full {
                path: self.journal.clone(),
            },
            _ => JournalError::Io {
                path: path.to_owned(),
                source: Arc::new(source),
            },
        }
    }
}

/// Makes a file that only its owner may read and write, whatever the umask.
pub(super) fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    private_file(path)?;
    Ok(file)
}

/// Lets only its owner enter a folder.
pub(super) fn private_folder(path: &Path) -> io::Result<()> {
    set_mode(path, 0o700)
}

fn private_file(path: &Path) -> io::Result<()> {
    set_mode(path, 0o600)
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if fs::metadata(path)?.permissions().mode() & 0o777 == mode {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

/// Refuses what others may write to: they could put steps into it that this user never made.
#[cfg(unix)]
fn refuse_exposed(path: &Path) -> Result<(), JournalError> {
    use std::os::unix::fs::PermissionsExt;
    let Ok(found) = fs::metadata(path) else {
        return Ok(());
    };
    let mode = found.permissions().mode() & 0o7777;
    if mode & 0o022 == 0 {
        return Ok(());
    }
    Err(JournalError::Exposed {
        path: path.to_owned(),
        mode,
    })
}

#[cfg(not(unix))]
fn refuse_exposed(_: &Path) -> Result<(), JournalError> {
    Ok(())
}

/// Puts the names in a folder on the disk.
#[cfg(unix)]
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(not(unix))]
pub(super) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
