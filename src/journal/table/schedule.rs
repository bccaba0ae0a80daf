//! The table `schedule`: how far slots are decided, and which schedules are on hold.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::time::{Time, time, timestamp};
use crate::journal::{Count, Deciding, Pause, ScheduleRow, Served};

const SELECT: &str = "SELECT name, fingerprint, decided_until, paused_at, paused_by, pause_reason,
    resumed_at, failures, seen_at, forgotten_from, forgotten_until, version FROM schedule";

/// Returns a schedule.
pub(in crate::journal) fn get(
    db: &Connection,
    name: &str,
) -> rusqlite::Result<Option<ScheduleRow>> {
    db.prepare_cached(&format!("{SELECT} WHERE name = ?"))?
        .query_row([name], read)
        .optional()
}

/// Returns all schedules, by name.
pub(in crate::journal) fn all(db: &Connection) -> rusqlite::Result<Vec<ScheduleRow>> {
    db.prepare_cached(&format!("{SELECT} ORDER BY name"))?
        .query_map([], read)?
        .collect()
}

/// Adds a schedule that nobody serves yet, unless it is there.
pub(in crate::journal) fn enroll(
    db: &Connection,
    name: &str,
    at: Timestamp,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO schedule (name, fingerprint, decided_until, seen_at) VALUES (?1, '', ?2, ?2)
         ON CONFLICT (name) DO NOTHING",
    )?
    .execute(params![name, Time(at)])?;
    Ok(())
}

/// Adds a schedule, or begins anew with its slots where its plan is another one.
pub(in crate::journal) fn adopt(
    db: &Connection,
    served: &Served,
    from: Timestamp,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO schedule (name, fingerprint, decided_until, seen_at) VALUES (?1, ?2, ?3, ?3)
         ON CONFLICT (name) DO UPDATE SET
            seen_at = excluded.seen_at,
            fingerprint = excluded.fingerprint,
            version = version + (fingerprint <> excluded.fingerprint),
            decided_until = CASE fingerprint WHEN excluded.fingerprint THEN decided_until
                ELSE max(excluded.decided_until, coalesce(forgotten_until, excluded.decided_until))
                END",
    )?
    .execute(params![served.name, served.fingerprint, Time(from)])?;
    Ok(())
}

/// Notes that nobody serves schedules but those of a JSON list of names.
pub(in crate::journal) fn retire(db: &Connection, names: &str) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE schedule SET fingerprint = '', version = version + 1
         WHERE fingerprint <> '' AND name NOT IN (SELECT value FROM json_each(?))",
    )?
    .execute([names])?;
    Ok(())
}

/// Returns the version of a schedule.
pub(in crate::journal) fn version(db: &Connection, name: &str) -> rusqlite::Result<Option<u64>> {
    db.prepare_cached("SELECT version FROM schedule WHERE name = ?")?
        .query_row([name], |row| Ok(row.get::<_, i64>(0)?.unsigned_abs()))
        .optional()
}

/// Notes that slots of a schedule get their fates; `false` when it has changed since it was read.
pub(in crate::journal) fn decided(db: &Connection, deciding: &Deciding) -> rusqlite::Result<bool> {
    let changed = db
        .prepare_cached(
            "UPDATE schedule SET version = version + 1,
                decided_until = max(decided_until, coalesce(?3, decided_until))
             WHERE name = ?1 AND version = ?2",
        )?
        .execute(params![
            deciding.schedule,
            deciding.version.cast_signed(),
            time(deciding.until)
        ])?;
    Ok(changed > 0)
}

/// Notes a change of a schedule or its slots.
pub(in crate::journal) fn touch(db: &Connection, name: &str) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE schedule SET version = version + 1 WHERE name = ?")?
        .execute([name])?;
    Ok(())
}

/// Puts a schedule on hold; `false` when it is, or is not there.
pub(in crate::journal) fn pause(
    db: &Connection,
    name: &str,
    pause: &Pause,
) -> rusqlite::Result<bool> {
    let paused = db
        .prepare_cached(
            "UPDATE schedule SET version = version + 1, paused_at = ?2, paused_by = ?3,
                pause_reason = ?4, resumed_at = NULL
             WHERE name = ?1 AND (paused_at IS NULL OR resumed_at IS NOT NULL)",
        )?
        .execute(params![name, Time(pause.at), pause.by, pause.reason])?;
    Ok(paused > 0)
}

/// Ends the pause of a schedule, and forgets its failures; `false` when it is not on hold.
pub(in crate::journal) fn resume(
    db: &Connection,
    name: &str,
    at: Timestamp,
) -> rusqlite::Result<bool> {
    let resumed = db
        .prepare_cached(
            "UPDATE schedule SET version = version + 1, resumed_at = ?2, failures = 0
             WHERE name = ?1 AND paused_at IS NOT NULL AND resumed_at IS NULL",
        )?
        .execute(params![name, Time(at)])?;
    Ok(resumed > 0)
}

/// Counts the failures in a row.
pub(in crate::journal) fn count(db: &Connection, name: &str, count: Count) -> rusqlite::Result<()> {
    let change = match count {
        Count::Keep => return Ok(()),
        Count::Failure => "failures + 1",
        Count::Success => "0",
    };
    db.prepare_cached(&format!(
        "UPDATE schedule SET failures = {change} WHERE name = ?"
    ))?
    .execute([name])?;
    Ok(())
}

/// Notes that a slot is no longer known.
pub(in crate::journal) fn forget(db: &Connection, name: &str, at: Time) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE schedule SET version = version + 1,
            forgotten_from = min(coalesce(forgotten_from, ?2), ?2),
            forgotten_until = max(coalesce(forgotten_until, ?2), ?2) WHERE name = ?1",
    )?
    .execute(params![name, at])?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<ScheduleRow> {
    let paused_at = timestamp(row.get(3)?);
    let by = row.get(4)?;
    let reason: Option<String> = row.get(5)?;
    let resumed_at = timestamp(row.get(6)?);
    let pause = paused_at
        .zip(reason)
        .map(|(at, reason)| Pause { at, by, reason });
    let (paused, rested) = match (pause, resumed_at) {
        (Some(pause), Some(until)) => (None, Some((pause, until))),
        (pause, _) => (pause, None),
    };
    Ok(ScheduleRow {
        name: row.get(0)?,
        fingerprint: row.get(1)?,
        decided_until: row.get::<_, Time>(2)?.0,
        paused,
        rested,
        failures: row.get(7)?,
        seen_at: row.get::<_, Time>(8)?.0,
        forgotten: timestamp(row.get(9)?).zip(timestamp(row.get(10)?)),
        version: row.get::<_, i64>(11)?.unsigned_abs(),
    })
}
