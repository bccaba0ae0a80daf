//! The table `event`: what was delivered to runs, the first of a name only.

use rusqlite::{Connection, Row, params};

use super::blob;
use super::step::text;
use super::time::Time;
use crate::journal::{EventRow, NewEvent};

const SELECT: &str = "SELECT id, name, value, size, packed, \"by\", at
    FROM run JOIN event ON event.run = run.key LEFT JOIN blob ON blob.key = value_blob";

/// Adds an event to a run; returns whether it is the first of its name.
pub(in crate::journal) fn insert(
    db: &Connection,
    run: i64,
    new: &NewEvent,
) -> rusqlite::Result<bool> {
    let large = blob::keep_large(db, new.value.as_bytes())?;
    let inline = large.is_none().then_some(&new.value);
    let added = db
        .prepare_cached(
            "INSERT INTO event (run, name, value, value_blob, \"by\", at) VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT (run, name) DO NOTHING",
        )?
        .execute(params![run, new.name, inline, large, new.by, Time(new.at)])?;
    Ok(added > 0)
}

/// Returns the event of a name.
pub(in crate::journal) fn get(
    db: &Connection,
    run: &str,
    name: &str,
) -> rusqlite::Result<EventRow> {
    db.prepare_cached(&format!("{SELECT} WHERE run.id = ? AND name = ?"))?
        .query_row([run, name], read)
}

/// Returns the events of a run, oldest first.
pub(in crate::journal) fn of_run(db: &Connection, run: &str) -> rusqlite::Result<Vec<EventRow>> {
    db.prepare_cached(&format!("{SELECT} WHERE run.id = ? ORDER BY at, name"))?
        .query_map([run], read)?
        .collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    Ok(EventRow {
        run: row.get(0)?,
        name: row.get(1)?,
        value: text(row, 2)?,
        by: row.get(5)?,
        at: row.get::<_, Time>(6)?.0,
    })
}
