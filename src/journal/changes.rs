//! Tells those who wait that events, orders or resolutions have changed: at once what this process
//! did, within a moment what another one did.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::watch;

use super::JournalError;
use super::queue::Queue;
use super::writer::Writer;

/// How often the journal is looked at for changes of other processes.
const PERIOD: Duration = Duration::from_millis(250);

/// The ticks, and the thread that watches other processes once somebody listens.
#[derive(Debug)]
pub(super) struct Changes {
    ticks: watch::Sender<u64>,
    watcher: Mutex<Option<Watcher>>,
}

/// A thread that ends when the sender is dropped.
#[derive(Debug)]
struct Watcher {
    stop: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

impl Changes {
    /// Returns ticks that nobody listens to yet.
    pub(super) fn new() -> Self {
        Self {
            ticks: watch::Sender::new(0),
            watcher: Mutex::default(),
        }
    }

    /// Tells of a change.
    pub(super) fn tick(&self) {
        tick(&self.ticks);
    }

    /// Returns what ticks at every change; other processes are watched from now on.
    pub(super) fn listen(&self, queue: &Arc<Queue>) -> watch::Receiver<u64> {
        let mut watcher = self.watcher.lock().unwrap_or_else(PoisonError::into_inner);
        if watcher.is_none() {
            *watcher = self.watch(Arc::clone(queue));
        }
        self.ticks.subscribe()
    }

    /// Ends the thread.
    pub(super) fn close(&self) {
        let watcher = self
            .watcher
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(Watcher { stop, thread }) = watcher {
            drop(stop);
            _ = thread.join();
        }
    }

    /// Starts the thread; where the system has none left, a later listener tries again.
    fn watch(&self, queue: Arc<Queue>) -> Option<Watcher> {
        let (stop, stopped) = mpsc::channel();
        let ticks = self.ticks.clone();
        let mut seen = version(&queue);
        let watch = move || {
            while stopped.recv_timeout(PERIOD) == Err(RecvTimeoutError::Timeout) {
                let found = version(&queue);
                if found != seen {
                    seen = found;
                    tick(&ticks);
                }
            }
        };
        let thread = thread::Builder::new().name("journal watcher".to_owned());
        let thread = thread.spawn(watch).ok()?;
        Some(Watcher { stop, thread })
    }
}

fn tick(ticks: &watch::Sender<u64>) {
    ticks.send_modify(|tick| *tick = tick.wrapping_add(1));
}

/// Returns what differs once another process has committed something; an error counts as nothing.
fn version(queue: &Queue) -> Option<i64> {
    let version: Result<_, JournalError> = queue.with_writer(Writer::data_version);
    version.ok()
}
