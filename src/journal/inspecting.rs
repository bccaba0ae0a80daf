//! A look at the whole journal, for `doctor`: what is damaged is told, and does not end the look.

use std::fs;

use rusqlite::Connection;

use super::file::Files;
use super::table::{blob, run_list};
use super::{Inspection, Journal, JournalError, format};

/// What other tables hold is counted.
const TABLES: [&str; 8] = [
    "run", "source", "step", "line", "wait", "event", "blob", "owner",
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
    for look in [pages, references, orders, blob::damages] {
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
