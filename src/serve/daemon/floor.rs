//! The floor: who works at what, with how many hands, and who is next.
//!
//! A place on it is a [`Seat`], which is free again when it is dropped, whatever became of the work.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::line::{Group, Line};
use crate::journal::Order;
use crate::run::Stopper;
use crate::script::{self, Control};

/// The floor; clones are the same.
#[derive(Clone, Debug)]
pub(in crate::serve) struct Floor(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    seats: usize,
    per_schedule: usize,
    state: Mutex<State>,
    left: Condvar,
}

#[derive(Debug, Default)]
struct State {
    line: Line,
    working: HashMap<String, Working>,
    is_closed: bool,
}

/// A run that somebody works at.
#[derive(Debug, Default)]
struct Working {
    group: Group,
    stop: Option<Stop>,
}

/// What stops a run that is executed.
#[derive(Clone)]
pub(super) struct Stop {
    pub(super) stopper: Stopper,
    pub(super) control: Arc<Control>,
}

impl std::fmt::Debug for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stop")
    }
}

impl Stop {
    /// Does what a person has ordered.
    pub(super) fn obey(&self, order: Order) {
        if self.stopper.obey(order) {
            self.control.stop(script::Stop::ByHost);
        }
    }
}

/// A place at a run.
#[derive(Debug)]
pub(super) struct Seat {
    floor: Floor,
    pub(super) run: String,
}

impl Floor {
    /// Returns a floor with so many seats, and so many of them for one schedule.
    pub(super) fn new(seats: usize, per_schedule: usize) -> Self {
        Self(Arc::new(Shared {
            seats,
            per_schedule,
            state: Mutex::default(),
            left: Condvar::new(),
        }))
    }

    /// Takes over who is due; those that are worked at are left out.
    pub(super) fn fill(&self, due: impl IntoIterator<Item = (Group, String)>) {
        let mut state = self.state();
        let State { line, working, .. } = &mut *state;
        let due = due.into_iter();
        line.fill(due.filter(|(_, run)| !working.contains_key(run)));
    }

    /// Takes a seat at the run that is next, if there is one and a seat is free.
    pub(super) fn next(&self) -> Option<Seat> {
        let mut state = self.state();
        if state.is_closed || state.working.len() >= self.0.seats {
            return None;
        }
        let State { line, working, .. } = &mut *state;
        let taken = |group: &Group| working.values().filter(|one| one.group == *group).count();
        let may = |group: &Group| group.is_none() || taken(group) < self.0.per_schedule;
        let (group, run) = line.next(may)?;
        let stop = None;
        working.insert(run.clone(), Working { group, stop });
        let floor = self.clone();
        Some(Seat { floor, run })
    }

    /// Returns how many runs are worked at, and how many stand in line.
    pub(in crate::serve) fn count(&self) -> (usize, usize) {
        let state = self.state();
        (state.working.len(), state.line.len())
    }

    /// Returns the runs that are executed, and what stops each.
    pub(super) fn executed(&self) -> Vec<(String, Stop)> {
        let state = self.state();
        let executed = state.working.iter();
        executed
            .filter_map(|(run, one)| Some((run.clone(), one.stop.clone()?)))
            .collect()
    }

    /// Gives out no seat any more, and has the runs that are executed suspend at their next effect.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.is_closed = true;
        for stop in state.working.values().filter_map(|one| one.stop.as_ref()) {
            stop.stopper.interrupt();
        }
    }

    /// Stops what is still executed in the midst of its script.
    pub(super) fn press(&self) {
        for (_, stop) in self.executed() {
            stop.control.stop(script::Stop::Interrupted);
        }
    }

    /// Waits until all seats are free; returns whether they are.
    pub(super) fn wait_until_empty(&self, patience: Duration) -> bool {
        let state = self.state();
        let busy = |state: &mut State| !state.working.is_empty();
        let waited = self.0.left.wait_timeout_while(state, patience, busy);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.working.is_empty()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Notes what stops the run that is executed from now on.
    pub(super) fn begin(&self, stop: &Stop) {
        let mut state = self.floor.state();
        if state.is_closed {
            stop.stopper.interrupt();
        }
        if let Some(working) = state.working.get_mut(&self.run) {
            working.stop = Some(stop.clone());
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.floor.state().working.remove(&self.run);
        self.floor.0.left.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(runs: &[(&str, &str)]) -> Vec<(Group, String)> {
        let group = |name: &str| (!name.is_empty()).then(|| name.to_owned());
        let runs = runs.iter();
        runs.map(|(name, run)| (group(name), (*run).to_owned()))
            .collect()
    }

    #[test]
    fn seats_are_bounded_overall_and_for_each_schedule() {
        let floor = Floor::new(3, 1);
        floor.fill(due(&[
            ("a", "a0"),
            ("a", "a1"),
            ("", "x"),
            ("", "y"),
            ("", "z"),
        ]));
        let seats: Vec<_> = std::iter::from_fn(|| floor.next()).collect();
        let mut runs: Vec<_> = seats.iter().map(|seat| seat.run.as_str()).collect();
        runs.sort_unstable();
        assert_eq!(runs, ["a0", "x", "y"]);
        assert_eq!(floor.count(), (3, 2));
        drop(seats);
        assert_eq!(floor.next().unwrap().run, "a1");
    }

    #[test]
    fn a_run_that_is_worked_at_does_not_stand_in_line() {
        let floor = Floor::new(3, 3);
        floor.fill(due(&[("", "x")]));
        let seat = floor.next().unwrap();
        floor.fill(due(&[("", "x")]));
        assert!(floor.next().is_none());
        drop(seat);
    }

    #[test]
    fn a_closed_floor_gives_out_no_seat_and_tells_when_it_is_empty() {
        let floor = Floor::new(3, 3);
        floor.fill(due(&[("", "x"), ("", "y")]));
        let seat = floor.next().unwrap();
        floor.close();
        assert!(floor.next().is_none());
        assert!(!floor.wait_until_empty(Duration::ZERO));
        drop(seat);
        assert!(floor.wait_until_empty(Duration::ZERO));
    }
}
