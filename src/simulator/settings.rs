//! What a simulator is started with. The defaults are those of the real platform.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::{Clock, SystemClock, VirtualClock};

use super::scenario::Scenario;

/// How a simulator behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Seed of all ids and chance: the same seed and calls give the same answers.
    pub seed: u64,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// The clock that `POST /_sim/clock` moves; `None` where time goes by itself.
    pub hand: Option<VirtualClock>,
    /// Whether things happen between requests too; off where the owner of the clock alone moves it.
    pub background: bool,
    /// TCP port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// The company, and how its jobs behave.
    pub scenario: Scenario,
    /// Requests a minute for a key; `None` is no limit.
    pub rate_limit: Option<u32>,
    /// Whether `Idempotency-Key` is honoured.
    pub idempotency: bool,
    /// What the calls answer that the vendor has announced to remove.
    pub deprecated: Deprecated,
    /// How the callbacks of `webhook_url` go wrong.
    pub webhooks: Webhooks,
    /// Bytes of state that are kept at most, counted as JSON.
    pub room: usize,
    /// How long the head of a request may take to come in, and its body again; in real time.
    pub patience: Duration,
}

/// What `cases.retry` and `cases.delegate` answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deprecated {
    /// 308 to their successor, as announced.
    #[default]
    Redirect,
    /// 404, as after their removal.
    Gone,
    /// The work itself, as before the announcement.
    Served,
}

/// How the callbacks of `webhook_url` go wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Webhooks {
    /// Share of callbacks that come twice, from 0 to 1.
    pub duplicates: f64,
    /// Longest delay of a callback, in milliseconds.
    pub delay_ms: u64,
    /// Share of callbacks that come after the next one, from 0 to 1.
    pub reorder: f64,
}

impl Settings {
    /// Returns the settings of the built-in company on a free port, in real time.
    pub fn new() -> Self {
        Self {
            seed: 1,
            clock: Arc::new(SystemClock::new()),
            hand: None,
            background: true,
            port: 0,
            scenario: Scenario::company(),
            rate_limit: Some(300),
            idempotency: true,
            deprecated: Deprecated::Redirect,
            webhooks: Webhooks::default(),
            room: 1024 * 1024 * 1024,
            patience: Duration::from_secs(30),
        }
    }

    /// Puts the simulator on a simulated clock, which `POST /_sim/clock` can move too.
    #[must_use]
    pub fn on_virtual(mut self, clock: &VirtualClock) -> Self {
        self.clock = Arc::new(clock.clone());
        self.hand = Some(clock.clone());
        self.background = false;
        self
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new()
    }
}
