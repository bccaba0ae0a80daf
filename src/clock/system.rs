//! Real time: the only place that reads the system clock.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::{Clock, Sleep};

/// The operating system's clock.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// Returns the system's clock; its `elapsed` counts from now.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one door to the system clock"
    )]
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn can_be_set(&self) -> bool {
        true
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one door to the system clock"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one door to the system clock"
    )]
    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}
