//! The sources of a durable run: what it imported once stays what it was, whatever happens to the
//! files.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::journal::{Journal, JournalError, StoredSource, Write};
use crate::report::{Failure, FailureKind};
use crate::run::driver::Sources;
use crate::run::project::Project;
use crate::script::Source;

/// Gives out the sources of a run, and keeps those that it meets for the first time.
pub(super) struct Kept {
    journal: Journal,
    run: String,
    project: Arc<Project>,
    texts: Mutex<HashMap<String, String>>,
}

impl Kept {
    /// Reads the sources that a run has.
    pub(super) fn of(
        journal: &Journal,
        run: &str,
        project: Arc<Project>,
    ) -> Result<Self, JournalError> {
        let sources = journal.sources(run)?.into_iter();
        Ok(Self {
            journal: journal.clone(),
            run: run.to_owned(),
            project,
            texts: Mutex::new(sources.map(|source| (source.name, source.text)).collect()),
        })
    }

    fn texts(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self, name: &str) -> Option<Source> {
        let text = self.texts().get(name)?.clone();
        let name = name.to_owned();
        Some(Source { name, text })
    }

    fn keep(&self, source: &Source) -> Result<(), JournalError> {
        self.texts()
            .insert(source.name.clone(), source.text.clone());
        self.journal.put(Write::Source {
            run: self.run.clone(),
            source: StoredSource {
                name: source.name.clone(),
                text: source.text.clone(),
            },
        })
    }
}

impl Sources for Kept {
    fn import(&self, importer: &str, path: &str) -> Result<Source, Failure> {
        let name = Project::imported(importer, path)?;
        if let Some(source) = self.known(&name) {
            return Ok(source);
        }
        let source = self.project.import(importer, path)?;
        self.keep(&source)
            .map_err(|error| Failure::new(FailureKind::Io, error.to_string()))?;
        Ok(source)
    }

    fn embedded(&self, source: Source) -> Source {
        if let Some(known) = self.known(&source.name) {
            return known;
        }
        // A journal that cannot be written to stops the run at its next effect.
        _ = self.keep(&source);
        source
    }
}
