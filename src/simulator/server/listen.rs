//! Accepts connections and lets the world go on between requests.

use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::serve::{Shared, serve};

/// How long to wait when no more connections can be accepted.
const PAUSE: Duration = Duration::from_millis(20);

/// Accepts connections until it is dropped; then all of them end.
pub(super) async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(connections.spawn(connection(stream, Arc::clone(&shared)))),
            // Too many open files, for one: those that are open go on, and some will end.
            Err(_) => crate::clock::Clock::sleep(&crate::clock::SystemClock::new(), PAUSE).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    // Small answers must not wait for more data.
    let _ = stream.set_nodelay(true);
    let patience = shared.settings.patience;
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { serve(&shared, request).await }
    });
    let http = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .serve_connection(TokioIo::new(stream), service);
    // A broken connection is the other side's doing, or a fault on purpose.
    let _ = http.await;
}

/// Lets things happen at their times although nobody asks: callbacks must go out.
pub(super) async fn run_background(shared: Arc<Shared>) {
    loop {
        let next = {
            let mut guard = shared.lock();
            let inner = &mut *guard;
            if !inner.world.outbox.is_empty() {
                shared.settle(inner);
            }
            inner
                .world
                .next_event()
                .map(|at| at.duration_since(inner.world.now))
        };
        let planned = shared.planned.notified();
        match next.map(|wait| Duration::try_from(wait).unwrap_or_default()) {
            Some(wait) => {
                let wait = wait.max(Duration::from_millis(1));
                tokio::select! {
                    () = shared.settings.clock.sleep(wait) => {}
                    () = planned => {}
                }
            }
            None => planned.await,
        }
    }
}
