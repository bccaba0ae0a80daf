//! How often something may happen: so many a second, and a few more at once.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Clock;

/// A bucket that fills steadily; each take is a drop of it.
#[derive(Clone, Debug)]
pub(super) struct Pace(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    clock: Arc<dyn Clock>,
    per_second: f64,
    most: f64,
    /// What was left, and when.
    left: Mutex<(f64, Duration)>,
}

impl Pace {
    /// Returns a full bucket.
    pub(super) fn new(clock: Arc<dyn Clock>, per_second: u32, most: u32) -> Self {
        let most = f64::from(most);
        let left = Mutex::new((most, clock.elapsed()));
        Self(Arc::new(Shared {
            clock,
            per_second: f64::from(per_second),
            most,
            left,
        }))
    }

    /// Takes a drop; `false` when none is left.
    pub(super) fn take(&self) -> bool {
        let now = self.0.clock.elapsed();
        let mut left = self.0.left.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = now.saturating_sub(left.1).as_secs_f64();
        let filled = (left.0 + passed * self.0.per_second).min(self.0.most);
        let is_there = filled >= 1.0;
        *left = (if is_there { filled - 1.0 } else { filled }, now);
        is_there
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::VirtualClock;

    #[tokio::test]
    async fn a_few_at_once_and_then_so_many_a_second() {
        let clock = VirtualClock::new("2026-01-05T08:00:00Z".parse().unwrap());
        let pace = Pace::new(Arc::new(clock.clone()), 2, 5);
        let taken = || std::iter::from_fn(|| pace.take().then_some(())).count();
        assert_eq!(taken(), 5);
        let _sleeper = clock.join();
        clock.sleep(Duration::from_secs(1)).await;
        assert_eq!(taken(), 2);
        clock.sleep(Duration::from_secs(3600)).await;
        assert_eq!(taken(), 5);
    }
}
