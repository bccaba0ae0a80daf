//! Effects under way: futures that are polled only while their run waits.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::port::{Landed, News, Ticket};
use crate::clock::Clock;

/// The effects of one run that are under way.
pub(super) struct InFlight {
    clock: Arc<dyn Clock>,
    effects: FuturesUnordered<Pin<Box<dyn Future<Output = Landed> + Send>>>,
}

impl InFlight {
    /// Returns an empty set on a clock.
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            effects: FuturesUnordered::new(),
        }
    }

    /// Sets an effect on its way. It takes part in the clock until the run goes on.
    pub(super) fn start(
        &mut self,
        ticket: Ticket,
        work: impl Future<Output = News> + Send + 'static,
    ) {
        let awake = self.clock.join();
        self.effects.push(Box::pin(async move {
            Landed {
                ticket,
                news: work.await,
                awake,
            }
        }));
    }

    /// Waits for the next one to be done; `None` when there is none under way.
    pub(super) async fn next(&mut self) -> Option<Landed> {
        self.effects.next().await
    }

    /// Cuts off all of them.
    pub(super) fn clear(&mut self) {
        self.effects.clear();
    }
}
