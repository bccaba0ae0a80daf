//! The table `response`: the answers that people gave to human requests of Jobs, one a request.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::time::Time;
use crate::journal::ResponseRow;

/// Keeps an answer; returns whether it is the first one.
pub(in crate::journal) fn insert(db: &Connection, new: &ResponseRow) -> rusqlite::Result<bool> {
    let added = db
        .prepare_cached(
            "INSERT INTO response (request, value, \"by\", at) VALUES (?, ?, ?, ?)
             ON CONFLICT (request) DO NOTHING",
        )?
        .execute(params![new.request, new.value, new.by, Time(new.at)])?;
    Ok(added > 0)
}

/// Returns the answer to a request.
pub(in crate::journal) fn get(
    db: &Connection,
    request: &str,
) -> rusqlite::Result<Option<ResponseRow>> {
    db.prepare_cached("SELECT request, value, \"by\", at FROM response WHERE request = ?")?
        .query_row([request], read)
        .optional()
}

fn read(row: &Row<'_>) -> rusqlite::Result<ResponseRow> {
    Ok(ResponseRow {
        request: row.get(0)?,
        value: row.get(1)?,
        by: row.get(2)?,
        at: row.get::<_, Time>(3)?.0,
    })
}
