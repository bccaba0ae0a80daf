//! The table `line`: what runs printed and logged, each line once.

use rusqlite::{Connection, Row, params};

use super::time::Time;
use crate::journal::{LineRow, NewLine};

/// Adds a line to a run, unless it has one with that key.
pub(in crate::journal) fn insert(db: &Connection, run: i64, new: &NewLine) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO line (run, number, key, level, text, at)
         SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3, ?4, ?5 FROM line WHERE run = ?1
         ON CONFLICT (run, key) DO NOTHING",
    )?
    .execute(params![run, new.key, new.level, new.text, Time(new.at)])?;
    Ok(())
}

/// Adds a line as it was exported.
pub(in crate::journal) fn restore(
    db: &Connection,
    run: i64,
    row: &LineRow,
) -> rusqlite::Result<()> {
    let number = i64::try_from(row.number).unwrap_or(i64::MAX);
    db.prepare_cached(
        "INSERT INTO line (run, number, key, level, text, at) VALUES (?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        run,
        number,
        row.key,
        row.level,
        row.text,
        Time(row.at)
    ])?;
    Ok(())
}

/// Returns the lines of a run that follow the one with a number.
pub(in crate::journal) fn of_run(
    db: &Connection,
    run: &str,
    after: u64,
) -> rusqlite::Result<Vec<LineRow>> {
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    db.prepare_cached(
        "SELECT number, id, line.key, level, text, at FROM run JOIN line ON line.run = run.key
         WHERE run.id = ? AND number > ? ORDER BY number",
    )?
    .query_map(params![run, after], read)?
    .collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<LineRow> {
    Ok(LineRow {
        number: row.get::<_, i64>(0)?.unsigned_abs(),
        run: row.get(1)?,
        key: row.get(2)?,
        level: row.get(3)?,
        text: row.get(4)?,
        at: row.get::<_, Time>(5)?.0,
    })
}
