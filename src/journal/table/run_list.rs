//! The table `run` as it is shown: one run, several, filtered, counted.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::time::{Time, time, timestamp};
use crate::journal::{RunFilter, RunRow, RunState};

pub(super) const SELECT: &str =
    "SELECT id, script, root, arguments, sealed_arguments, engine, world, limits,
    deadline, parent, created_at, state, started_at, ended_at, wake_at, reason, exit, result,
    problem, ordered, cancelled_at, owner, unattended, schedule, slot, attempt,
    (SELECT count(*) FROM step WHERE step.run = run.key) FROM run";

/// The way to the few runs that have not ended.
const OPEN: &str = "INDEXED BY run_open";

/// Newest first; runs of the same instant by their age in the journal.
const NEWEST: &str = "ORDER BY created_at DESC, key DESC";

/// So many runs are enough to tell that the start of an id is not unique.
const SEVERAL: usize = 5;

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
    let limit = filter.limit.and_then(|limit| i64::try_from(limit).ok());
    db.prepare_cached(&list_query(filter))?
        .query_map(
            params![
                names(&filter.states),
                filter.script,
                time(filter.since),
                time(filter.until),
                filter.before,
                filter.schedule,
                limit.unwrap_or(-1),
            ],
            read,
        )?
        .collect()
}

/// Names only what is filtered by, so that an index can be used.
fn list_query(filter: &RunFilter) -> String {
    let mut wanted = vec!["?7"];
    let is_open = !filter.states.is_empty() && !filter.states.iter().any(|one| one.is_ended());
    if !filter.states.is_empty() {
        wanted.push("state IN (SELECT value FROM json_each(?1))");
    }
    if is_open {
        wanted.push("ended_at IS NULL");
    }
    if filter.script.is_some() {
        wanted.push("instr(script, ?2) > 0");
    }
    if filter.since.is_some() {
        wanted.push("created_at >= ?3");
    }
    if filter.until.is_some() {
        wanted.push("created_at < ?4");
    }
    if filter.before.is_some() {
        wanted.push("(created_at, key) < (SELECT created_at, key FROM run WHERE id = ?5)");
    }
    if filter.schedule.is_some() {
        wanted.push("schedule = ?6");
    }
    // The planner would rather read all runs in their order.
    let index = if is_open { OPEN } else { "" };
    format!(
        "{SELECT} {index} WHERE {} {NEWEST} LIMIT ?7",
        wanted.join(" AND ")
    )
}

/// Returns how many runs are in a state that is not an end.
pub(in crate::journal) fn count_open(db: &Connection, state: RunState) -> rusqlite::Result<u64> {
    db.prepare_cached(&format!(
        "SELECT count(*) FROM run {OPEN} WHERE state = ? AND ended_at IS NULL"
    ))?
    .query_row([state], |row| Ok(row.get::<_, i64>(0)?.unsigned_abs()))
}

/// Returns states as a JSON list of their names.
pub(in crate::journal) fn names(states: &[RunState]) -> String {
    let names: Vec<_> = states.iter().map(|state| state.as_str()).collect();
    serde_json::Value::from(names).to_string()
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

/// Reads a row of [`SELECT`].
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<RunRow> {
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
        unattended: row.get(22)?,
        schedule: row.get(23)?,
        slot: timestamp(row.get(24)?),
        attempt: row.get(25)?,
        steps: row.get(26)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::trial::{Trial, at, end, new_run};
    use crate::journal::{NewRun, Write};

    #[test]
    fn a_list_is_filtered() {
        let trial = Trial::new();
        for (second, (id, script)) in (0..).zip([("a", "x.rhai"), ("b", "y.rhai"), ("c", "x.rhai")])
        {
            trial.put([Write::Run(NewRun {
                script: script.into(),
                created_at: at(second),
                ..new_run(id)
            })]);
        }
        trial.put([end("a", RunState::Done, 9)]);
        let ids = |change: fn(&mut RunFilter)| {
            let mut filter = RunFilter::default();
            change(&mut filter);
            let runs = trial.journal.runs(&filter).unwrap();
            runs.into_iter().map(|run| run.id).collect::<String>()
        };
        assert_eq!(ids(|_| {}), "cba");
        assert_eq!(
            ids(|it| it.states = vec![RunState::Done, RunState::Failed]),
            "a"
        );
        assert_eq!(ids(|it| it.script = Some("x.".into())), "ca");
        assert_eq!(ids(|it| it.since = Some(at(1))), "cb");
        assert_eq!(ids(|it| it.until = Some(at(1))), "a");
        assert_eq!(ids(|it| it.limit = Some(2)), "cb");
        assert_eq!(ids(|it| it.before = Some("b".into())), "a");
        assert_eq!(ids(|it| it.before = Some("?".into())), "");
    }

    #[test]
    fn runs_that_have_not_ended_are_found_by_their_index() {
        let trial = Trial::new();
        for (second, id) in (0..).zip(["a", "b", "c"]) {
            trial.put([Write::Run(NewRun {
                created_at: at(second),
                ..new_run(id)
            })]);
        }
        trial.put([end("b", RunState::Done, 9)]);
        let states = vec![RunState::Running, RunState::Waiting, RunState::Queued];
        let filter = RunFilter {
            states,
            ..RunFilter::default()
        };
        let found = trial.journal.runs(&filter).unwrap();
        let found: Vec<_> = found.iter().map(|run| run.id.as_str()).collect();
        assert_eq!(found, ["c", "a"]);
        let count = |state| trial.journal.read(|db| count_open(db, state)).unwrap();
        assert_eq!((count(RunState::Queued), count(RunState::Waiting)), (2, 0));
        let db = trial.database();
        let explain = format!("EXPLAIN QUERY PLAN {}", list_query(&filter));
        let mut explain = db.prepare(&explain).unwrap();
        let plan = explain.raw_query().mapped(|row| row.get::<_, String>(3));
        let plan: Vec<_> = plan.collect::<Result<_, _>>().unwrap();
        assert_eq!(plan[0], "SEARCH run USING INDEX run_open (state=?)");
    }
}
