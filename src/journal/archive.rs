//! A run as a file: JSON lines that replay anywhere.
//!
//! The first line names the format, the second holds the run, the last counts the lines before it,
//! so that a file that was cut off is known. Owners and sealed values stay where they are; of a sealed
//! value the file tells that there is one, so that its masked form is not taken for it.

use std::io::{self, BufRead, Read};
use std::sync::Arc;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::table::{event, line, run, run_list, source, step, wait};
use super::{EventRow, Journal, JournalError, LineRow, RunRow, StepRow, StoredSource, WaitRow};

/// What the first line says.
const FORMAT: &str = "duvoscript run";
const VERSION: u32 = 1;

/// No line is longer.
const LONGEST: u64 = 512 << 20;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: String,
    version: u32,
}

/// A line behind the first.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Record {
    Run(Box<RunRow>),
    Source(StoredSource),
    Step(Box<StepRow>),
    Line(LineRow),
    Wait(WaitRow),
    Event(EventRow),
    /// How many lines stand before this one, which is the last.
    End(usize),
}

impl Journal {
    /// Writes a run as JSON lines; sealed values are left out.
    pub fn export(&self, run: &str, out: &mut dyn io::Write) -> Result<(), JournalError> {
        let Some(records) = self.read(|db| collect(db, run))? else {
            return Err(JournalError::NoRun {
                run: run.to_owned(),
            });
        };
        write(&records, out).map_err(|source| JournalError::Exchange {
            is_writing: true,
            source: Arc::new(source),
        })
    }

    /// Reads a run that was exported, and returns its id; the run must be new here.
    pub fn import(&self, input: &mut dyn BufRead) -> Result<String, JournalError> {
        let archive = Archive::read(input)?;
        let id = archive.run.id.clone();
        // The line that is being kept, for when it does not fit.
        let mut number = 0;
        let kept = self.queue().decide(|db| {
            if run::key(db, &id)?.is_some() {
                return Ok(false);
            }
            archive.keep(db, &mut number)?;
            Ok(true)
        });
        match kept {
            Ok(true) => {}
            Ok(false) => return Err(JournalError::Exists { run: id }),
            Err(JournalError::Unfit { what }) => return Err(malformed(number, what)),
            Err(error) => return Err(error),
        }
        self.force()?;
        self.tick();
        Ok(id)
    }
}

/// Returns the lines behind the first, as of one moment.
fn collect(db: &Connection, run: &str) -> rusqlite::Result<Option<Vec<Record>>> {
    let moment = db.unchecked_transaction()?;
    let Some(row) = run_list::get(&moment, run)? else {
        return Ok(None);
    };
    let mut records = vec![Record::Run(Box::new(row))];
    let steps = step::of_run(&moment, run)?.into_iter().map(Box::new);
    records.extend(
        source::of_run(&moment, run)?
            .into_iter()
            .map(Record::Source),
    );
    records.extend(steps.map(Record::Step));
    records.extend(line::of_run(&moment, run, 0)?.into_iter().map(Record::Line));
    records.extend(wait::of_run(&moment, run)?.into_iter().map(Record::Wait));
    records.extend(event::of_run(&moment, run)?.into_iter().map(Record::Event));
    records.push(Record::End(records.len() + 1));
    Ok(Some(records))
}

