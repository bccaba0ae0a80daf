//! Time that runs faster than real time, for a simulator that people watch.

use std::time::Duration;

use jiff::Timestamp;

use super::{Clock, Sleep, SystemClock};

/// A clock that starts at a given time and runs `speed` times as fast as the system's.
#[derive(Debug)]
pub struct ScaledClock {
    system: SystemClock,
    start: Timestamp,
    speed: f64,
}

impl ScaledClock {
    /// Returns a clock that starts now, at `speed` (above 0) times real time.
    pub fn new(start: Timestamp, speed: f64) -> Self {
        Self {
            system: SystemClock::new(),
            start,
            speed: speed.clamp(1e-6, 1e9),
        }
    }
}

impl Clock for ScaledClock {
    fn now(&self) -> Timestamp {
        self.start
            .checked_add(self.elapsed())
            .unwrap_or(Timestamp::MAX)
    }

    fn elapsed(&self) -> Duration {
        self.system.elapsed().mul_f64(self.speed)
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        self.system.sleep(duration.div_f64(self.speed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_hour_passes_quickly() {
        let start: Timestamp = "2026-01-05T08:00:00Z".parse().unwrap();
        let clock = ScaledClock::new(start, 1e6);
        clock.sleep(Duration::from_secs(3600)).await;
        assert!(clock.now().duration_since(start).as_secs() >= 3600);
    }
}
