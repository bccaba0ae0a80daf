//! Simulated time: it stands still while anybody who takes part is awake, and jumps to the first
//! waking when all of them sleep.
//!
//! Who does work that takes no simulated time (runs script code, waits for a socket) holds a
//! [`Participant`]; every sleep of a participant is one that the clock may skip over. With no
//! participants at all, any sleep ends at once, in the order of the wakings.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::oneshot;

use super::{Clock, Sleep};

/// A clock that only moves when everybody sleeps, or when it is told to.
#[derive(Clone, Debug)]
pub struct VirtualClock {
    start: Timestamp,
    state: Arc<Mutex<State>>,
}

/// Moves another clock along, before this one moves: called with the length of the jump.
pub type MoveAlong = Box<dyn Fn(Duration) + Send>;

#[derive(Default)]
struct State {
    along: Option<MoveAlong>,
    elapsed: Duration,
    awake: usize,
    next_ticket: u64,
    sleepers: BTreeMap<(Duration, u64), oneshot::Sender<()>>,
}

impl VirtualClock {
    /// Returns a clock that stands at a time.
    pub fn new(start: Timestamp) -> Self {
        Self {
            start,
            state: Arc::default(),
        }
    }

    /// Returns a clock that moves another one along, in step with itself.
    pub fn leading(start: Timestamp, along: MoveAlong) -> Self {
        let clock = Self::new(start);
        clock.lock().along = Some(along);
        clock
    }

    /// Moves the clock forward, waking whoever sleeps no longer than until then.
    pub fn advance(&self, by: Duration) {
        let mut state = self.lock();
        let until = state.elapsed.saturating_add(by);
        while let Some(entry) = state
            .sleepers
            .first_entry()
            .filter(|first| first.key().0 <= until)
        {
            let ((at, _), waker) = entry.remove_entry();
            state.move_to(at);
            state.wake(waker);
        }
        state.move_to(until);
    }

    /// Lets time pass though one participant is awake, for it only waits for others.
    pub fn absent(&self) -> Absence {
        let mut state = self.lock();
        state.awake = state.awake.saturating_sub(1);
        state.settle();
        Absence(Arc::clone(&self.state))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

/// A participant waits for others; it is back when this is dropped.
#[derive(Debug)]
pub struct Absence(Arc<Mutex<State>>);

impl Drop for Absence {
    fn drop(&mut self) {
        lock(&self.0).awake += 1;
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State")
            .field("elapsed", &self.elapsed)
            .field("awake", &self.awake)
            .finish_non_exhaustive()
    }
}

impl State {
    /// Jumps to the first waking when nobody is awake.
    fn settle(&mut self) {
        while self.awake == 0 {
            let Some(((at, _), waker)) = self.sleepers.pop_first() else {
                return;
            };
            self.move_to(at);
            self.wake(waker);
        }
    }

    fn move_to(&mut self, at: Duration) {
        let jump = at.saturating_sub(self.elapsed);
        if let (Some(along), false) = (&self.along, jump.is_zero()) {
            along(jump);
        }
        self.elapsed += jump;
    }

    fn wake(&mut self, waker: oneshot::Sender<()>) {
        // Nobody hears it when the sleep is being dropped on another thread: that one is awake too.
        self.awake += 1;
        let _ = waker.send(());
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        self.start
            .checked_add(self.elapsed())
            .unwrap_or(Timestamp::MAX)
    }

    fn elapsed(&self) -> Duration {
        self.lock().elapsed
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let clock = self.clone();
        Box::pin(async move {
            let (ticket, woken) = clock.lie_down(duration);
            let mut bed = Bed {
                clock: &clock,
                ticket: Some(ticket),
            };
            // The sender lives in the clock until it wakes us, so this cannot fail while we sleep.
            let _ = woken.await;
            bed.ticket = None;
        })
    }

    fn join(&self) -> Participant {
        self.lock().awake += 1;
        Participant(Some(Arc::clone(&self.state)))
    }
}

impl VirtualClock {
    fn lie_down(&self, duration: Duration) -> ((Duration, u64), oneshot::Receiver<()>) {
        let mut state = self.lock();
        let (waker, woken) = oneshot::channel();
        let ticket = (state.elapsed.saturating_add(duration), state.next_ticket);
        state.next_ticket += 1;
        state.sleepers.insert(ticket, waker);
        state.awake = state.awake.saturating_sub(1);
        state.settle();
        (ticket, woken)
    }
}

/// Puts a sleeper that is dropped before its time back among the awake.
struct Bed<'a> {
    clock: &'a VirtualClock,
    ticket: Option<(Duration, u64)>,
}

impl Drop for Bed<'_> {
    fn drop(&mut self) {
        let Some(ticket) = self.ticket else { return };
        let mut state = self.clock.lock();
        if state.sleepers.remove(&ticket).is_some() {
            state.awake += 1;
        }
    }
}

