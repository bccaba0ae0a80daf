//! The table `wait`: what runs wait for.

use rusqlite::{Connection, Row, params};

use super::time::{Time, time, timestamp};
use crate::journal::WaitRow;

/// Adds a wait to a run; replaces the one of the same step.
pub(in crate::journal) fn insert(
    db: &Connection,
    run: i64,
    wait: &WaitRow,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO wait (run, ticket, kind, about, since, wake_at) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (run, ticket) DO UPDATE SET
            kind = excluded.kind, about = excluded.about, since = excluded.since, wake_at = excluded.wake_at",
    )?
    .execute(params![
        run,
        wait.ticket,
        wait.kind,
        wait.about,
        Time(wait.since),
        time(wait.wake_at),
    ])?;
    Ok(())
}

/// Ends the wait of a step.
pub(in crate::journal) fn remove(db: &Connection, run: i64, ticket: u32) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM wait WHERE run = ? AND ticket = ?")?
        .execute(params![run, ticket])?;
    Ok(())
}

/// Ends all waits of a run.
pub(in crate::journal) fn clear(db: &Connection, run: i64) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM wait WHERE run = ?")?
        .execute([run])?;
    Ok(())
}

/// Returns the waits of a run, by ticket.
pub(in crate::journal) fn of_run(db: &Connection, run: &str) -> rusqlite::Result<Vec<WaitRow>> {
    db.prepare_cached(
        "SELECT id, ticket, kind, about, since, wait.wake_at FROM run JOIN wait ON wait.run = run.key
         WHERE run.id = ? ORDER BY ticket",
    )?
    .query_map([run], read)?
    .collect()
}

/// Returns the waits of a kind, longest waiting first.
pub(in crate::journal) fn of_kind(
    db: &Connection,
    kind: &str,
    limit: usize,
) -> rusqlite::Result<Vec<WaitRow>> {
    db.prepare_cached(
        "SELECT id, ticket, kind, about, since, wait.wake_at FROM wait JOIN run ON run.key = wait.run
         WHERE kind = ? ORDER BY since LIMIT ?",
    )?
    .query_map(
        params![kind, i64::try_from(limit).unwrap_or(i64::MAX)],
        read,
    )?
    .collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<WaitRow> {
    Ok(WaitRow {
        run: row.get(0)?,
        ticket: row.get(1)?,
        kind: row.get(2)?,
        about: row.get(3)?,
        since: row.get::<_, Time>(4)?.0,
        wake_at: timestamp(row.get(5)?),
    })
}
