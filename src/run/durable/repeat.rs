//! Begins new runs from old ones: with the same sources and arguments, and from a step on if wished.
//!
//! The old run stays as it is. What its record held before the step is part of the new one, so that
//! nothing of it is done again.

use super::run::{Around, Beginning, DurableRun, arguments, claim, fits, limits, stored_script};
use crate::journal::{Journal, JournalError, RunRow};
use crate::report::Problem;
use crate::script::{Script, Source};

impl DurableRun {
    /// Begins a new run with the sources and arguments of another, and takes it in hand.
    ///
    /// `surround` makes what it needs from outside, from the other run and its script.
    pub fn retry(
        journal: &Journal,
        of: &RunRow,
        surround: impl FnOnce(&RunRow, &Script) -> Result<Around, Problem>,
    ) -> Result<Self, Problem> {
        let script = stored_script(journal, of)?;
        let beginning = Beginning {
            arguments: arguments(journal, of)?,
            world: serde_json::from_str(&of.world).unwrap_or_default(),
            limits: limits(&of.limits),
            timeout: of.timeout(),
            parent: Some(of.id.clone()),
            // It is kept among the imports.
            plan: None,
            imports: imports(journal, of)?,
            script,
        };
        let around = surround(of, &beginning.script)?;
        Self::begin(journal, beginning, around)
    }

    /// Begins a new run that keeps what another one completed before a step, and goes on from there.
    ///
    /// `surround` is as for [`DurableRun::retry`].
    pub fn rerun(
        journal: &Journal,
        of: &RunRow,
        ticket: u32,
        surround: impl FnOnce(&RunRow, &Script) -> Result<Around, Problem>,
    ) -> Result<Self, Problem> {
        fits(of)?;
        let script = stored_script(journal, of)?;
        let arguments = arguments(journal, of)?;
        let around = surround(of, &script)?;
        let id = around.surroundings.chance.uuid().to_string();
        let new = of.again(id.clone(), around.surroundings.clock.now());
        journal.copy_until(&of.id, new, ticket)?;
        let row = claim(journal, &id)?;
        Self::go(journal, row, script, arguments, around)
    }
}

/// Returns what a run has imported. Modules of the standard library belong to an engine: another
/// one brings its own.
fn imports(journal: &Journal, of: &RunRow) -> Result<Vec<Source>, JournalError> {
    let is_same = fits(of).is_ok();
    let sources = journal.sources(&of.id)?.into_iter();
    Ok(sources
        .filter(|source| source.name != of.script)
        .filter(|source| is_same || !source.name.starts_with("std/"))
        .map(|source| Source {
            name: source.name,
            text: source.text,
        })
        .collect())
}
