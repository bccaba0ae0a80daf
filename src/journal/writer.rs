//! The one connection that writes: it makes a batch of changes in one transaction.

use rusqlite::Connection;

use super::file::Files;
use super::table::blob::{self, Packed};
use super::table::time::Time;
use super::table::{line, run, source, step, wait};
use super::{JournalError, Write, crash};

/// A change on its way, with what could be worked out before.
#[derive(Debug)]
pub(super) struct Queued {
    write: Write,
    /// When it was put.
    at: Time,
    /// Its request or body, where that is large.
    large: Option<Packed>,
}

impl Queued {
    /// Prepares a change, so that the writer has less to do.
    pub(super) fn new(write: Write, at: Time) -> Self {
        let large = match &write {
            Write::Step(step) => blob::pack(step.request.as_bytes()),
            Write::Outcome { outcome, .. } => blob::pack(&outcome.body),
            _ => None,
        };
        Self { write, at, large }
    }
}

/// The connection that writes.
#[derive(Debug)]
pub(super) struct Writer {
    db: Connection,
    files: Files,
}

impl Writer {
    /// Opens the connection, and makes the journal where it is missing.
    pub(super) fn open(files: &Files) -> Result<Self, JournalError> {
        Ok(Self {
            db: files.writer()?,
            files: files.clone(),
        })
    }

    #[cfg(test)]
    pub(super) fn wait_at_most(&self, patience: std::time::Duration) {
        self.db.busy_timeout(patience).unwrap();
    }

    /// Makes changes, all or none; they survive the death of the process, not a power loss.
    pub(super) fn commit(&self, batch: &[Queued]) -> Result<(), JournalError> {
        if batch.is_empty() {
            return Ok(());
        }
        self.transact(|db, files| batch.iter().try_for_each(|queued| apply(db, files, queued)))
    }

    /// Decides something in a transaction of its own, which is taken back when it fails.
    pub(super) fn decide<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, JournalError> {
        self.transact(|db, files| work(db).map_err(|error| files.database(error)))
    }

    fn transact<T>(
        &self,
        work: impl FnOnce(&Connection, &Files) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        let Self { db, files } = self;
        let execute = |statement: &str| {
            db.prepare_cached(statement)
                .and_then(|mut statement| statement.execute([]))
                .map_err(|error| files.database(error))
        };
        crash::point("journal::commit::before");
        execute("BEGIN IMMEDIATE")?;
        let done = work(db, files).and_then(|done| {
            crash::point("journal::commit::written");
            execute("COMMIT").map(|_| done)
        });
        // SQLite has taken some failures back itself.
        if done.is_err() && !db.is_autocommit() {
            execute("ROLLBACK")?;
        }
        crash::point("journal::commit::after");
        done
    }

    /// Returns what changes when another process has committed something.
    pub(super) fn data_version(&self) -> Result<i64, JournalError> {
        self.db
            .prepare_cached("PRAGMA data_version")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .map_err(|error| self.files.database(error))
    }
}

fn apply(db: &Connection, files: &Files, queued: &Queued) -> Result<(), JournalError> {
    let id = queued.write.run();
    let refused = |what: String| JournalError::Refused {
        run: id.to_owned(),
        what,
    };
    let made = if let Write::Run(new) = &queued.write {
        run::insert(db, new).map(|_| None)
    } else {
        match run::key(db, id) {
            Ok(Some(key)) => change(db, key, queued),
            Ok(None) => Ok(Some("there is no such run")),
            Err(error) => Err(error),
        }
    };
    let name = queued.write.name();
    match made.map_err(|error| files.database(error)) {
        Ok(None) => Ok(()),
        Ok(Some(why)) => Err(refused(format!("{name} ({why})"))),
        Err(JournalError::Unfit { what }) => Err(refused(format!("{name} ({what})"))),
        Err(error) => Err(error),
    }
}

/// Makes a change to a run; returns why it is impossible, when it is.
fn change(db: &Connection, key: i64, queued: &Queued) -> rusqlite::Result<Option<&'static str>> {
    match &queued.write {
        Write::Run(_) => {}
        Write::Source { source, .. } => source::insert(db, key, source)?,
        Write::Step(new) => step::insert(db, key, new, queued.large.as_ref())?,
        Write::Outcome {
            ticket,
            done_seq,
            at,
            attempts,
            note,
            outcome,
            ..
        } => {
            let completion = step::Completion {
                ticket: *ticket,
                done_seq: *done_seq,
                at: Time(*at),
                attempts: Some(*attempts),
                note: note.as_deref(),
            };
            let is_new = step::complete(db, key, completion, outcome, queued.large.as_ref())?;
            return Ok((!is_new).then_some("no such step, or it has one"));
        }
        Write::Line(new) => line::insert(db, key, new)?,
        Write::Wait(row) => wait::insert(db, key, row)?,
        Write::EndWait { ticket, .. } => wait::remove(db, key, *ticket)?,
        Write::State {
            state,
            wake_at,
            reason,
            ..
        } => {
            let change = run::Change {
                state: *state,
                at: queued.at.0,
                wake_at: *wake_at,
                reason: reason.as_deref(),
            };
            run::change(db, key, change)?;
        }
        Write::End {
            state,
            at,
            exit,
            result,
            problem,
            ..
        } => {
            let ending = run::Ending {
                state: *state,
                at: *at,
                exit: *exit,
                result: result.as_deref(),
                problem: problem.as_deref(),
            };
            run::end(db, key, ending)?;
        }
        Write::CancelledAt { done_seq, .. } => run::cancelled_at(db, key, *done_seq)?,
    }
    Ok(None)
}
