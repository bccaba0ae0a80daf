//! The user's wish to stop what is under way: a call, a wait, a loop, a question.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

type Stop = Box<dyn Fn() + Send>;

/// How long the prompt waits for the last reader of an answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// What Ctrl-C does: it stops what is under way, and nothing else.
#[derive(Default)]
pub struct Interrupt {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    is_raised: bool,
    stop: Option<Stop>,
    /// How often the prompt was reached.
    round: usize,
    /// How many wait for an answer that is typed.
    readers: usize,
}

/// Somebody waits for an answer that is typed.
pub(super) struct Reader<'a> {
    interrupt: &'a Interrupt,
    round: usize,
}

impl Reader<'_> {
    /// Returns whether the answer is not wanted any more.
    pub(super) fn is_over(&self) -> bool {
        let state = self.interrupt.state();
        state.is_raised || state.round != self.round
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        self.interrupt.state().readers -= 1;
        self.interrupt.changed.notify_all();
    }
}

impl Interrupt {
    /// Stops what is under way.
    pub fn raise(&self) {
        let mut state = self.state();
        state.is_raised = true;
        if let Some(stop) = &state.stop {
            stop();
        }
        self.changed.notify_all();
    }

    /// Returns whether somebody wanted to stop what is under way.
    pub fn is_raised(&self) -> bool {
        self.state().is_raised
    }

    /// Does something that `stop` can stop.
    pub(super) fn during<T>(&self, stop: Stop, work: impl FnOnce() -> T) -> T {
        let mut state = self.state();
        if state.is_raised {
            stop();
        }
        state.stop = Some(stop);
        drop(state);
        let done = work();
        self.state().stop = None;
        done
    }

    /// Begins something new, which nobody has stopped yet.
    pub(super) fn forget(&self) {
        self.state().is_raised = false;
    }

    /// Begins to wait for an answer.
    pub(super) fn reader(&self) -> Reader<'_> {
        let mut state = self.state();
        state.readers += 1;
        Reader {
            interrupt: self,
            round: state.round,
        }
    }

    /// Ends the wait for answers: what is typed from now on is an input.
    pub(super) fn end_readers(&self) {
        let mut state = self.state();
        state.round += 1;
        let is_read = |state: &mut State| state.readers > 0;
        // Nothing is lost but a first line that an old question takes for its answer.
        _ = self.changed.wait_timeout_while(state, PATIENCE, is_read);
    }

    /// Waits, in real time; returns early, and whether somebody wanted to stop.
    pub(super) fn wait(&self, patience: Duration) -> bool {
        let state = self.state();
        let waited = self
            .changed
            .wait_timeout_while(state, patience, |state| !state.is_raised);
        waited.map_or(true, |(state, _)| state.is_raised)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn stops_what_is_under_way_and_nothing_later() {
        let interrupt = Interrupt::default();
        let stopped = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&stopped);
        let stop = move || _ = count.fetch_add(1, Ordering::SeqCst);
        interrupt.during(Box::new(stop), || interrupt.raise());
        interrupt.raise();
        assert_eq!(stopped.load(Ordering::SeqCst), 1);
        assert!(interrupt.wait(Duration::from_secs(60)));
        interrupt.forget();
        assert!(!interrupt.is_raised() && !interrupt.wait(Duration::ZERO));
    }

    #[test]
    fn an_old_question_does_not_outlive_the_next_prompt() {
        let interrupt = Interrupt::default();
        let old = interrupt.reader();
        std::thread::scope(|scope| {
            let prompt = scope.spawn(|| interrupt.end_readers());
            while !old.is_over() {
                std::thread::yield_now();
            }
            drop(old);
            prompt.join().unwrap();
        });
        let new = interrupt.reader();
        assert!(!new.is_over());
        interrupt.raise();
        assert!(new.is_over());
    }
}
