//! The rate budget that everything with one key shares, and the gate that a 429 closes.
//!
//! A request takes its place here before it leaves. While something is left that costs one lock;
//! when nothing is, requests wait in the order they came. Everybody who waits sleeps on the
//! [`Clock`], or else simulated time would stand still for ever.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{HeaderMap, HeaderName};
use jiff::Timestamp;

use crate::clock::Clock;

/// The documented limit, until the server says otherwise: 300 requests a minute.
const LIMIT: u32 = 300;
// As the API writes them, and as a standard in the making does.
const LIMIT_HEADERS: [HeaderName; 2] = [
    HeaderName::from_static("x-ratelimit-limit"),
    HeaderName::from_static("ratelimit-limit"),
];
const REMAINING_HEADERS: [HeaderName; 2] = [
    HeaderName::from_static("x-ratelimit-remaining"),
    HeaderName::from_static("ratelimit-remaining"),
];
const RESET_HEADERS: [HeaderName; 2] = [
    HeaderName::from_static("x-ratelimit-reset"),
    HeaderName::from_static("ratelimit-reset"),
];
const MINUTE: Duration = Duration::from_secs(60);
/// A reset further away than this is a wrong clock, not a rate limit.
const FARTHEST: Duration = Duration::from_secs(300);
/// Two resets that differ by less mean the same window: the server counts in whole seconds.
const SAME: Duration = Duration::from_secs(1);

/// What is left of the rate limit, for showing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetView {
    /// Requests a window.
    pub limit: u32,
    /// Requests left in this window.
    pub remaining: u32,
    /// When the window ends, or the pause that the server asked for.
    pub reset: Timestamp,
}

/// The shared budget of a key.
#[derive(Debug)]
pub(super) struct Budget {
    clock: Arc<dyn Clock>,
    window: Mutex<Window>,
    // Fair: hands the turn on in the order in which it was asked for.
    turn: tokio::sync::Mutex<()>,
}

/// Times are those of [`Clock::elapsed`].
#[derive(Debug)]
struct Window {
    limit: u32,
    remaining: u32,
    ends: Duration,
    // The server has said nothing about this window yet.
    is_assumed: bool,
    held_until: Duration,
    in_flight: u32,
}

/// What the headers of an answer say about the rate limit.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Said {
    limit: Option<u32>,
    remaining: Option<u32>,
    resets_in: Option<Duration>,
}

/// The place of a request that is under way.
pub(super) struct Permit<'a>(&'a Budget);

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut window = self.0.lock();
        window.in_flight = window.in_flight.saturating_sub(1);
    }
}

