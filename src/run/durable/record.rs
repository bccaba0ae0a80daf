//! What the journal knows of a run when it is taken up again: its steps by key, the order in which
//! they were completed, and the lines that were shown.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::journal::{Journal, JournalError, RunRow, StepRow};
use crate::script::{Branch, StepKey};

/// Part of the key of steps that a deciding closure had; a replay that knows the decision skips them.
const ASIDE: &str = "/uncertain/";

/// The record of a run, as far as it may be seen.
#[derive(Debug, Default)]
pub(super) struct Record {
    steps: HashMap<String, StepRow>,
    /// Keys of completed steps, in the order of completion.
    order: VecDeque<String>,
    shown: HashSet<String>,
    /// Keys that the script has asked for again.
    asked: HashSet<String>,
    /// How many steps it has still to ask for.
    left: usize,
    /// The first ticket that is free.
    pub(super) next_ticket: u32,
    /// The first place in the order of completions that is free.
    pub(super) next_done: u32,
}

impl Record {
    /// Reads the record of a run.
    pub(super) fn read(journal: &Journal, run: &RunRow) -> Result<Self, JournalError> {
        let steps = journal.steps(&run.id)?;
        let lines = journal.lines(&run.id, None)?;
        let mut record = Self::of(steps, run.cancelled_at);
        record.shown = lines.into_iter().map(|line| line.key).collect();
        Ok(record)
    }

    fn of(steps: Vec<StepRow>, cancelled_at: Option<u32>) -> Self {
        let mut record = Self::default();
        let mut done = Vec::new();
        for mut step in steps {
            record.next_ticket = record.next_ticket.max(step.ticket + 1);
            record.next_done = record.next_done.max(step.done_seq.map_or(0, |seq| seq + 1));
            // The main line of a cancelled run ends where the clean-up began.
            let is_main = !step.key.starts_with(&Branch::clean_up().0);
            let is_late = cancelled_at.is_some_and(|at| step.done_seq.is_some_and(|seq| seq >= at));
            if is_main && is_late {
                step.outcome = None;
            }
            if let (Some(seq), Some(_)) = (step.done_seq, &step.outcome) {
                done.push((seq, step.key.clone()));
            }
            record.left += usize::from(!step.key.contains(ASIDE));
            record.steps.insert(step.key.clone(), step);
        }
        done.sort_unstable();
        record.order = done.into_iter().map(|(_, key)| key).collect();
        record
    }

    /// Returns whether a line was shown already, and notes that it is now.
    pub(super) fn show(&mut self, key: &StepKey) -> bool {
        self.shown.insert(key.0.clone())
    }

    /// Finds the step of a key, and notes that the script has asked for it.
    pub(super) fn find(&mut self, key: &StepKey) -> Option<&StepRow> {
        let step = self.steps.get(&key.0)?;
        if self.asked.insert(key.0.clone()) && !key.0.contains(ASIDE) {
            self.left = self.left.saturating_sub(1);
        }
        Some(step)
    }

    /// Returns whether the script has asked for all that is recorded.
    pub(super) fn is_repeated(&self) -> bool {
        self.left == 0
    }

    /// Takes the next completed step of the record that the script has asked for.
    ///
    /// One that needed no wait was answered when it was asked for; `is_waited` tells which were not.
    pub(super) fn next(&mut self, is_waited: impl Fn(&StepRow) -> bool) -> Option<&StepRow> {
        while let Some(key) = self.order.pop_front() {
            let step = self.steps.get(&key)?;
            if is_waited(step) && self.asked.contains(&key) {
                return self.steps.get(&key);
            }
        }
        None
    }

    /// Returns the first step that the script did not ask for, though it was completed, or begun and
    /// may have changed the world.
    pub(super) fn forgotten(&self) -> Option<&StepRow> {
        let mut left: Vec<_> = self
            .steps
            .values()
            .filter(|step| step.outcome.is_some() || step.mutates)
            .filter(|step| !step.key.contains(ASIDE))
            .filter(|step| !self.asked.contains(&step.key))
            .collect();
        left.sort_by_key(|step| step.ticket);
        left.first().copied()
    }
}
