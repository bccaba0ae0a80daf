//! The format of the file: its migrations, numbered from 1 and never edited.
//!
//! `PRAGMA application_id` tells a journal from other databases, `PRAGMA user_version` is the number
//! of the last migration.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::JournalError;
use super::error::database;

/// `duvo` in ASCII.
const APPLICATION: u32 = 0x6475_766f;

/// All migrations; the n-th makes format n.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_runs.sql"),
    include_str!("migrations/0002_schedules.sql"),
    include_str!("migrations/0003_open_runs.sql"),
];

/// The newest format that is known here.
pub(super) const NEWEST: u32 = 3;

const _: () = assert!(
    MIGRATIONS.len() == NEWEST as usize,
    "a format for each migration"
);

/// Refuses what is no journal, and a journal that is too new; returns its format, 0 for an empty one.
pub(super) fn check(db: &Connection, path: &Path) -> Result<u32, JournalError> {
    let failed = |error| database(path, error);
    let application = pragma(db, "application_id").map_err(failed)?;
    let format = pragma(db, "user_version").map_err(failed)?;
    let tables: u32 = db
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(failed)?;
    let is_empty = application == 0 && format == 0 && tables == 0;
    if application != APPLICATION && !is_empty {
        return Err(JournalError::Foreign {
            path: path.to_owned(),
            found: application,
        });
    }
    if format > NEWEST {
        return Err(JournalError::Newer {
            path: path.to_owned(),
            found: format,
            known: NEWEST,
        });
    }
    Ok(format)
}

/// Brings a journal to the newest format, in one transaction.
pub(super) fn migrate(db: &mut Connection, path: &Path) -> Result<(), JournalError> {
    let failed = |error| database(path, error);
    let transaction = db
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    // Another process may have migrated it in the meantime.
    let format = check(&transaction, path)?;
    for migration in MIGRATIONS.iter().skip(format as usize) {
        transaction.execute_batch(migration).map_err(failed)?;
    }
    if format < NEWEST {
        transaction
            .execute_batch(&format!(
                "PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {NEWEST};"
            ))
            .map_err(failed)?;
    }
    transaction.commit().map_err(failed)
}

/// Returns a number of the file's header; SQLite shows unsigned ones as signed.
fn pragma(db: &Connection, name: &str) -> rusqlite::Result<u32> {
    let value: i32 = db.pragma_query_value(None, name, |row| row.get(0))?;
    Ok(value.cast_unsigned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_lead_from_nothing_to_the_newest_format_and_no_further() {
        let mut db = Connection::open_in_memory().unwrap();
        let path = Path::new("journal.db");
        assert_eq!(check(&db, path).unwrap(), 0);
        migrate(&mut db, path).unwrap();
        assert_eq!(check(&db, path).unwrap(), NEWEST);
        migrate(&mut db, path).unwrap();
        let tables: i64 = db
            .query_row("SELECT count(*) FROM sqlite_schema WHERE sql NOT LIKE '%STRICT%' AND type = 'table' AND name NOT LIKE 'sqlite_%'", [], |row| row.get(0))
            .unwrap();
        assert_eq!(tables, 0, "tables that take any type");
    }
}