impl Budget {
    /// Returns the budget of a key that has not been used yet.
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            window: Mutex::new(Window {
                limit: LIMIT,
                remaining: LIMIT,
                ends: Duration::ZERO,
                is_assumed: true,
                held_until: Duration::ZERO,
                in_flight: 0,
            }),
            turn: tokio::sync::Mutex::new(()),
        }
    }

    /// Waits until a request may leave; errs with the pause when that is longer than `longest`.
    pub(super) async fn admit(&self, longest: Duration) -> Result<Permit<'_>, Duration> {
        let _turn = match self.turn.try_lock() {
            Ok(turn) => turn,
            Err(_) => doze(&*self.clock, self.turn.lock()).await,
        };
        loop {
            let taken = self.lock().take(self.clock.elapsed());
            match taken {
                Ok(()) => return Ok(Permit(self)),
                Err(wait) if wait > longest => return Err(wait),
                Err(wait) => self.clock.sleep(wait).await,
            }
        }
    }

    /// Takes over what an answer says; call it while its [`Permit`] lives.
    pub(super) fn learn(&self, headers: &HeaderMap) {
        let said = Said::of(headers, self.clock.now());
        if said.limit.is_some() || said.remaining.is_some() {
            self.lock().learn(said, self.clock.elapsed());
        }
    }

    /// Returns when the server's window ends by the headers of an answer.
    pub(super) fn reset(&self, headers: &HeaderMap) -> Option<Duration> {
        Said::of(headers, self.clock.now()).resets_in
    }

    /// Holds all requests that have not left yet.
    pub(super) fn hold(&self, pause: Duration) {
        let now = self.clock.elapsed();
        let mut window = self.lock();
        window.held_until = window.held_until.max(now.saturating_add(pause));
        // The server's pause is the truth about its window: when it is over, a new one begins.
        window.ends = window.held_until;
    }

    /// Returns what is left.
    pub(super) fn view(&self) -> BudgetView {
        let (elapsed, now) = (self.clock.elapsed(), self.clock.now());
        let window = self.lock();
        let is_over = elapsed >= window.ends;
        let ends = if is_over {
            elapsed + MINUTE
        } else {
            window.ends
        };
        BudgetView {
            limit: window.limit,
            remaining: if is_over {
                window.limit
            } else {
                window.remaining
            },
            reset: now
                .checked_add(ends.max(window.held_until).saturating_sub(elapsed))
                .unwrap_or(Timestamp::MAX),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Window> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Window {
    /// Takes one request out of the window, or returns how long to wait.
    fn take(&mut self, now: Duration) -> Result<(), Duration> {
        if now < self.held_until {
            return Err(self.held_until.saturating_sub(now));
        }
        if now >= self.ends {
            self.remaining = self.limit;
            self.ends = now.saturating_add(MINUTE);
            self.is_assumed = true;
        }
        if self.remaining == 0 {
            return Err(self.ends.saturating_sub(now));
        }
        self.remaining -= 1;
        self.in_flight += 1;
        Ok(())
    }

    fn learn(&mut self, said: Said, now: Duration) {
        // A limit of 0 would stop everything for good.
        self.limit = said.limit.unwrap_or(self.limit).max(1);
        let Some(remaining) = said.remaining else {
            return;
        };
        let ends = said
            .resets_in
            .map_or(self.ends, |wait| now.saturating_add(wait));
        // An end in the past is a late answer, or a clock that differs: it says nothing of when.
        let is_new = ends > now && (self.is_assumed || ends.abs_diff(self.ends) > SAME);
        if is_new || self.is_assumed {
            // The answer's own request is counted already, others under way perhaps not.
            self.remaining = remaining.saturating_sub(self.in_flight.saturating_sub(1));
        } else {
            self.remaining = self.remaining.min(remaining);
        }
        if is_new {
            self.ends = ends;
            self.is_assumed = false;
        }
    }
}

impl Said {
    fn of(headers: &HeaderMap, now: Timestamp) -> Self {
        let count = |names| {
            let count = text(headers, names)?.parse::<u64>().ok()?;
            Some(u32::try_from(count).unwrap_or(u32::MAX))
        };
        let reset = text(headers, &RESET_HEADERS).and_then(|text| text.parse::<f64>().ok());
        Self {
            limit: count(&LIMIT_HEADERS),
            remaining: count(&REMAINING_HEADERS),
            resets_in: reset.filter(|at| *at >= 0.0).map(|at| until(at, now)),
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, [name, plain]: &[HeaderName; 2]) -> Option<&'a str> {
    let value = headers.get(name).or_else(|| headers.get(plain))?;
    value.to_str().ok().map(str::trim)
}

/// The reset is a Unix time; smaller numbers, as other servers send, are seconds from now.
fn until(reset: f64, now: Timestamp) -> Duration {
    let wait = if reset < 1e9 {
        reset
    } else {
        reset - now.as_duration().as_secs_f64()
    };
    let wait = Duration::try_from_secs_f64(wait).unwrap_or_default();
    if wait > FARTHEST { MINUTE } else { wait }
}

/// Waits for what somebody else brings about, as one who sleeps on the clock.
///
/// Simulated time moves only when all sleep: whoever waited in another way would stop it.
pub(super) async fn doze<T>(clock: &dyn Clock, event: impl Future<Output = T>) -> T {
    let mut event = pin!(event);
    loop {
        tokio::select! {
            biased;
            outcome = &mut event => return outcome,
            () = clock.sleep(Duration::from_secs(1)) => {}
        }
    }
}

#[cfg(test)]
mod tests;
