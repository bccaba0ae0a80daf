//! One run, from the moment it is taken up until it ends or is put away.

use std::sync::Arc;

use super::floor::{Seat, Stop};
use super::works::Works;
use crate::journal::{Order, RunRow};
use crate::report::{Problem, guarded};
use crate::run::{Concluded, DurableRun, End, put_on_hold};
use crate::script::{Control, Script};
use crate::serve::view::parsed;

impl Works {
    /// Works at one run after the other, for as long as one is due and a seat is free.
    pub(super) fn work(&self, mut seat: Seat) {
        loop {
            let run = seat.run.clone();
            let worked = guarded("the run", || self.run_errand(&seat));
            if let Err(problem) = worked.and_then(|worked| worked) {
                self.give_up_on(&run, &problem);
            }
            drop(seat);
            self.standing.tell();
            self.bell.notify_one();
            match self.floor.next() {
                Some(next) => seat = next,
                None => return,
            }
        }
    }

    fn run_errand(&self, seat: &Seat) -> Result<(), Problem> {
        let Some(row) = self.journal.run(&seat.run)? else {
            return Ok(());
        };
        if row.state.is_ended() || !row.unattended {
            return Ok(());
        }
        if row.ordered == Some(Order::Pause) {
            return put_on_hold(&self.journal, &row);
        }
        if parsed(&row.world) != self.world {
            let what = format!(
                "it belongs to another world: it began with {}, and this is {}",
                row.world, self.world
            );
            return Err(Problem::usage(what));
        }
        let away = self.jobs.hand_over(&row.id);
        let surround =
            |row: &RunRow, script: &Script| self.around(&row.root, script.header(), away);
        let run = DurableRun::take_up(&self.journal, &row.id, surround)?;
        self.tally.taken_up.add();
        if row.attempt > 1 && row.started_at.is_none() {
            self.tally.retries.add();
        }
        self.standing.tell();
        let control = Arc::new(Control::default());
        let stop = Stop {
            stopper: run.stopper(),
            control: Arc::clone(&control),
        };
        seat.begin(&stop);
        // What was ordered before it could be told of is obeyed now.
        if let Some(order) = self.journal.run(&row.id)?.and_then(|row| row.ordered) {
            stop.obey(order);
        }
        tracing::info!(run = row.id, script = row.script, "taken up");
        let concluded = run.execute(control)?;
        self.conclude(&row, concluded)
    }

    fn conclude(&self, row: &RunRow, concluded: Concluded) -> Result<(), Problem> {
        let stands = match concluded.end {
            End::Done(_) => {
                self.tally.done.add();
                "done"
            }
            End::Failed(problem) => {
                self.tally.failed.add();
                tracing::info!(
                    run = row.id,
                    script = row.script,
                    "failed: {}",
                    problem.what
                );
                "failed"
            }
            End::Cancelled(_) => {
                self.tally.cancelled.add();
                "cancelled"
            }
            End::Suspended(_) => {
                self.tally.suspended.add();
                "suspended"
            }
            End::Interrupted(_) => "interrupted",
            End::Paused => "paused",
            End::Uncertain(_) => "uncertain",
            End::Diverged(_) => "diverged",
        };
        tracing::info!(run = row.id, script = row.script, "{stands}");
        // A journal that has broken meanwhile would hide what became of the run.
        self.journal.flush()?;
        self.jobs.follow(&row.id, &self.journal)?;
        Ok(())
    }

    /// Notes why a run cannot be taken up, or that the daemon cannot go on at all.
    fn give_up_on(&self, run: &str, problem: &Problem) {
        if let Err(error) = self.journal.flush() {
            return self.fault(error);
        }
        let row = match self.journal.run(run) {
            Ok(row) => row,
            Err(error) => return self.fault(error),
        };
        // Somebody else has it in hand, or it has come to an end there.
        let is_elsewhere = |row: &RunRow| row.state.is_ended() || self.journal.is_owned(row);
        if row.as_ref().is_none_or(is_elsewhere) {
            return;
        }
        let causes = problem.causes.iter().map(|cause| format!(": {cause}"));
        let why = format!("{}{}", problem.what, causes.collect::<String>());
        if self.standing.leave_alone(run, &why) {
            tracing::warn!(run, "left alone: {why}");
        }
    }
}
