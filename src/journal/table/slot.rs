//! The table `slot`: each slot of each schedule once, with its one fate.

use jiff::Timestamp;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, params};

use super::time::{Time, time};
use super::{run_list, schedule};
use crate::journal::{Fate, NewSlot, RunRow, ScheduleRow, SlotFilter, SlotKind, SlotRow};

const SELECT: &str = "SELECT schedule, at, kind, due, fate, reason, decided_at, settled,
    (SELECT id FROM run WHERE run.schedule = slot.schedule AND run.slot = slot.at
        ORDER BY attempt DESC LIMIT 1) FROM slot";

/// The way to the few slots to which something may still happen.
const OPEN: &str = "INDEXED BY slot_open";

const AHEAD: &str = "SELECT at FROM slot WHERE schedule = ? AND at > ? ORDER BY at";

/// Slots of which no run is left.
const WITHOUT_RUN: &str = "NOT EXISTS
    (SELECT 1 FROM run WHERE run.schedule = slot.schedule AND run.slot = slot.at)";

/// Slots that their plan will not come to again.
const PASSED: &str =
    "at <= (SELECT decided_until FROM schedule WHERE schedule.name = slot.schedule)";

/// Gives slots of one schedule their fates.
pub(in crate::journal) struct Decider<'a> {
    statement: CachedStatement<'a>,
    schedule: &'a str,
    decided_at: Time,
}

impl<'a> Decider<'a> {
    /// Returns what gives slots their fates at an instant.
    pub(in crate::journal) fn new(
        db: &'a Connection,
        schedule: &'a str,
        decided_at: Timestamp,
    ) -> rusqlite::Result<Self> {
        let statement = db.prepare_cached(
            "INSERT INTO slot (schedule, at, kind, due, fate, reason, decided_at, settled)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (schedule, at) DO UPDATE SET
                kind = excluded.kind, due = excluded.due, fate = excluded.fate,
                reason = excluded.reason, decided_at = excluded.decided_at,
                settled = excluded.settled
             WHERE (fate = 'queued' AND excluded.fate <> 'queued')
                OR (?9 AND fate IN ('skipped', 'missed'))",
        )?;
        Ok(Self {
            statement,
            schedule,
            decided_at: Time(decided_at),
        })
    }

    /// Gives a slot its fate; `false` when it has one already. One that is queued may get another,
    /// and one that was skipped or missed when it is run `again`.
    pub(in crate::journal) fn decide(
        &mut self,
        new: &NewSlot,
        again: bool,
    ) -> rusqlite::Result<bool> {
        let is_settled = !new.fate.has_run() && new.fate != Fate::Queued;
        let changed = self.statement.execute(params![
            self.schedule,
            Time(new.at),
            new.kind,
            Time(new.due),
            new.fate,
            new.reason,
            self.decided_at,
            is_settled,
            again,
        ])?;
        Ok(changed > 0)
    }
}

/// Notes that nothing more will happen to a slot.
pub(in crate::journal) fn settle(
    db: &Connection,
    schedule: &str,
    at: Timestamp,
) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE slot SET settled = 1 WHERE schedule = ? AND at = ?")?
        .execute(params![schedule, Time(at)])?;
    Ok(())
}

/// Returns slots, newest first.
pub(in crate::journal) fn list(
    db: &Connection,
    filter: &SlotFilter,
) -> rusqlite::Result<Vec<SlotRow>> {
    let fates: Vec<_> = filter.fates.iter().map(|fate| fate.as_str()).collect();
    let limit = filter.limit.and_then(|limit| i64::try_from(limit).ok());
    db.prepare_cached(&list_query(filter))?
        .query_map(
            params![
                filter.schedule,
                time(filter.from),
                time(filter.to),
                serde_json::Value::from(fates).to_string(),
                limit.unwrap_or(-1),
            ],
            read,
        )?
        .collect()
}

/// Names only what is filtered by, so that an index can be used.
fn list_query(filter: &SlotFilter) -> String {
    let mut wanted = vec!["?5"];
    if filter.schedule.is_some() {
        wanted.push("schedule = ?1");
    }
    if filter.from.is_some() {
        wanted.push("at >= ?2");
    }
    if filter.to.is_some() {
        wanted.push("at < ?3");
    }
    if !filter.fates.is_empty() {
        wanted.push("fate IN (SELECT value FROM json_each(?4))");
    }
    if filter.is_open {
        wanted.push("settled = 0");
    }
    // The planner would rather read all slots of a schedule in their order.
    let index = if filter.is_open { OPEN } else { "" };
    format!(
        "{SELECT} {index} WHERE {} ORDER BY at DESC, schedule LIMIT ?5",
        wanted.join(" AND ")
    )
}

/// Returns how many slots from an instant on have a fate.
pub(in crate::journal) fn count(
    db: &Connection,
    fate: Fate,
    since: Timestamp,
) -> rusqlite::Result<u64> {
    db.prepare_cached("SELECT count(*) FROM slot WHERE at >= ? AND fate = ?")?
        .query_row(params![Time(since), fate], |row| {
            Ok(row.get::<_, i64>(0)?.unsigned_abs())
        })
}

/// Returns the slots of a schedule to which something may still happen, oldest first.
pub(in crate::journal) fn open(db: &Connection, schedule: &str) -> rusqlite::Result<Vec<SlotRow>> {
    db.prepare_cached(&open_query())?
        .query_map([schedule], read)?
        .collect()
}

