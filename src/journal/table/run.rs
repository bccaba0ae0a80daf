//! The table `run`: what runs were started with, and the states they are in.

use jiff::Timestamp;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, params};

use super::time::{Time, time};
use super::{blob, slot, wait};
use crate::journal::{NewRun, Order, RunRow, RunState};

/// Adds a run, and returns its key. An unattended one can be taken up at once, unless it wants to
/// begin later.
pub(in crate::journal) fn insert(db: &Connection, new: &NewRun) -> rusqlite::Result<i64> {
    db.prepare_cached(
        "INSERT INTO run (id, script, root, arguments, sealed_arguments, engine, world, limits,
            deadline, parent, created_at, state, unattended, schedule, slot, attempt, wake_at,
            ready, settled)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .insert(params![
        new.id,
        new.script,
        new.root,
        new.arguments,
        new.sealed_arguments,
        new.engine,
        new.world,
        new.limits,
        time(new.deadline),
        new.parent,
        Time(new.created_at),
        new.state,
        new.unattended,
        new.schedule,
        time(new.slot),
        new.attempt,
        time(new.wake_at),
        new.unattended && new.wake_at.is_none(),
        new.schedule.is_none(),
    ])
}

/// Adds a run as it was exported, without an owner, and returns its key.
pub(in crate::journal) fn restore(db: &Connection, row: &RunRow) -> rusqlite::Result<i64> {
    db.prepare_cached(
        "INSERT INTO run (id, script, root, arguments, sealed_arguments, engine, world, limits,
            deadline, parent, created_at, state, started_at, ended_at, wake_at, reason, exit,
            result, problem, ordered, cancelled_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .insert(params![
        row.id,
        row.script,
        row.root,
        row.arguments,
        row.sealed_arguments,
        row.engine,
        row.world,
        row.limits,
        time(row.deadline),
        row.parent,
        Time(row.created_at),
        row.state,
        time(row.started_at),
        time(row.ended_at),
        time(row.wake_at),
        row.reason,
        row.exit,
        row.result,
        row.problem,
        row.ordered,
        row.cancelled_at,
    ])
}

/// Returns the key of a run.
pub(in crate::journal) fn key(db: &Connection, id: &str) -> rusqlite::Result<Option<i64>> {
    db.prepare_cached("SELECT key FROM run WHERE id = ?")?
        .query_row([id], |row| row.get(0))
        .optional()
}

/// A state that a run enters, and what goes with it.
#[derive(Clone, Copy, Debug)]
pub(in crate::journal) struct Change<'a> {
    pub(in crate::journal) state: RunState,
    pub(in crate::journal) at: Timestamp,
    pub(in crate::journal) wake_at: Option<Timestamp>,
    pub(in crate::journal) reason: Option<&'a str>,
}

/// Brings a run into another state, none of the ended ones.
pub(in crate::journal) fn change(
    db: &Connection,
    run: i64,
    change: Change<'_>,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE run SET state = ?2, wake_at = ?3, reason = ?4, ready = 0,
            started_at = CASE ?2 WHEN 'running' THEN coalesce(started_at, ?5) ELSE started_at END
         WHERE key = ?1",
    )?
    .execute(params![
        run,
        change.state,
        time(change.wake_at),
        change.reason,
        Time(change.at),
    ])?;
    Ok(())
}

/// How a run ended.
#[derive(Clone, Copy, Debug)]
pub(in crate::journal) struct Ending<'a> {
    pub(in crate::journal) state: RunState,
    pub(in crate::journal) at: Timestamp,
    pub(in crate::journal) exit: i32,
    pub(in crate::journal) result: Option<&'a str>,
    pub(in crate::journal) problem: Option<&'a str>,
}

/// Ends a run: it waits for nothing more, and nobody wants anything of it.
pub(in crate::journal) fn end(
    db: &Connection,
    run: i64,
    ending: Ending<'_>,
) -> rusqlite::Result<()> {
    wait::clear(db, run)?;
    db.prepare_cached(
        "UPDATE run SET state = ?2, ended_at = ?3, exit = ?4, result = ?5, problem = ?6,
            wake_at = NULL, ready = 0, reason = NULL, ordered = NULL
         WHERE key = ?1",
    )?
    .execute(params![
        run,
        ending.state,
        Time(ending.at),
        ending.exit,
        ending.result,
        ending.problem,
    ])?;
    Ok(())
}

/// Notes how much of the record the main line of a cancelled run may see.
pub(in crate::journal) fn cancelled_at(
    db: &Connection,
    run: i64,
    done_seq: u32,
) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE run SET cancelled_at = ? WHERE key = ?")?
        .execute(params![done_seq, run])?;
    Ok(())
}

