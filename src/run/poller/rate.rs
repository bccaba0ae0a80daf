//! The part of the rate limit that looks may use: the rest is for the calls that do work.
//!
//! Looks are spread evenly, with a small burst for a listing of several pages. In no minute,
//! wherever it begins, do more leave than [`share`] says.

use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
/// More than the documented limit is never needed, even where the server allows it.
const MOST: u32 = 300;

/// When looks may leave; times are those of the clock's `elapsed`.
#[derive(Debug, Default)]
pub(super) struct Rate {
    /// When the next look would leave if there were no bursts.
    next: Duration,
}

impl Rate {
    /// Returns how long a look has to wait, under a limit of requests a minute.
    pub(super) fn wait(&self, now: Duration, limit: u32) -> Duration {
        let burst = spacing(limit) * (share(limit) / 10).saturating_sub(1);
        self.next.saturating_sub(burst).saturating_sub(now)
    }

    /// Counts a look that leaves now.
    pub(super) fn take(&mut self, now: Duration, limit: u32) {
        self.next = self.next.max(now).saturating_add(spacing(limit));
    }
}

/// Two thirds of the limit.
fn share(limit: u32) -> u32 {
    limit.min(MOST) * 2 / 3
}

/// A tenth of the share is for bursts, the others leave at this distance.
fn spacing(limit: u32) -> Duration {
    MINUTE / (share(limit) * 9 / 10).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lets looks leave as early as they may for ten minutes; returns when each left.
    fn eager(limit: u32) -> Vec<Duration> {
        let (mut rate, mut now, mut left) = (Rate::default(), Duration::ZERO, Vec::new());
        while now < 10 * MINUTE {
            now += rate.wait(now, limit);
            rate.take(now, limit);
            left.push(now);
        }
        left
    }

    #[test]
    fn leaves_a_third_in_every_minute() {
        for (limit, share) in [(300, 200), (1_000_000, 200), (30, 20), (5, 3), (1, 1)] {
            let left = eager(limit);
            let most = (0..left.len()).map(|first| {
                let within = |at: &&Duration| **at < left[first] + MINUTE;
                left[first..].iter().take_while(within).count()
            });
            let most = most.max().unwrap();
            assert!(
                most <= share && most + 1 >= share,
                "{most} a minute of {limit}"
            );
        }
    }

    #[test]
    fn a_listing_may_leave_at_once_after_a_pause() {
        let mut rate = Rate::default();
        let now = Duration::from_secs(3600);
        for _ in 0..20 {
            assert_eq!(rate.wait(now, 300), Duration::ZERO);
            rate.take(now, 300);
        }
        assert!(rate.wait(now, 300) > Duration::ZERO);
    }
}
