//! The baton of a run: at most one branch executes script code at any moment.
//!
//! A branch gives the baton up while an effect runs or while its own branches run, and gets it back
//! in the order in which effects ended. Each branch that is not waiting for others takes part in
//! the clock, so that simulated time stands still while anybody works.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::clock::{Clock, Participant};
use crate::script::{Branch, Halt};

/// Who may run, and who waits for that.
#[derive(Debug)]
pub(super) struct Baton {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    stopped: bool,
    holder: Option<Branch>,
    ready: VecDeque<Branch>,
    /// The parent of each live branch that came from a fork.
    parents: HashMap<Branch, Branch>,
    /// How many branches of each fork are still alive.
    forks: HashMap<Branch, usize>,
    awake: HashMap<Branch, Participant>,
}

impl Baton {
    /// Returns the baton in the hand of the script itself.
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        let main = Branch::default();
        let mut state = State {
            holder: Some(main.clone()),
            ..State::default()
        };
        state.awake.insert(main, clock.join());
        Self {
            clock,
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    /// Runs something without the baton, so that other branches can run meanwhile.
    pub(super) fn without<T>(&self, branch: &Branch, work: impl FnOnce() -> T) -> Result<T, Halt> {
        if self.lock().forks.is_empty() {
            return Ok(work());
        }
        self.pass_on(|_| ());
        let result = work();
        self.pass_on_if_free(branch);
        self.wait_for(branch)?;
        Ok(result)
    }

    /// Lets the branches of a fork run, in this order, while the parent waits.
    pub(super) fn fork(&self, parent: &Branch, first: &[Branch]) {
        self.pass_on(|state| {
            for branch in first {
                state.parents.insert(branch.clone(), parent.clone());
                state.awake.insert(branch.clone(), self.clock.join());
                state.ready.push_back(branch.clone());
            }
            state.forks.insert(parent.clone(), first.len());
            state.awake.remove(parent);
        });
    }

    /// Waits until it is the branch's turn.
    pub(super) fn wait_for(&self, branch: &Branch) -> Result<(), Halt> {
        let mut state = self.lock();
        while !state.stopped {
            if state.holder.as_ref() == Some(branch) {
                return Ok(());
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        Err(Halt::Stopped)
    }

    /// Ends a branch; `next` takes its place, and the parent goes on after the last.
    pub(super) fn leave(&self, branch: &Branch, next: Option<&Branch>) {
        self.pass_on(|state| {
            let Some(parent) = state.parents.remove(branch) else {
                return;
            };
            // Whoever goes on joins the clock before this branch leaves it, or time would jump.
            if let Some(next) = next {
                state.awake.insert(next.clone(), self.clock.join());
                state.parents.insert(next.clone(), parent);
                state.ready.push_front(next.clone());
            } else if let Some(alive) = state.forks.get_mut(&parent) {
                *alive -= 1;
                if *alive == 0 {
                    state.forks.remove(&parent);
                    state.awake.insert(parent.clone(), self.clock.join());
                    state.ready.push_back(parent);
                }
            }
            state.awake.remove(branch);
        });
    }

    /// Sends everybody who waits for a turn home.
    pub(super) fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_all();
    }

    /// Gives the baton up and hands it to whoever is next.
    fn pass_on(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        state.holder = state.ready.pop_front();
        self.changed.notify_all();
    }

    /// Queues a branch that wants to go on, and hands it the baton when nobody holds it.
    fn pass_on_if_free(&self, branch: &Branch) {
        let mut state = self.lock();
        state.ready.push_back(branch.clone());
        if state.holder.is_none() {
            state.holder = state.ready.pop_front();
            self.changed.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::VirtualClock;
    use std::time::Duration;

    fn branch(name: &str) -> Branch {
        Branch(name.into())
    }

    #[test]
    fn one_branch_at_a_time_and_effects_side_by_side_in_simulated_time() {
        let clock = Arc::new(VirtualClock::new("2026-01-05T08:00:00Z".parse().unwrap()));
        let baton = Arc::new(Baton::new(Arc::clone(&clock) as Arc<dyn Clock>));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let main = Branch::default();
        let branches = [branch("a"), branch("b")];
        let order = Mutex::new(Vec::new());
        baton.fork(&main, &branches);
        std::thread::scope(|scope| {
            for (name, hours) in branches.iter().zip([3_u64, 1]) {
                let (baton, clock, order, runtime) = (&baton, &clock, &order, runtime.handle());
                scope.spawn(move || {
                    baton.wait_for(name).unwrap();
                    order.lock().unwrap().push(format!("{} starts", name.0));
                    let sleep = || runtime.block_on(clock.sleep(Duration::from_secs(hours * 3600)));
                    baton.without(name, sleep).unwrap();
                    order.lock().unwrap().push(format!(
                        "{} at {}h",
                        name.0,
                        clock.elapsed().as_secs() / 3600
                    ));
                    baton.leave(name, None);
                });
            }
            baton.wait_for(&main).unwrap();
        });
        assert_eq!(
            *order.lock().unwrap(),
            ["a starts", "b starts", "b at 1h", "a at 3h"]
        );
    }

    #[test]
    fn a_stop_sends_all_home() {
        let baton = Baton::new(Arc::new(crate::clock::SystemClock::new()));
        baton.fork(&Branch::default(), &[branch("a")]);
        baton.stop();
        assert!(baton.wait_for(&Branch::default()).is_err());
        assert!(baton.wait_for(&branch("b")).is_err());
    }
}
