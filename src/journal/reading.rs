//! The questions that the journal answers; each sees everything that was put before it.

use jiff::Timestamp;
use rusqlite::Connection;

use super::table::{due, event, line, owner, response, run_list, slot, source, step, wait};
use super::{
    Due, EventRow, Fate, Journal, JournalError, LineRow, ResponseRow, RunFilter, RunRow, RunState,
    StepRow, StoredSource, WaitRow,
};

impl Journal {
    /// Returns a run.
    pub fn run(&self, id: &str) -> Result<Option<RunRow>, JournalError> {
        self.read(|db| run_list::get(db, id))
    }

    /// Returns the run with an id, or else a few runs whose id begins so, newest first; `last` is
    /// the newest run of all.
    pub fn find(&self, prefix: &str) -> Result<Vec<RunRow>, JournalError> {
        if prefix == "last" {
            return self.runs(&RunFilter {
                limit: Some(1),
                ..RunFilter::default()
            });
        }
        match self.run(prefix)? {
            Some(row) => Ok(vec![row]),
            None => self.read(|db| run_list::starting_with(db, prefix)),
        }
    }

    /// Returns runs, newest first.
    pub fn runs(&self, filter: &RunFilter) -> Result<Vec<RunRow>, JournalError> {
        self.read(|db| run_list::list(db, filter))
    }

    /// Returns the sources of a run, in the order they were put.
    pub fn sources(&self, run: &str) -> Result<Vec<StoredSource>, JournalError> {
        self.read(|db| source::of_run(db, run))
    }

    /// Returns the steps of a run, by ticket.
    pub fn steps(&self, run: &str) -> Result<Vec<StepRow>, JournalError> {
        self.read(|db| step::of_run(db, run))
    }

    /// Returns what a run printed and logged, after a line's number.
    pub fn lines(&self, run: &str, after: Option<u64>) -> Result<Vec<LineRow>, JournalError> {
        self.read(|db| line::of_run(db, run, after.unwrap_or(0)))
    }

    /// Returns what was delivered to a run, oldest first.
    pub fn events(&self, run: &str) -> Result<Vec<EventRow>, JournalError> {
        self.read(|db| event::of_run(db, run))
    }

    /// Returns what somebody answered here to a Job's human request.
    pub fn response(&self, request: &str) -> Result<Option<ResponseRow>, JournalError> {
        self.read(|db| response::get(db, request))
    }

    /// Returns how many runs are in a state that is not an end.
    pub fn count_open(&self, state: RunState) -> Result<u64, JournalError> {
        self.read(|db| run_list::count_open(db, state))
    }

    /// Returns how many slots from an instant on have a fate.
    pub fn count_slots(&self, fate: Fate, since: Timestamp) -> Result<u64, JournalError> {
        self.read(|db| slot::count(db, fate, since))
    }

    /// Returns what a run waits for, by ticket.
    pub fn waits(&self, run: &str) -> Result<Vec<WaitRow>, JournalError> {
        self.read(|db| wait::of_run(db, run))
    }

    /// Returns unattended runs that can go on and that no living process has in hand: those that
    /// something happened to, those whose process has died, then those that wanted to be woken up by
    /// now, longest due first. Those of some schedules are left out; the name of nobody's is empty.
    ///
    /// A run that cannot be taken up must get another state, or it is due for ever.
    pub fn due(
        &self,
        now: Timestamp,
        but: &[String],
        limit: usize,
    ) -> Result<Vec<Due>, JournalError> {
        let but = serde_json::Value::from(but).to_string();
        self.read(|db| due::due(db, now, (&self.living(db)?, &but), limit))
    }

    /// Returns when the next unattended run can go on that no living process has in hand; now, if it can.
    pub fn next_due(&self) -> Result<Option<Timestamp>, JournalError> {
        let now = self.clock().now();
        self.read(|db| {
            let living = self.living(db)?;
            if due::is_one_ready(db, &living)? {
                return Ok(Some(now));
            }
            due::next_wake(db, &living)
        })
    }

    /// Returns the owners that live, as a JSON list of their ids.
    pub(super) fn living(&self, db: &Connection) -> rusqlite::Result<String> {
        let mut ids: Vec<_> = owner::all(db)?.into_iter().map(|owner| owner.id).collect();
        ids.retain(|id| self.owners().lives(id));
        Ok(serde_json::Value::from(ids).to_string())
    }
}
