//! Schedules and the fates of their slots.
//!
//! A slot and its run are written in one transaction: a process that dies leaves both or none. That
//! is committed and not forced, since no run sends anything before it has forced what lies before.

use jiff::Timestamp;
use rusqlite::Connection;

use super::table::{run, run_list, schedule, slot, source, wait};
use super::{
    Deciding, Decision, FirstRun, Journal, JournalError, Pause, RunRow, ScheduleRow, Served,
    Settlement, SlotFilter, SlotRow, Standing, WaitRow, crash,
};

impl Journal {
    /// Returns all schedules that were ever served or touched by a person, by name.
    pub fn schedules(&self) -> Result<Vec<ScheduleRow>, JournalError> {
        self.read(schedule::all)
    }

    /// Returns a schedule.
    pub fn schedule(&self, name: &str) -> Result<Option<ScheduleRow>, JournalError> {
        self.read(|db| schedule::get(db, name))
    }

    /// Notes which schedules are served from now on; one that is new, or has another plan, begins
    /// at `from`. Where they are `all`, others are no longer served. Returns them in their order.
    pub fn adopt(
        &self,
        served: &[Served],
        from: Timestamp,
        all: bool,
    ) -> Result<Vec<ScheduleRow>, JournalError> {
        let rows = self.queue().decide(|db| {
            served
                .iter()
                .try_for_each(|served| schedule::adopt(db, served, from))?;
            if all {
                let names: Vec<_> = served.iter().map(|served| served.name.as_str()).collect();
                schedule::retire(db, &serde_json::Value::from(names).to_string())?;
            }
            let rows = served.iter().map(|served| schedule::get(db, &served.name));
            rows.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        self.tick();
        Ok(rows.into_iter().flatten().collect())
    }

    /// Returns a schedule; one that nobody has served yet is added, so that a person can pause or
    /// trigger it.
    pub fn enroll(&self, name: &str, at: Timestamp) -> Result<ScheduleRow, JournalError> {
        let row = self.queue().decide(|db| {
            schedule::enroll(db, name, at)?;
            schedule::get(db, name)
        })?;
        row.ok_or_else(|| JournalError::Unfit {
            what: format!("there is no schedule `{name}`"),
        })
    }

    /// Returns the versions of schedules, in their order; `None` for those that are not there.
    pub fn versions(&self, names: &[String]) -> Result<Vec<Option<u64>>, JournalError> {
        self.read(|db| {
            names
                .iter()
                .map(|name| schedule::version(db, name))
                .collect()
        })
    }

    /// Returns what is known of schedules, in their order; those that are not there are left out.
    pub fn standings(&self, names: &[String]) -> Result<Vec<Standing>, JournalError> {
        self.read(|db| {
            let moment = db.unchecked_transaction()?;
            let mut standings = Vec::with_capacity(names.len());
            for name in names {
                if let Some(row) = schedule::get(&moment, name)? {
                    let open = slot::open(&moment, name)?;
                    let ahead = slot::ahead(&moment, &row)?;
                    standings.push(Standing { row, open, ahead });
                }
            }
            Ok(standings)
        })
    }

    /// Returns the names of schedules of which a slot is queued.
    pub fn queued_schedules(&self) -> Result<Vec<String>, JournalError> {
        self.read(slot::queued)
    }

    /// Gives slots their fates and makes their runs, of each schedule all or none: none where
    /// another one has decided meanwhile. Returns for each slot whether it got this fate.
    pub fn decide_slots(&self, deciding: &[Deciding]) -> Result<Vec<Vec<bool>>, JournalError> {
        let at = self.clock().now();
        let decided = self.queue().decide(|db| {
            let each = deciding.iter().map(|one| decide(db, one, at));
            each.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        crash::point("journal::slots::after");
        self.tick();
        Ok(decided)
    }

    /// Returns slots, newest first.
    pub fn slots(&self, filter: &SlotFilter) -> Result<Vec<SlotRow>, JournalError> {
        self.read(|db| slot::list(db, filter))
    }

    /// Puts a schedule on hold; `false` when it is, or is not there.
    pub fn pause_schedule(&self, name: &str, pause: &Pause) -> Result<bool, JournalError> {
        let paused = self.queue().decide(|db| schedule::pause(db, name, pause))?;
        self.settle("journal::pause::after")?;
        Ok(paused)
    }

    /// Ends the pause of a schedule and forgets its failures; `false` when it is not on hold.
    pub fn resume_schedule(&self, name: &str) -> Result<bool, JournalError> {
        let at = self.clock().now();
        let resumed = self.queue().decide(|db| schedule::resume(db, name, at))?;
        self.settle("journal::pause::after")?;
        Ok(resumed)
    }

    /// Returns runs of schedules that have ended without consequences so far, longest ended first,
    /// each with its slot.
    pub fn unsettled(&self, limit: usize) -> Result<Vec<(SlotRow, RunRow)>, JournalError> {
        self.read(|db| slot::unsettled(db, limit))
    }

    /// Draws the consequences of the ends of schedules' runs, of each once: `false` where that was
    /// done.
    pub fn settle_slots(&self, settlements: &[Settlement]) -> Result<Vec<bool>, JournalError> {
        let settled = self.queue().decide(|db| {
            let each = settlements.iter().map(|one| settle(db, one));
            each.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        crash::point("journal::slots::settled");
        self.tick();
        Ok(settled)
    }

    /// Adds a run with its sources, at once or not at all, and puts it on the disk.
    pub fn begin(&self, first: &FirstRun) -> Result<(), JournalError> {
        self.queue().decide(|db| begin(db, first))?;
        self.settle("journal::begin::after")
    }

    /// Marks a run that has not ended as able to go on; `false` when there is none.
    pub fn make_ready(&self, run: &str) -> Result<bool, JournalError> {
        self.wake(run, run::make_ready)
    }

    /// Leaves a run that has not ended to the daemon, which goes on with it; `false` when there is
    /// none.
    pub fn hand_over(&self, run: &str) -> Result<bool, JournalError> {
        self.wake(run, |db, key| {
            run::set_unattended(db, key)?;
            run::make_ready(db, key)
        })
    }

    fn wake(
        &self,
        run: &str,
        work: impl FnOnce(&Connection, i64) -> rusqlite::Result<()>,
    ) -> Result<bool, JournalError> {
        let is_there = self.queue().decide(|db| {
            let Some(key) = run::key(db, run)? else {
                return Ok(false);
            };
            if run::has_ended(db, key)? {
                return Ok(false);
            }
            work(db, key).map(|()| true)
        })?;
        self.tick();
        Ok(is_there)
    }

    /// Returns what runs wait for of a kind, longest waiting first.
    pub fn open_waits(&self, kind: &str, limit: usize) -> Result<Vec<WaitRow>, JournalError> {
        self.read(|db| wait::of_kind(db, kind, limit))
    }
}

fn decide(db: &Connection, deciding: &Deciding, at: Timestamp) -> rusqlite::Result<Vec<bool>> {
    let name = &deciding.schedule;
    if !schedule::decided(db, deciding)? {
        return Ok(vec![false; deciding.decided.len()]);
    }
    let mut decider = slot::Decider::new(db, name, at)?;
    let mut made = Vec::with_capacity(deciding.decided.len());
    for Decision {
        slot,
        run,
        is_again,
    } in &deciding.decided
    {
        let is_new = decider.decide(slot, *is_again)?;
        crash::point("journal::slots::written");
        if let (true, Some(run)) = (is_new, run) {
            begin(db, run)?;
        }
        made.push(is_new);
    }
    Ok(made)
}

fn settle(db: &Connection, settlement: &Settlement) -> rusqlite::Result<bool> {
    let run = &settlement.run;
    let Some(row) = run_list::get(db, run)? else {
        return Ok(false);
    };
    let (Some(name), Some(at)) = (&row.schedule, row.slot) else {
        return Ok(false);
    };
    if !run::settle(db, run)? {
        return Ok(false);
    }
    schedule::count(db, name, settlement.count)?;
    if let Some(pause) = &settlement.pause {
        schedule::pause(db, name, pause)?;
    }
    match &settlement.next {
        Some(next) => begin(db, next)?,
        None => slot::settle(db, name, at)?,
    }
    schedule::touch(db, name)?;
    Ok(true)
}

/// Adds a run with its sources.
fn begin(db: &Connection, (new, sources): &FirstRun) -> rusqlite::Result<()> {
    let key = run::insert(db, new)?;
    sources
        .iter()
        .try_for_each(|one| source::insert(db, key, one))
}
