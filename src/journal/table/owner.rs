//! The table `owner`: processes that take runs in hand.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::time::Time;
use crate::journal::OwnerRow;

/// Adds an owner.
pub(in crate::journal) fn insert(db: &Connection, owner: &OwnerRow) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO owner (id, pid, host, since) VALUES (?, ?, ?, ?)")?
        .execute(params![owner.id, owner.pid, owner.host, Time(owner.since)])?;
    Ok(())
}

/// Returns an owner.
pub(in crate::journal) fn get(db: &Connection, id: &str) -> rusqlite::Result<Option<OwnerRow>> {
    db.prepare_cached("SELECT id, pid, host, since FROM owner WHERE id = ?")?
        .query_row([id], read)
        .optional()
}

/// Returns all owners.
pub(in crate::journal) fn all(db: &Connection) -> rusqlite::Result<Vec<OwnerRow>> {
    db.prepare_cached("SELECT id, pid, host, since FROM owner")?
        .query_map([], read)?
        .collect()
}

/// Removes an owner that is dead, and frees its runs.
pub(in crate::journal) fn remove(db: &Connection, id: &str) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE run SET owner = NULL WHERE owner = ?")?
        .execute([id])?;
    db.prepare_cached("DELETE FROM owner WHERE id = ?")?
        .execute([id])?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<OwnerRow> {
    Ok(OwnerRow {
        id: row.get(0)?,
        pid: row.get(1)?,
        host: row.get(2)?,
        since: row.get::<_, Time>(3)?.0,
    })
}
