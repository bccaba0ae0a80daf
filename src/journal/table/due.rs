//! Which runs can go on, and which can go: those that no living process has in hand.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::run_list::names;
use super::time::{Time, time, timestamp};
use crate::journal::{Due, PruneFilter};

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
        let plan = explain.query_map(params!["[]", 0, 10], |row| row.get::<_, String>(3));
        let plan = plan
            .unwrap()
            .collect::<Result<Vec<_>, _>>()
            .unwrap()
            .join("\n");
        assert!(plan.contains("USING INDEX run_ready"), "{plan}");
        assert!(plan.contains("USING INDEX run_wake"), "{plan}");
        let reads_all = plan.lines().any(|line| line == "SCAN run");
        assert!(!reads_all && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}
