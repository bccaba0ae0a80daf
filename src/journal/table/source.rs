//! The tables `source` and `run_source`: what runs are made of, each text once.

use rusqlite::{Connection, OptionalExtension, params};

use super::blob;
use crate::journal::StoredSource;

/// Adds a source to a run, behind those that it has.
pub(in crate::journal) fn insert(
    db: &Connection,
    run: i64,
    source: &StoredSource,
) -> rusqlite::Result<()> {
    let key = keep(db, &source.text)?;
    db.prepare_cached(
        "INSERT INTO run_source (run, place, name, source)
         SELECT ?1, coalesce(max(place) + 1, 0), ?2, ?3 FROM run_source WHERE run = ?1",
    )?
    .execute(params![run, source.name, key])?;
    Ok(())
}

fn keep(db: &Connection, text: &str) -> rusqlite::Result<i64> {
    let hash = blob::hash(text.as_bytes());
    let known = db
        .prepare_cached("SELECT key FROM source WHERE hash = ?")?
        .query_row([hash], |row| row.get(0))
        .optional()?;
    match known {
        Some(key) => Ok(key),
        None => db
            .prepare_cached("INSERT INTO source (hash, text) VALUES (?, ?)")?
            .insert(params![hash, text]),
    }
}

/// Returns the sources of a run, in their order.
pub(in crate::journal) fn of_run(
    db: &Connection,
    run: &str,
) -> rusqlite::Result<Vec<StoredSource>> {
    db.prepare_cached(
        "SELECT run_source.name, source.text FROM run
         JOIN run_source ON run_source.run = run.key JOIN source ON source.key = run_source.source
         WHERE run.id = ? ORDER BY run_source.place",
    )?
    .query_map([run], |row| {
        Ok(StoredSource {
            name: row.get(0)?,
            text: row.get(1)?,
        })
    })?
    .collect()
}

/// Takes all sources from a run.
pub(in crate::journal) fn clear(db: &Connection, run: i64) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM run_source WHERE run = ?")?
        .execute([run])?;
    Ok(())
}

/// Gives a run the sources of another.
pub(in crate::journal) fn copy(db: &Connection, from: i64, to: i64) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO run_source (run, place, name, source)
         SELECT ?2, place, name, source FROM run_source WHERE run = ?1",
    )?
    .execute([from, to])?;
    Ok(())
}

/// Removes the texts that no run is made of.
pub(in crate::journal) fn sweep(db: &Connection) -> rusqlite::Result<()> {
    db.prepare_cached(
        "DELETE FROM source
         WHERE NOT EXISTS (SELECT 1 FROM run_source WHERE run_source.source = source.key)",
    )?
    .execute([])?;
    Ok(())
}