/// Returns whether a run has ended.
pub(in crate::journal) fn has_ended(db: &Connection, run: i64) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT ended_at IS NOT NULL FROM run WHERE key = ?")?
        .query_row([run], |row| row.get(0))
}

/// Marks a run that has not ended as able to go on.
pub(in crate::journal) fn make_ready(db: &Connection, run: i64) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE run SET ready = 1 WHERE key = ? AND ended_at IS NULL")?
        .execute([run])?;
    Ok(())
}

/// Leaves a run to the daemon.
pub(in crate::journal) fn set_unattended(db: &Connection, run: i64) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE run SET unattended = 1 WHERE key = ?")?
        .execute([run])?;
    Ok(())
}

/// Notes what a person wants of a run; who wanted it cancelled cannot want it paused instead.
pub(in crate::journal) fn order(db: &Connection, run: i64, order: Order) -> rusqlite::Result<()> {
    let wanted = (order != Order::Resume).then_some(order);
    db.prepare_cached(
        "UPDATE run SET ready = 1, ordered = CASE ordered WHEN 'cancel' THEN 'cancel' ELSE ?2 END
         WHERE key = ?1 AND ended_at IS NULL",
    )?
    .execute(params![run, wanted])?;
    Ok(())
}

/// Names the owner of a run, or nobody.
pub(in crate::journal) fn set_owner(
    db: &Connection,
    run: i64,
    owner: Option<&str>,
) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE run SET owner = ? WHERE key = ?")?
        .execute(params![owner, run])?;
    Ok(())
}

/// Returns the id of a run's owner.
pub(in crate::journal) fn owner(db: &Connection, run: i64) -> rusqlite::Result<Option<String>> {
    db.prepare_cached("SELECT owner FROM run WHERE key = ?")?
        .query_row([run], |row| row.get(0))
}

/// Names the engine that the sources of a run are written for.
pub(in crate::journal) fn set_engine(
    db: &Connection,
    run: i64,
    engine: &str,
) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE run SET engine = ? WHERE key = ?")?
        .execute(params![engine, run])?;
    Ok(())
}

/// Removes a run and all that only it needs, but for the texts of its sources.
pub(in crate::journal) fn remove(db: &Connection, run: i64) -> rusqlite::Result<()> {
    let large = blob::of_run(db, run)?;
    let slot = slot_of(db, run)?;
    db.prepare_cached("DELETE FROM run WHERE key = ?")?
        .execute([run])?;
    if let Some((schedule, at)) = slot {
        slot::forget(db, &schedule, at)?;
    }
    blob::sweep(db, &large)
}

/// Returns the slot that a run was made for: name of the schedule, and instant.
fn slot_of(db: &Connection, run: i64) -> rusqlite::Result<Option<(String, Time)>> {
    db.prepare_cached("SELECT schedule, slot FROM run WHERE key = ? AND schedule IS NOT NULL")?
        .query_row([run], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// Notes that the schedule of an ended run has drawn the consequences; `false` when it had before,
/// or when there is no such run.
pub(in crate::journal) fn settle(db: &Connection, id: &str) -> rusqlite::Result<bool> {
    let settled = db
        .prepare_cached(
            "UPDATE run SET settled = 1 WHERE id = ? AND settled = 0 AND ended_at IS NOT NULL",
        )?
        .execute([id])?;
    Ok(settled > 0)
}

impl ToSql for RunState {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for RunState {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::from_name(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

impl ToSql for Order {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for Order {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::from_name(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Write;
    use crate::journal::trial::{Trial, end, new_run, state};

    #[test]
    fn the_table_takes_every_state_and_order_and_no_other() {
        let trial = Trial::new();
        for name in RunState::ALL {
            let id = name.as_str();
            let (ended, begun) = (end(id, name, 0), state(id, name, None));
            let enter = if name.is_ended() { ended } else { begun };
            trial.put([Write::Run(new_run(id)), enter]);
            assert_eq!(trial.journal.run(id).unwrap().unwrap().state, name);
        }
        let db = trial.database();
        let set = |column: &str, value: &str| {
            let change = format!("UPDATE run SET {column} = ? WHERE id = 'queued'");
            db.execute(&change, [value]).is_ok()
        };
        assert!(!set("state", "asleep"));
        for order in Order::ALL {
            assert_eq!(set("ordered", order.as_str()), order != Order::Resume);
        }
        assert!(!set("ordered", "wait"));
    }
}
