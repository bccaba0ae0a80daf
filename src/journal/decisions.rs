//! What exactly one may decide, over all processes: each is a transaction of its own.
//!
//! A claim is committed and not forced: after a power loss no process lives that could hold it.

use rusqlite::Connection;

use super::table::step::Completion;
use super::table::time::Time;
use super::table::{blob, event, owner, response, run, source, step};
use super::{
    Claim, Delivered, Journal, JournalError, NewEvent, NewRun, Order, OwnerRow, Resolution,
    ResponseRow, RunRow, StoredSource, crash,
};

impl Journal {
    /// Takes a run in hand, unless a living process has it, this one included.
    pub fn claim(&self, run: &str) -> Result<Claim, JournalError> {
        let own = self.join()?;
        let claim = self.queue().decide(|db| {
            let Some(key) = run::key(db, run)? else {
                return Ok(Claim::Missing);
            };
            if let Some(owner) = self.owner_of(db, key)? {
                return Ok(Claim::Busy { owner });
            }
            run::set_owner(db, key, Some(&own))?;
            Ok(Claim::Taken)
        })?;
        crash::point("journal::claim::after");
        Ok(claim)
    }

    /// Lets go of a run, when this process has it in hand.
    pub fn release(&self, run: &str) -> Result<(), JournalError> {
        let Some(own) = self.owners().own() else {
            return Ok(());
        };
        self.queue().decide(|db| {
            if let Some(key) = run::key(db, run)?
                && run::owner(db, key)?.as_deref() == Some(own)
            {
                run::set_owner(db, key, None)?;
            }
            Ok(())
        })
    }

    /// Returns whether a living process has the run in hand.
    pub fn is_owned(&self, run: &RunRow) -> bool {
        run.owner
            .as_deref()
            .is_some_and(|id| self.owners().lives(id))
    }

    /// Delivers a value to a run; the first of a name wins, and is kept though nobody waits yet.
    pub fn deliver(&self, event: NewEvent) -> Result<Delivered, JournalError> {
        let delivered = self.queue().decide(move |db| {
            let Some(key) = run::key(db, &event.run)? else {
                return Ok(Delivered::NoRun);
            };
            if run::has_ended(db, key)? {
                return Ok(Delivered::NoRun);
            }
            if !event::insert(db, key, &event)? {
                return event::get(db, &event.run, &event.name).map(Delivered::Duplicate);
            }
            run::make_ready(db, key)?;
            Ok(Delivered::Accepted)
        })?;
        self.settle("journal::deliver::after")?;
        Ok(delivered)
    }

    /// Keeps what somebody answered to a Job's human request; `false` when an answer is kept already.
    pub fn note_response(&self, response: &ResponseRow) -> Result<bool, JournalError> {
        let is_first = self.queue().decide(|db| response::insert(db, response))?;
        self.settle("journal::note_response::after")?;
        Ok(is_first)
    }

    /// Tells a run what a person wants of it; `false` when there is no such run. A run that has
    /// ended stays as it is.
    pub fn order(&self, run: &str, order: Order) -> Result<bool, JournalError> {
        let is_there = self.queue().decide(|db| {
            let key = run::key(db, run)?;
            if let Some(key) = key {
                run::order(db, key, order)?;
            }
            Ok(key.is_some())
        })?;
        self.settle("journal::order::after")?;
        Ok(is_there)
    }

    /// Says what became of a step without outcome; `false` when there is no such step. Errs while
    /// a living process has the run in hand.
    pub fn resolve(
        &self,
        run: &str,
        ticket: u32,
        resolution: Resolution,
    ) -> Result<bool, JournalError> {
        let at = Time(self.clock().now());
        let resolved = self.decide_free(run, move |db, key| {
            let is_resolved = match &resolution {
                Resolution::Retry => step::resend(db, key, ticket)?,
                Resolution::Outcome(outcome) => {
                    let completion = Completion {
                        ticket,
                        done_seq: step::next_done_seq(db, key)?,
                        at,
                        attempts: None,
                        note: Some("settled by a person"),
                    };
                    let large = blob::pack(&outcome.body);
                    step::complete(db, key, completion, outcome, large.as_ref())?
                }
            };
            if is_resolved {
                run::make_ready(db, key)?;
            }
            Ok(is_resolved)
        })?;
        self.settle("journal::resolve::after")?;
        Ok(resolved.unwrap_or(false))
    }

    /// Makes a new run with the sources of another and its completed steps below a ticket, whose
    /// order of completions has no gap.
    pub fn copy_until(&self, run: &str, new: NewRun, ticket: u32) -> Result<(), JournalError> {
        let copied = self.queue().decide(move |db| {
            let Some(from) = run::key(db, run)? else {
                return Ok(false);
            };
            let to = run::insert(db, &new)?;
            source::copy(db, from, to)?;
            step::copy(db, from, to, ticket)?;
            Ok(true)
        })?;
        if !copied {
            return Err(no_run(run));
        }
        self.settle("journal::copy::after")
    }

    /// Replaces the sources of a run; errs while a living process has it in hand.
    pub fn replace_sources(
        &self,
        run: &str,
        sources: &[StoredSource],
        engine: &str,
    ) -> Result<(), JournalError> {
        let replaced = self.decide_free(run, |db, key| {
            source::clear(db, key)?;
            for new in sources {
                source::insert(db, key, new)?;
            }
            source::sweep(db)?;
            run::set_engine(db, key, engine)
        })?;
        if replaced.is_none() {
            return Err(no_run(run));
        }
        self.settle("journal::replace::after")
    }

    /// Decides something about a run that nobody has in hand; `None` when there is no such run.
    fn decide_free<T>(
        &self,
        run: &str,
        work: impl FnOnce(&Connection, i64) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, JournalError> {
        let decided = self.queue().decide(|db| {
            let Some(key) = run::key(db, run)? else {
                return Ok(Ok(None));
            };
            match self.owner_of(db, key)? {
                Some(owner) => Ok(Err(owner)),
                None => work(db, key).map(|done| Ok(Some(done))),
            }
        })?;
        decided.map_err(|owner| JournalError::Busy {
            run: run.to_owned(),
            owner,
        })
    }

    /// Returns the living process that has a run in hand.
    fn owner_of(&self, db: &Connection, run: i64) -> rusqlite::Result<Option<OwnerRow>> {
        match run::owner(db, run)? {
            Some(id) if self.owners().lives(&id) => owner::get(db, &id),
            _ => Ok(None),
        }
    }

    /// Makes this process an owner, and forgets those that have died.
    fn join(&self) -> Result<String, JournalError> {
        self.owners().join(self.clock(), |new| {
            let dead = self.queue().decide(|db| {
                let mut dead = owner::all(db)?;
                dead.retain(|owner| !self.owners().lives(&owner.id));
                dead.iter()
                    .try_for_each(|owner| owner::remove(db, &owner.id))?;
                owner::insert(db, new)?;
                Ok(dead)
            })?;
            for owner in dead {
                self.owners().bury(&owner.id);
            }
            Ok(())
        })
    }

    /// Puts a decision on the disk, before anybody is told of it, and tells those who watch.
    pub(super) fn settle(&self, point: &str) -> Result<(), JournalError> {
        self.force()?;
        crash::point(point);
        self.tick();
        Ok(())
    }
}

fn no_run(run: &str) -> JournalError {
    JournalError::NoRun {
        run: run.to_owned(),
    }
}