fn open_query() -> String {
    format!("{SELECT} {OPEN} WHERE schedule = ? AND settled = 0 ORDER BY at")
}

/// Returns the instants of a schedule's slots behind its watermark.
pub(in crate::journal) fn ahead(
    db: &Connection,
    row: &ScheduleRow,
) -> rusqlite::Result<Vec<Timestamp>> {
    db.prepare_cached(AHEAD)?
        .query_map(params![row.name, Time(row.decided_until)], |row| {
            Ok(row.get::<_, Time>(0)?.0)
        })?
        .collect()
}

/// Returns the names of schedules that have a queued slot.
pub(in crate::journal) fn queued(db: &Connection) -> rusqlite::Result<Vec<String>> {
    db.prepare_cached("SELECT DISTINCT schedule FROM slot WHERE fate = 'queued'")?
        .query_map([], |row| row.get(0))?
        .collect()
}

/// Returns runs that have ended without consequences so far, longest ended first, each with its slot.
pub(in crate::journal) fn unsettled(
    db: &Connection,
    limit: usize,
) -> rusqlite::Result<Vec<(SlotRow, RunRow)>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let runs: Vec<RunRow> = db
        .prepare_cached(&format!(
            "{} WHERE settled = 0 AND ended_at IS NOT NULL ORDER BY ended_at LIMIT ?",
            run_list::SELECT
        ))?
        .query_map([limit], run_list::read)?
        .collect::<rusqlite::Result<_>>()?;
    let mut slot = db.prepare_cached(&format!("{SELECT} WHERE schedule = ? AND at = ?"))?;
    let mut found = Vec::new();
    for run in runs {
        let key = params![run.schedule, time(run.slot)];
        if let Some(row) = slot.query_row(key, read).optional()? {
            found.push((row, run));
        }
    }
    Ok(found)
}

/// Forgets a slot of which no run is left, if its plan will not come to it again.
pub(in crate::journal) fn forget(db: &Connection, name: &str, at: Time) -> rusqlite::Result<()> {
    let one = format!("schedule = ? AND at = ? AND fate <> 'queued' AND {WITHOUT_RUN}");
    let settled = db
        .prepare_cached(&format!(
            "UPDATE slot SET settled = 1 WHERE {one} AND settled = 0"
        ))?
        .execute(params![name, at])?;
    let removed = db
        .prepare_cached(&format!("DELETE FROM slot WHERE {one} AND {PASSED}"))?
        .execute(params![name, at])?;
    match (removed, settled) {
        (0, 0) => Ok(()),
        (0, _) => schedule::touch(db, name),
        _ => schedule::forget(db, name, at),
    }
}

/// Forgets some slots that never had a run and lie before an instant; returns how many.
pub(in crate::journal) fn forget_idle(
    db: &Connection,
    until: Option<Timestamp>,
    limit: usize,
) -> rusqlite::Result<usize> {
    let idle: Vec<(String, Time)> = db
        .prepare_cached(&format!(
            "SELECT schedule, at FROM slot WHERE (?1 IS NULL OR at < ?1)
                AND fate IN ('skipped', 'missed') AND {PASSED} ORDER BY at LIMIT ?2"
        ))?
        .query_map(
            params![time(until), i64::try_from(limit).unwrap_or(i64::MAX)],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?
        .collect::<rusqlite::Result<_>>()?;
    for (schedule, at) in &idle {
        forget(db, schedule, *at)?;
    }
    Ok(idle.len())
}

fn read(row: &Row<'_>) -> rusqlite::Result<SlotRow> {
    Ok(SlotRow {
        schedule: row.get(0)?,
        at: row.get::<_, Time>(1)?.0,
        kind: row.get(2)?,
        due: row.get::<_, Time>(3)?.0,
        fate: row.get(4)?,
        reason: row.get(5)?,
        decided_at: row.get::<_, Time>(6)?.0,
        settled: row.get(7)?,
        run: row.get(8)?,
    })
}

impl ToSql for Fate {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for Fate {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::from_name(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

impl ToSql for SlotKind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for SlotKind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::from_name(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;
    use crate::journal::trial::Trial;

    #[test]
    fn open_slots_are_found_by_their_index() {
        let trial = Trial::new();
        let db = trial.database();
        let listed = SlotFilter {
            schedule: Some("nightly".into()),
            is_open: true,
            ..SlotFilter::default()
        };
        for query in [open_query(), list_query(&listed)] {
            let mut explain = db.prepare(&format!("EXPLAIN QUERY PLAN {query}")).unwrap();
            let plan: Vec<String> = explain
                .raw_query()
                .mapped(|row| row.get(3))
                .collect::<rusqlite::Result<_>>()
                .unwrap();
            assert_eq!(plan[0], "SEARCH slot USING INDEX slot_open (schedule=?)");
        }
    }

    /// Returns how often a statement is compiled again when it is used again.
    fn compiled_again(db: &Connection) -> rusqlite::Result<i32> {
        let ahead = || db.prepare_cached(AHEAD);
        for name in ["nightly", "hourly"] {
            assert!(!ahead()?.exists(params![name, 1])?);
        }
        Ok(ahead()?.get_status(StatementStatus::RePrepare))
    }

    #[test]
    fn a_statement_is_compiled_once_for_all_uses() {
        let trial = Trial::new();
        assert_eq!(trial.journal.read(compiled_again).unwrap(), 0);
        assert_ne!(compiled_again(&trial.database()).unwrap(), 0);
    }
}