fn write(records: &[Record], out: &mut dyn io::Write) -> io::Result<()> {
    let header = Header {
        format: FORMAT.to_owned(),
        version: VERSION,
    };
    serde_json::to_writer(&mut *out, &header)?;
    out.write_all(b"\n")?;
    for record in records {
        serde_json::to_writer(&mut *out, record)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}

/// An exported run that was read and found whole.
struct Archive {
    run: RunRow,
    /// The lines behind it, with their numbers.
    records: Vec<(usize, Record)>,
}

impl Archive {
    fn read(input: &mut dyn BufRead) -> Result<Self, JournalError> {
        let mut lines = Lines { input, number: 0 };
        let header: Header = lines.next()?;
        if header.format != FORMAT {
            return Err(malformed(1, "names another format"));
        }
        if header.version != VERSION {
            let found = header.version;
            let what = format!("has version {found}, and this program knows {VERSION}");
            return Err(malformed(1, what));
        }
        let Record::Run(run) = lines.next()? else {
            return Err(malformed(2, "is not the run"));
        };
        let mut archive = Self {
            run: *run,
            records: Vec::new(),
        };
        loop {
            let record = lines.next()?;
            let number = lines.number;
            match archive.fault(&record, number) {
                Some(fault) => return Err(malformed(number, fault)),
                None if matches!(record, Record::End(_)) => break,
                None => archive.records.push((number, record)),
            }
        }
        lines.end()?;
        Ok(archive)
    }

    /// Returns why a line cannot stand where it stands.
    fn fault(&self, record: &Record, number: usize) -> Option<String> {
        let run = match record {
            Record::Run(_) => return Some("is a second run".into()),
            Record::End(count) if *count == number - 1 => return None,
            Record::End(count) => {
                return Some(format!("says that {count} lines stand before it"));
            }
            Record::Source(_) => return None,
            Record::Step(row) => {
                let parts = [row.done_seq.is_some(), row.done_at.is_some()];
                if parts != [row.outcome.is_some(); 2] {
                    return Some("is a step that is completed by half".into());
                }
                &row.run
            }
            Record::Line(row) => &row.run,
            Record::Wait(row) => &row.run,
            Record::Event(row) => &row.run,
        };
        (*run != self.run.id).then(|| format!("belongs to another run, `{run}`"))
    }

    fn keep(&self, db: &Connection, number: &mut usize) -> rusqlite::Result<()> {
        *number = 2;
        let key = run::restore(db, &self.run)?;
        for (line, record) in &self.records {
            *number = *line;
            match record {
                Record::Source(new) => source::insert(db, key, new)?,
                Record::Step(row) => step::restore(db, key, row)?,
                Record::Line(row) => line::restore(db, key, row)?,
                Record::Wait(row) => wait::insert(db, key, row)?,
                Record::Event(row) => {
                    event::insert(db, key, row)?;
                }
                Record::Run(_) | Record::End(_) => {}
            }
        }
        Ok(())
    }
}

/// The lines of an exported run.
struct Lines<'a> {
    input: &'a mut dyn BufRead,
    number: usize,
}

impl Lines<'_> {
    fn next<T: serde::de::DeserializeOwned>(&mut self) -> Result<T, JournalError> {
        let line = self.line()?;
        if line.is_empty() {
            return Err(malformed(self.number, "is missing: the file was cut off"));
        }
        serde_json::from_slice(&line).map_err(|fault| malformed(self.number, fault.to_string()))
    }

    fn end(&mut self) -> Result<(), JournalError> {
        if self.line()?.is_empty() {
            return Ok(());
        }
        Err(malformed(self.number, "stands behind the end"))
    }

    fn line(&mut self) -> Result<Vec<u8>, JournalError> {
        self.number += 1;
        let mut line = Vec::new();
        let mut limited = (&mut *self.input).take(LONGEST);
        limited
            .read_until(b'\n', &mut line)
            .map_err(|source| JournalError::Exchange {
                is_writing: false,
                source: Arc::new(source),
            })?;
        Ok(line)
    }
}

fn malformed(line: usize, what: impl Into<String>) -> JournalError {
    JournalError::Malformed {
        line,
        what: what.into(),
    }
}

#[cfg(test)]
mod tests {
    use crate::journal::trial::{Trial, new_run, step, value};
    use crate::journal::{JournalError, NewRun, OutcomeRow, Write};

    #[test]
    fn a_masked_value_is_not_taken_for_the_sealed_one() {
        let (here, there) = (Trial::new(), Trial::new());
        let sealed = Some(here.journal.seal(b"hunter2").unwrap());
        here.put([
            Write::Run(NewRun {
                sealed_arguments: sealed.clone(),
                ..new_run("a")
            }),
            Write::Step(step("a", 0)),
            Write::Outcome {
                run: "a".into(),
                ticket: 0,
                done_seq: 0,
                at: crate::journal::trial::at(0),
                attempts: 1,
                note: None,
                outcome: OutcomeRow {
                    sealed,
                    ..value(b"\"***\"")
                },
            },
        ]);
        let mut file = Vec::new();
        here.journal.export("a", &mut file).unwrap();
        there.journal.import(&mut file.as_slice()).unwrap();
        let run = there.journal.run("a").unwrap().unwrap();
        let steps = there.journal.steps("a").unwrap();
        let outcome = steps[0].outcome.clone().unwrap();
        for sealed in [run.sealed_arguments, outcome.sealed] {
            let opened = there.journal.unseal(&sealed.unwrap());
            assert!(matches!(opened, Err(JournalError::Sealed { .. })));
        }
    }
}
