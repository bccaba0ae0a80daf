//! An exported run: taken in, and given out again as it was.

use std::cell::RefCell;
use std::sync::Arc;

use duvoscript::clock::SystemClock;
use duvoscript::journal::{Journal, JournalError};
use duvoscript::report::Problem;
use tempfile::TempDir;

use super::sound::assert_sound;

thread_local! {
    /// A journal, until something was kept in it; most inputs are refused before.
    static EMPTY: RefCell<Option<Trial>> = const { RefCell::new(None) };
}

/// A journal in a folder that goes away with it.
struct Trial {
    journal: Journal,
    _folder: TempDir,
}

impl Trial {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path(), Arc::new(SystemClock::new())).unwrap();
        Self {
            journal,
            _folder: folder,
        }
    }
}

/// Imports a run.
pub fn fuzz(input: &[u8]) {
    let trial = EMPTY.take().unwrap_or_else(Trial::new);
    match import(&trial.journal, input) {
        Ok(id) => exchange(&trial.journal, &id),
        Err(error) => {
            assert_sound(&Problem::from(error), &[]);
            EMPTY.set(Some(trial));
        }
    }
}

/// Panics unless a run that is given out and taken in again is given out as before.
fn exchange(here: &Journal, id: &str) {
    let exported = export(here, id);
    let there = Trial::new();
    let again = import(&there.journal, &exported).unwrap();
    assert_eq!(export(&there.journal, &again), exported);
    let found = here.run(id).unwrap().unwrap();
    _ = here.is_owned(&found);
    _ = here.lines(id, None).unwrap();
}

fn import(journal: &Journal, mut input: &[u8]) -> Result<String, JournalError> {
    journal.import(&mut input)
}

fn export(journal: &Journal, id: &str) -> Vec<u8> {
    let mut out = Vec::new();
    journal.export(id, &mut out).unwrap();
    out
}
