//! Time as a value: nothing else in the program reads the system clock.
//!
//! [`SystemClock`] is real time. [`VirtualClock`] stands still until everybody who takes part in it
//! sleeps, and then jumps to the first one's waking: a three-day wait passes in no time, and always
//! the same way.

mod scaled;
mod simulated;
mod spans;
mod system;
mod until;

pub use scaled::ScaledClock;
pub use simulated::{MoveAlong, Participant, VirtualClock};
pub use spans::{between, distance, length, moment};
pub use system::SystemClock;
pub use until::until;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use jiff::Timestamp;

/// A future that ends when a sleep is over.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where the time comes from.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// Returns the time of day, in UTC. It may jump when somebody sets the clock.
    fn now(&self) -> Timestamp;

    /// Returns the time since an arbitrary start; it never goes back. For measuring and deadlines.
    fn elapsed(&self) -> Duration;

    /// Sleeps for a while on this clock.
    fn sleep(&self, duration: Duration) -> Sleep;

    /// Returns whether somebody may set it while it runs, so that `now` jumps.
    fn can_be_set(&self) -> bool {
        false
    }

    /// Takes part in this clock: simulated time stands still while a participant is awake.
    fn join(&self) -> Participant {
        Participant::none()
    }
}
