//! Which unattended runs can go on, and which runs can go: those that no living process has in hand.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::run_list::names;
use super::time::{Time, time, timestamp};
use crate::journal::{Due, PruneFilter};

/// Runs that none of the owners in a JSON list has in hand.
const FREE: &str = "(owner IS NULL OR owner NOT IN (SELECT value FROM json_each(?1)))";

/// Runs of none of the schedules in a JSON list, where the name of nobody's is empty.
const OTHER: &str = "coalesce(schedule, '') NOT IN (SELECT value FROM json_each(?4))";

/// Runs of which one can see that they could go on at once: something happened to them, or the
/// process that executed them has died.
const READY: [&str; 2] = ["ready = 1", "state = 'running' AND ready = 0"];

/// Returns runs that can go on, but for those of some owners and of some schedules, given as JSON
/// lists.
pub(in crate::journal) fn due(
    db: &Connection,
    now: Timestamp,
    (living, but): (&str, &str),
    limit: usize,
) -> rusqlite::Result<Vec<Due>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    db.prepare_cached(&due_query())?
        .query_map(params![living, Time(now), limit, but], |row| {
            Ok(Due {
                run: row.get(0)?,
                wake_at: timestamp(row.get(1)?),
                schedule: row.get(2)?,
                world: row.get(3)?,
            })
        })?
        .collect()
}

fn due_query() -> String {
    let ready = READY.map(|ready| {
        format!(
            "SELECT id, NULL AS wake_at, schedule, world FROM run
             WHERE unattended = 1 AND {ready} AND {FREE} AND {OTHER}"
        )
    });
    format!(
        "{} UNION ALL
         SELECT * FROM (SELECT id, wake_at, schedule, world FROM run
            WHERE unattended = 1 AND wake_at <= ?2 AND ready = 0 AND {FREE} AND {OTHER}
            ORDER BY wake_at)
         LIMIT ?3",
        ready.join(" UNION ALL ")
    )
}

/// Returns whether a run can go on at once, but for those of some owners.
pub(in crate::journal) fn is_one_ready(db: &Connection, living: &str) -> rusqlite::Result<bool> {
    for ready in READY {
        let is_there = db
            .prepare_cached(&format!(
                "SELECT 1 FROM run WHERE unattended = 1 AND {ready} AND {FREE} LIMIT 1"
            ))?
            .exists([living])?;
        if is_there {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns the first time at which a run wants to be woken up, but for those of some owners.
pub(in crate::journal) fn next_wake(
    db: &Connection,
    living: &str,
) -> rusqlite::Result<Option<Timestamp>> {
    db.prepare_cached(&format!(
        "SELECT wake_at FROM run WHERE unattended = 1 AND wake_at IS NOT NULL AND {FREE}
         ORDER BY wake_at LIMIT 1"
    ))?
    .query_row([living], |row| Ok(row.get::<_, Time>(0)?.0))
    .optional()
}

/// Returns the keys of some ended runs, but for those of some owners, given as a JSON list.
pub(in crate::journal) fn ended(
    db: &Connection,
    filter: &PruneFilter,
    living: &str,
    limit: usize,
) -> rusqlite::Result<Vec<i64>> {
    let states = names(&filter.states);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::trial::Trial;

    #[test]
    fn runs_that_are_due_are_found_by_indexes() {
        let trial = Trial::new();
        let db = trial.database();
        let explain = format!("EXPLAIN QUERY PLAN {}", due_query());
        let mut explain = db.prepare(&explain).unwrap();
        let plan = explain.query_map(params!["[]", 0, 10, "[]"], |row| row.get::<_, String>(3));
        let plan = plan
            .unwrap()
            .collect::<Result<Vec<_>, _>>()
            .unwrap()
            .join("\n");
        assert!(plan.contains("USING INDEX run_ready"), "{plan}");
        assert!(plan.contains("USING INDEX run_wake"), "{plan}");
        assert!(plan.contains("USING INDEX run_begun"), "{plan}");
        let reads_all = plan.lines().any(|line| line == "SCAN run");
        assert!(!reads_all && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}
