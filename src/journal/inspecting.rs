//! A look at the whole journal, for `doctor`: what is damaged is told, and does not end the look.

use std::fs;

use rusqlite::Connection;

use super::file::Files;
use super::table::time::Time;
use super::table::{blob, run_list};
use super::{Inspection, Journal, JournalError, format};

/// What other tables hold is counted.
const TABLES: [&str; 11] = [
    "run", "source", "step", "line", "wait", "event", "blob", "owner", "schedule", "slot",
    "response",
];

impl Journal {
    /// Looks at every page and row of the journal.
    pub fn inspect(&self) -> Result<Inspection, JournalError> {
        let files = self.files();
        self.read(|db| Ok(inspect(db, files)))
    }
}

fn inspect(db: &Connection, files: &Files) -> Inspection {
    let mut found = Inspection {
        path: files.journal.clone(),
        format: format::NEWEST,
        sqlite: rusqlite::version().to_owned(),
        bytes: bytes(files),
        ..Inspection::default()
    };
    let faults = &mut found.faults;
    found.runs = told(run_list::count(db), faults).unwrap_or_default();
    for table in TABLES {
        let count = db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| {
            row.get::<_, i64>(0)
        });
        if let Some(count) = told(count, faults) {
            found.rows.push((table.to_owned(), count.unsigned_abs()));
        }
    }
    for look in [pages, references, orders, slots, blob::damages] {
        let seen = told(look(db), faults);
        faults.extend(seen.into_iter().flatten());
    }
    found
}

/// Returns what was found, or adds the failure to the faults.
fn told<T>(found: rusqlite::Result<T>, faults: &mut Vec<String>) -> Option<T> {
    match found {
        Ok(found) => Some(found),
        Err(error) => {
            let fault = error.to_string();
            if !faults.contains(&fault) {
                faults.push(fault);
            }
            None
        }
    }
}

fn bytes(files: &Files) -> u64 {
    let size = |name: &str| fs::metadata(files.state.join(name)).map_or(0, |found| found.len());
    size("journal.db") + size("journal.db-wal")
}

/// Returns what is wrong with the pages of the file, its rows and its indexes.
fn pages(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut check = db.prepare("PRAGMA integrity_check(20)")?;
    let faults = check.query_map([], |row| row.get::<_, String>(0))?;
    let mut faults = faults.collect::<rusqlite::Result<Vec<_>>>()?;
    faults.retain(|fault| fault != "ok");
    Ok(faults)
}

/// Returns which rows point to nothing.
fn references(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut check = db.prepare("PRAGMA foreign_key_check")?;
    let faults = check.query_map([], |row| {
        let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
        Ok(format!("a row of `{table}` points to no row of `{parent}`"))
    })?;
    faults.take(20).collect()
}

/// Returns which runs have two steps in one place of their order.
fn orders(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut check = db.prepare(
        "SELECT id FROM step JOIN run ON run.key = step.run WHERE done_seq IS NOT NULL
         GROUP BY step.run HAVING count(DISTINCT done_seq) < count(*) LIMIT 20",
    )?;
    let faults = check.query_map([], |row| {
        let id: String = row.get(0)?;
        Ok(format!(
            "two steps of the run `{id}` were completed at the same place"
        ))
    })?;
    faults.collect()
}

/// Returns which slots wait for the end of a run that is not there.
fn slots(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut check = db.prepare(
        "SELECT schedule, at FROM slot WHERE settled = 0 AND fate <> 'queued' AND NOT EXISTS (
            SELECT 1 FROM run WHERE run.schedule = slot.schedule AND run.slot = slot.at) LIMIT 20",
    )?;
    let faults = check.query_map([], |row| {
        let (schedule, at): (String, Time) = (row.get(0)?, row.get(1)?);
        Ok(format!(
            "the slot {} of the schedule `{schedule}` has lost its run",
            at.0
        ))
    })?;
    faults.collect()
}

#[cfg(test)]
mod tests {
    use crate::journal::format::NEWEST;
    use crate::journal::trial::{Trial, end, line, new_run, outcome, step};
    use crate::journal::{RunState, Write};

    fn sample() -> Trial {
        let trial = Trial::new();
        trial.put([
            Write::Run(new_run("a")),
            Write::Run(new_run("b")),
            Write::Step(step("a", 0)),
            Write::Step(step("a", 1)),
            outcome("a", 0, 0, &[7; 9000]),
            outcome("a", 1, 1, b"1"),
            line("a", "0", "hello"),
            end("b", RunState::Done, 1),
        ]);
        trial.journal.flush().unwrap();
        trial
    }

    #[test]
    fn a_sound_journal_is_counted() {
        let found = sample().journal.inspect().unwrap();
        assert_eq!(found.faults, [""; 0]);
        assert_eq!(found.runs, [(RunState::Queued, 1), (RunState::Done, 1)]);
        for (table, count) in [
            ("run", 2),
            ("step", 2),
            ("line", 1),
            ("blob", 1),
            ("wait", 0),
        ] {
            assert!(found.rows.contains(&(table.into(), count)), "{found:?}");
        }
        assert!(found.bytes > 0 && found.format == NEWEST && found.path.ends_with("journal.db"));
    }

    #[test]
    fn every_fault_is_told() {
        let faults = [
            (
                "UPDATE blob SET packed = zeroblob(100)",
                "the blob 1 cannot be unpacked",
            ),
            (
                "UPDATE blob SET packed = zeroblob(9000)",
                "the blob 1 is not what it was",
            ),
            (
                "DELETE FROM blob",
                "a row of `step` points to no row of `blob`",
            ),
            (
                "UPDATE step SET done_seq = 0",
                "two steps of the run `a` were completed at the same place",
            ),
            (
                "PRAGMA ignore_check_constraints = 1; UPDATE run SET state = 'asleep'",
                "CHECK constraint failed in run",
            ),
        ];
        for (damage, fault) in faults {
            let trial = sample();
            let db = trial.database();
            db.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
            db.execute_batch(damage).unwrap();
            let found = trial.journal.inspect().unwrap().faults;
            assert!(found.iter().any(|told| told == fault), "{found:?}");
        }
    }
}
