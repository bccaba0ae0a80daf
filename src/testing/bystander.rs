//! The clock of a test itself: it shows the world's time, and does not hold it up.

use std::time::Duration;

use jiff::Timestamp;

use crate::clock::{Clock, Sleep, VirtualClock};

/// Somebody who looks at a simulated world from outside.
#[derive(Debug)]
pub(super) struct Bystander(pub(super) VirtualClock);

impl Clock for Bystander {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let clock = self.0.clone();
        Box::pin(async move {
            let awake = clock.join();
            clock.sleep(duration).await;
            drop(awake);
        })
    }
}
