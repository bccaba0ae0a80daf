//! The table `run`: what runs were started with, their states, and which can go on.

use jiff::Timestamp;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use super::time::{Time, time, timestamp};
use super::wait;
use crate::journal::{Due, NewRun, Order, PruneFilter, RunFilter, RunRow, RunState};

const SELECT: &str = "SELECT id, script, root, arguments, sealed_arguments, engine, world, limits,
    deadline, parent, created_at, state, started_at, ended_at, wake_at, reason, exit, result,
    problem, ordered, cancelled_at, owner,
    (SELECT count(*) FROM step WHERE step.run = run.key) FROM run";

/// Newest first; runs of the same instant by their age in the journal.
const NEWEST: &str = "ORDER BY created_at DESC, key DESC";

/// So many runs are enough to tell that the start of an id is not unique.
const SEVERAL: usize = 5;

/// Adds a run, and returns its key.
pub(in crate::journal) fn insert(db: &Connection, new: &NewRun) -> rusqlite::Result<i64> {
    db.prepare_cached(
        "INSERT INTO run (id, script, root, arguments, sealed_arguments, engine, world, limits,
            deadline, parent, created_at, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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

/// Marks a run that has not ended as able to go on; returns whether it has not.
pub(in crate::journal) fn make_ready(db: &Connection, run: i64) -> rusqlite::Result<bool> {
    let changed = db
        .prepare_cached("UPDATE run SET ready = 1 WHERE key = ? AND ended_at IS NULL")?
        .execute([run])?;
    Ok(changed > 0)
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

/// Returns a run.
pub(in crate::journal) fn get(db: &Connection, id: &str) -> rusqlite::Result<Option<RunRow>> {
    db.prepare_cached(&format!("{SELECT} WHERE id = ?"))?
        .query_row([id], read)
        .optional()
}

/// Returns a few runs whose id begins so, newest first.
pub(in crate::journal) fn starting_with(
    db: &Connection,
    prefix: &str,
) -> rusqlite::Result<Vec<RunRow>> {
    let behind = format!("{prefix}\u{10ffff}");
    db.prepare_cached(&format!(
        "{SELECT} WHERE id >= ? AND id < ? {NEWEST} LIMIT {SEVERAL}"
    ))?
    .query_map([prefix, &behind], read)?
    .collect()
}

/// Returns runs, newest first.
pub(in crate::journal) fn list(
    db: &Connection,
    filter: &RunFilter,
) -> rusqlite::Result<Vec<RunRow>> {
    let mut conditions = vec!["1".to_owned()];
    let mut values: Vec<Box<dyn ToSql>> = Vec::new();
    if !filter.states.is_empty() {
        conditions.push(format!("state IN ({})", marks(filter.states.len())));
        for state in &filter.states {
            values.push(Box::new(*state));
        }
    }
    let mut add = |condition: &str, value: Option<Box<dyn ToSql>>| {
        if let Some(value) = value {
            conditions.push(condition.to_owned());
            values.push(value);
        }
    };
    add("instr(script, ?) > 0", boxed(filter.script.clone()));
    add("created_at >= ?", boxed(time(filter.since)));
    add("created_at < ?", boxed(time(filter.until)));
    add(
        "(created_at, key) < (SELECT created_at, key FROM run WHERE id = ?)",
        boxed(filter.before.clone()),
    );
    let limit = filter.limit.and_then(|limit| i64::try_from(limit).ok());
    let conditions = conditions.join(" AND ");
    let limit = limit.unwrap_or(-1);
    db.prepare_cached(&format!(
        "{SELECT} WHERE {conditions} {NEWEST} LIMIT {limit}"
    ))?
    .query_map(params_from_iter(values), read)?
    .collect()
}

fn boxed<T: ToSql + 'static>(value: Option<T>) -> Option<Box<dyn ToSql>> {
    value.map(|value| Box::new(value) as Box<dyn ToSql>)
}

/// Returns so many question marks, for a list of values.
fn marks(count: usize) -> String {
    vec!["?"; count].join(", ")
}

/// Returns how many runs are in each state that one is in.
pub(in crate::journal) fn count(db: &Connection) -> rusqlite::Result<Vec<(RunState, u64)>> {
    let mut counts: Vec<(RunState, u64)> = db
        .prepare_cached("SELECT state, count(*) FROM run GROUP BY state")?
        .query_map([], |row| {
            Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
        })?
        .collect::<rusqlite::Result<_>>()?;
    counts.sort_by_key(|(state, _)| RunState::ALL.iter().position(|known| known == state));
    Ok(counts)
}

/// Returns the keys of some ended runs, but for those of some owners, given as a JSON list.
pub(in crate::journal) fn ended(
    db: &Connection,
    filter: &PruneFilter,
    living: &str,
    limit: usize,
) -> rusqlite::Result<Vec<i64>> {
    let states: Vec<_> = filter.states.iter().map(|state| state.as_str()).collect();
    let states = serde_json::Value::from(states).to_string();
    let until = time(filter.until);
    db.prepare_cached(&format!(
        "SELECT key FROM run WHERE ended_at IS NOT NULL AND {FREE}
            AND (?2 = '[]' OR state IN (SELECT value FROM json_each(?2)))
            AND (?3 IS NULL OR ended_at < ?3) LIMIT ?4"
    ))?
    .query_map(
        params![
            living,
            states,
            until,
            i64::try_from(limit).unwrap_or(i64::MAX)
        ],
        |row| row.get(0),
    )?
    .collect()
}

/// Removes a run and all that is its own.
pub(in crate::journal) fn remove(db: &Connection, run: i64) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM run WHERE key = ?")?
        .execute([run])?;
    Ok(())
}

/// Runs that none of the owners in a JSON list has in hand.
const FREE: &str = "(owner IS NULL OR owner NOT IN (SELECT value FROM json_each(?1)))";

/// Returns runs that can go on, but for those of some owners, given as a JSON list.
pub(in crate::journal) fn due(
    db: &Connection,
    now: Timestamp,
    living: &str,
    limit: usize,
) -> rusqlite::Result<Vec<Due>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    db.prepare_cached(&due_query())?
        .query_map(params![living, Time(now), limit], |row| {
            Ok(Due {
                run: row.get(0)?,
                wake_at: timestamp(row.get(1)?),
            })
        })?
        .collect()
}

