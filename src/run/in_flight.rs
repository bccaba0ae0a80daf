//! Effects under way: futures that are polled only while their run waits.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::port::Ticket;
use crate::clock::{Clock, Participant};

/// An effect that is no longer under way.
pub(super) struct Flown<T> {
    /// Which one.
    pub(super) ticket: Ticket,
    /// What came of it.
    pub(super) result: T,
    /// Keeps simulated time from moving until the run goes on.
    pub(super) awake: Participant,
}

/// The effects of one run that are under way.
pub(super) struct InFlight<T> {
    clock: Arc<dyn Clock>,
    effects: FuturesUnordered<Pin<Box<dyn Future<Output = Flown<T>> + Send>>>,
}

impl<T: 'static> InFlight<T> {
    /// Returns an empty set on a clock.
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            effects: FuturesUnordered::new(),
        }
    }

    /// Sets an effect on its way. It takes part in the clock until the run goes on.
    pub(super) fn start(&mut self, ticket: Ticket, work: impl Future<Output = T> + Send + 'static) {
        let awake = self.clock.join();
        self.effects.push(Box::pin(async move {
            Flown {
                ticket,
                result: work.await,
                awake,
            }
        }));
    }

    /// Waits for the next one to be done; `None` when there is none under way.
    pub(super) async fn next(&mut self) -> Option<Flown<T>> {
        self.effects.next().await
    }

    /// Cuts off all of them.
    pub(super) fn clear(&mut self) {
        self.effects.clear();
    }
}
