//! What is known of schedules between turns: read again only where it has changed.

use std::collections::HashMap;

use crate::journal::{Journal, JournalError, Standing};

/// The standings of schedules as they were when last read.
#[derive(Default)]
pub(super) struct Known {
    by_name: HashMap<String, Standing>,
}

impl Known {
    /// Takes out the standings of schedules as they are now; those that are not there are left out.
    pub(super) fn take(
        &mut self,
        journal: &Journal,
        names: &[String],
    ) -> Result<Vec<Standing>, JournalError> {
        let mut standings = Vec::with_capacity(names.len());
        let mut unknown = Vec::new();
        for (name, version) in names.iter().zip(journal.versions(names)?) {
            match self.by_name.remove(name) {
                Some(known) if Some(known.row.version) == version => standings.push(known),
                _ => unknown.push(name.clone()),
            }
        }
        if !unknown.is_empty() {
            standings.extend(journal.standings(&unknown)?);
        }
        Ok(standings)
    }

    /// Keeps a standing that has led to nothing.
    pub(super) fn keep(&mut self, standing: Standing) {
        self.by_name.insert(standing.row.name.clone(), standing);
    }
}