fn due_query() -> String {
    format!(
        "SELECT id, NULL AS wake_at FROM run WHERE ready = 1 AND {FREE}
         UNION ALL
         SELECT * FROM (SELECT id, wake_at FROM run
            WHERE wake_at <= ?2 AND ready = 0 AND {FREE} ORDER BY wake_at)
         LIMIT ?3"
    )
}

/// Returns whether something happened to a run, but for those of some owners.
pub(in crate::journal) fn is_one_ready(db: &Connection, living: &str) -> rusqlite::Result<bool> {
    db.prepare_cached(&format!(
        "SELECT 1 FROM run WHERE ready = 1 AND {FREE} LIMIT 1"
    ))?
    .exists([living])
}

/// Returns the first time at which a run wants to be woken up, but for those of some owners.
pub(in crate::journal) fn next_wake(
    db: &Connection,
    living: &str,
) -> rusqlite::Result<Option<Timestamp>> {
    db.prepare_cached(&format!(
        "SELECT wake_at FROM run WHERE wake_at IS NOT NULL AND {FREE} ORDER BY wake_at LIMIT 1"
    ))?
    .query_row([living], |row| Ok(row.get::<_, Time>(0)?.0))
    .optional()
}

fn read(row: &Row<'_>) -> rusqlite::Result<RunRow> {
    Ok(RunRow {
        id: row.get(0)?,
        script: row.get(1)?,
        root: row.get(2)?,
        arguments: row.get(3)?,
        sealed_arguments: row.get(4)?,
        engine: row.get(5)?,
        world: row.get(6)?,
        limits: row.get(7)?,
        deadline: timestamp(row.get(8)?),
        parent: row.get(9)?,
        created_at: row.get::<_, Time>(10)?.0,
        state: row.get(11)?,
        started_at: timestamp(row.get(12)?),
        ended_at: timestamp(row.get(13)?),
        wake_at: timestamp(row.get(14)?),
        reason: row.get(15)?,
        exit: row.get(16)?,
        result: row.get(17)?,
        problem: row.get(18)?,
        ordered: row.get(19)?,
        cancelled_at: row.get(20)?,
        owner: row.get(21)?,
        steps: row.get(22)?,
    })
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
    use crate::journal::trial::{Trial, end, new_run, state};
    use crate::journal::{Journal, Write};

    fn db(journal: &Journal) -> Connection {
        Connection::open(journal.state_directory().join("journal.db")).unwrap()
    }

    #[test]
    fn the_table_takes_every_state_and_order_and_no_other() {
        let trial = Trial::new();
        for name in RunState::ALL {
            let id = name.as_str();
            trial.put([Write::Run(new_run(id))]);
            trial.put([match name.is_ended() {
                true => end(id, name, 0),
                false => state(id, name, None),
            }]);
            assert_eq!(trial.journal.run(id).unwrap().unwrap().state, name);
        }
        let db = db(&trial.journal);
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

    #[test]
    fn runs_that_are_due_are_found_by_indexes() {
        let trial = Trial::new();
        let db = db(&trial.journal);
        let mut explain = db
            .prepare(&format!("EXPLAIN QUERY PLAN {}", due_query()))
            .unwrap();
        let plan = explain
            .query_map(params!["[]", 0, 10], |row| row.get::<_, String>(3))
            .unwrap()
            .collect::<Result<Vec<_>, _>>()
            .unwrap()
            .join("\n");
        assert!(plan.contains("USING INDEX run_ready"), "{plan}");
        assert!(plan.contains("USING INDEX run_wake"), "{plan}");
        let reads_all = plan.lines().any(|line| line == "SCAN run");
        assert!(!reads_all && !plan.contains("TEMP B-TREE"), "{plan}");
    }

    #[test]
    fn a_list_is_filtered() {
        let trial = Trial::new();
        for (second, (id, script)) in (0..).zip([("a", "x.rhai"), ("b", "y.rhai"), ("c", "x.rhai")])
        {
            trial.put([Write::Run(NewRun {
                script: script.into(),
                created_at: crate::journal::trial::at(second),
                ..new_run(id)
            })]);
        }
        trial.put([end("a", RunState::Done, 9)]);
        let at = crate::journal::trial::at;
        let ids = |filter: RunFilter| {
            let runs = trial.journal.runs(&filter).unwrap();
            runs.into_iter().map(|run| run.id).collect::<String>()
        };
        let all = RunFilter::default;
        let states = vec![RunState::Done, RunState::Failed];
        assert_eq!(ids(all()), "cba");
        assert_eq!(ids(RunFilter { states, ..all() }), "a");
        assert_eq!(
            ids(RunFilter {
                script: Some("x.".into()),
                ..all()
            }),
            "ca"
        );
        assert_eq!(
            ids(RunFilter {
                since: Some(at(1)),
                ..all()
            }),
            "cb"
        );
        assert_eq!(
            ids(RunFilter {
                until: Some(at(1)),
                ..all()
            }),
            "a"
        );
        assert_eq!(
            ids(RunFilter {
                limit: Some(2),
                ..all()
            }),
            "cb"
        );
        assert_eq!(
            ids(RunFilter {
                before: Some("b".into()),
                ..all()
            }),
            "a"
        );
        assert_eq!(
            ids(RunFilter {
                before: Some("?".into()),
                ..all()
            }),
            ""
        );
    }
}
