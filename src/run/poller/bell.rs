//! Wakes one who sleeps on the clock for another reason than time.
//!
//! Simulated time must not go on between the ring and the waking, or the woken one would be late: a
//! ring takes part in the clock until it is heard.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::clock::{Clock, Participant};

/// The bell of one who sleeps.
#[derive(Debug)]
pub(super) struct Bell {
    clock: Arc<dyn Clock>,
    rung: Notify,
    /// Keeps simulated time from going on until the ring is heard.
    ring: Mutex<Option<Participant>>,
}

impl Bell {
    /// Returns a bell that has not rung.
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            rung: Notify::new(),
            ring: Mutex::new(None),
        }
    }

    /// Wakes the sleeper, or the next sleep when nobody sleeps; rings that nobody has heard are one.
    pub(super) fn ring(&self) {
        let mut ring = self.lock();
        if ring.is_none() {
            *ring = Some(self.clock.join());
            self.rung.notify_one();
        }
    }

    /// Sleeps on the clock until the bell rings; returns whether it has.
    ///
    /// A participant of the clock that sleeps here takes no part in it meanwhile, as in
    /// [`Clock::sleep`].
    pub(super) async fn sleep(&self, longest: Duration) -> bool {
        let is_rung = tokio::select! {
            biased;
            () = self.rung.notified() => true,
            () = self.clock.sleep(longest) => false,
        };
        // The sleeper is back among the awake: the ring need not keep the time any longer.
        drop(self.lock().take());
        is_rung
    }

    fn lock(&self) -> MutexGuard<'_, Option<Participant>> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::VirtualClock;

    fn clock() -> VirtualClock {
        VirtualClock::new("2026-01-05T08:00:00Z".parse().unwrap())
    }

    #[tokio::test]
    async fn no_time_passes_between_the_ring_and_the_waking() {
        let clock = clock();
        let bell = Arc::new(Bell::new(Arc::new(clock.clone())));
        let (ringer, sleeper) = (clock.join(), clock.join());
        let asleep = tokio::spawn({
            let (bell, clock) = (Arc::clone(&bell), clock.clone());
            async move {
                let is_rung = bell.sleep(Duration::from_secs(3600)).await;
                let woken_at = clock.elapsed();
                drop(sleeper);
                (is_rung, woken_at)
            }
        });
        clock.sleep(Duration::from_secs(10)).await;
        for _ in 0..3 {
            bell.ring();
        }
        drop(ringer);
        assert_eq!(asleep.await.unwrap(), (true, Duration::from_secs(10)));
    }

    #[tokio::test]
    async fn a_ring_before_the_sleep_is_heard_once() {
        let clock = clock();
        let bell = Bell::new(Arc::new(clock.clone()));
        let _sleeper = clock.join();
        bell.ring();
        assert!(bell.sleep(Duration::from_secs(60)).await);
        assert_eq!(clock.elapsed(), Duration::ZERO);
        assert!(!bell.sleep(Duration::from_secs(60)).await);
        assert_eq!(clock.elapsed(), Duration::from_secs(60));
    }

    #[tokio::test]
    async fn a_ring_that_is_never_heard_goes_with_its_bell() {
        let clock = clock();
        let bell = Bell::new(Arc::new(clock.clone()));
        bell.ring();
        drop(bell);
        let _sleeper = clock.join();
        clock.sleep(Duration::from_secs(60)).await;
        assert_eq!(clock.elapsed(), Duration::from_secs(60));
    }
}