/// Takes part in a clock for as long as it lives: simulated time stands still while it is awake.
#[derive(Debug)]
pub struct Participant(Option<Arc<Mutex<State>>>);

impl Participant {
    /// Returns a participant of a clock that needs none.
    pub fn none() -> Self {
        Self(None)
    }
}

impl Drop for Participant {
    fn drop(&mut self) {
        if let Some(state) = &self.0 {
            let mut state = lock(state);
            state.awake = state.awake.saturating_sub(1);
            state.settle();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock() -> VirtualClock {
        VirtualClock::new("2026-01-05T08:00:00Z".parse().unwrap())
    }

    #[tokio::test]
    async fn jumps_when_all_sleep_and_wakes_in_order() {
        let clock = clock();
        let (first, second) = (clock.join(), clock.join());
        let order = Arc::new(Mutex::new(Vec::new()));
        let sleeper = |name: &'static str, hours: u64, participant: Participant| {
            let (clock, order) = (clock.clone(), Arc::clone(&order));
            async move {
                clock.sleep(Duration::from_secs(hours * 3600)).await;
                order
                    .lock()
                    .unwrap()
                    .push((name, clock.elapsed().as_secs() / 3600));
                drop(participant);
            }
        };
        tokio::join!(sleeper("late", 72, first), sleeper("early", 24, second));
        assert_eq!(*order.lock().unwrap(), [("early", 24), ("late", 72)]);
    }

    #[tokio::test]
    async fn stands_still_while_a_participant_is_awake() {
        let clock = clock();
        let (_working, _sleeping) = (clock.join(), clock.join());
        let mut sleep = clock.sleep(Duration::from_secs(1));
        let waited = tokio::time::timeout(Duration::from_millis(20), &mut sleep).await;
        assert!(waited.is_err(), "time went on although somebody worked");
        drop(sleep);
        assert_eq!(clock.elapsed(), Duration::ZERO);
    }

    #[tokio::test]
    async fn goes_on_while_a_participant_is_absent() {
        let clock = clock();
        let _waits = clock.join();
        let absence = clock.absent();
        let sleeper = clock.join();
        clock.sleep(Duration::from_secs(60)).await;
        drop(absence);
        let mut sleep = clock.sleep(Duration::from_secs(60));
        let waited = tokio::time::timeout(Duration::from_millis(20), &mut sleep).await;
        assert!(waited.is_err(), "time went on although nobody was absent");
        drop((sleep, sleeper));
        assert_eq!(clock.elapsed(), Duration::from_secs(60));
    }

    #[tokio::test]
    async fn can_be_moved_by_hand() {
        let clock = clock();
        let _awake = (clock.join(), clock.join());
        let sleep = tokio::spawn(clock.sleep(Duration::from_secs(60)));
        tokio::task::yield_now().await;
        clock.advance(Duration::from_secs(3600));
        sleep.await.unwrap();
        assert_eq!(clock.now().to_string(), "2026-01-05T09:00:00Z");
    }
}
