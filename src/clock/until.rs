//! Sleeping until a time of day, on a clock that somebody may set meanwhile.

use std::time::Duration;

use jiff::Timestamp;

use super::Clock;

/// How long a clock is trusted that somebody may set.
const TRUST: Duration = Duration::from_secs(30);

/// Sleeps until a time of day.
///
/// Somebody may set the clock meanwhile: forth, and the time of day decides; back, and the time that
/// has really passed here does.
pub async fn until(clock: &dyn Clock, at: Timestamp) {
    let start = clock.elapsed();
    let Ok(whole) = Duration::try_from(at.duration_since(clock.now())) else {
        return;
    };
    loop {
        let passed = clock.elapsed().saturating_sub(start);
        let left = Duration::try_from(at.duration_since(clock.now())).unwrap_or_default();
        let left = left.min(whole.saturating_sub(passed));
        if left.is_zero() {
            return;
        }
        let nap = if clock.can_be_set() {
            left.min(TRUST)
        } else {
            left
        };
        clock.sleep(nap).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::clock::Sleep;

    /// A clock whose time of day jumps when it has slept for a while.
    #[derive(Debug)]
    struct Jumping {
        start: Timestamp,
        elapsed: Mutex<Duration>,
        after: Duration,
        by: jiff::SignedDuration,
    }

    impl Clock for Arc<Jumping> {
        fn now(&self) -> Timestamp {
            let elapsed = self.elapsed();
            let jump = if elapsed >= self.after {
                self.by
            } else {
                jiff::SignedDuration::ZERO
            };
            self.start + elapsed + jump
        }
        fn elapsed(&self) -> Duration {
            *self.elapsed.lock().unwrap()
        }
        fn sleep(&self, duration: Duration) -> Sleep {
            let clock = Arc::clone(self);
            Box::pin(async move { *clock.elapsed.lock().unwrap() += duration })
        }
        fn can_be_set(&self) -> bool {
            true
        }
    }

    fn slept(jump_hours: i64) -> Duration {
        let clock = Arc::new(Jumping {
            start: "2026-03-01T00:00:00Z".parse().unwrap(),
            elapsed: Mutex::default(),
            after: Duration::from_secs(600),
            by: jiff::SignedDuration::from_hours(jump_hours),
        });
        let at = clock.now() + jiff::SignedDuration::from_hours(2);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(until(&clock, at));
        clock.elapsed()
    }

    #[test]
    fn a_clock_that_is_set_neither_loses_nor_doubles_a_waking() {
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        assert_eq!(slept(0), hours(2));
        assert_eq!(
            slept(-1),
            hours(2),
            "set back: the time that passed decides"
        );
        assert_eq!(slept(1), hours(1), "set forth: the time of day decides");
        assert!(slept(8) <= Duration::from_secs(660), "noticed soon");
    }
}
