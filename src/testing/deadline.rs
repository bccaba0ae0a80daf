//! How long a test may take in real time: simulated time says nothing of a loop that goes on for ever.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::clock::{Clock, SystemClock};
use crate::script::{Control, Stop};

/// A script under test gives up first, for its test can tell more.
const LATER: Duration = Duration::from_millis(500);

/// The end of a test's time.
pub(super) struct Deadline {
    clock: SystemClock,
    limit: Duration,
}

/// Stops a test when its time is over, until it is dropped.
pub(super) struct Watch(JoinHandle<()>);

impl Deadline {
    /// Begins to count.
    pub(super) fn of(limit: Duration) -> Self {
        Self {
            clock: SystemClock::new(),
            limit,
        }
    }

    /// Returns how much time is left.
    pub(super) fn left(&self) -> Duration {
        self.limit.saturating_sub(self.clock.elapsed())
    }

    /// Returns the whole time in words.
    pub(super) fn words(&self) -> String {
        format!("{} s", self.limit.as_secs_f64())
    }

    /// Stops a test once its time is over.
    pub(super) fn watch(&self, runtime: &Handle, control: &Arc<Control>) -> Watch {
        let (control, patience) = (Arc::clone(control), self.left() + LATER);
        Watch(runtime.spawn(async move {
            SystemClock::new().sleep(patience).await;
            control.stop(Stop::Interrupted);
        }))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}
