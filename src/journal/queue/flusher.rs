//! The one thread of the journal: it commits what others have put and left, and moves the log into
//! the file when it has grown.

use std::sync::PoisonError;
use std::time::Duration;

use rusqlite::Connection;

use super::{Depth, Queue};
use crate::journal::{JournalError, crash};

/// How long a change may lie in the queue before it is committed.
const NAP: Duration = Duration::from_millis(1);

/// So many changes in the log, or bytes, are moved into the file.
const CHANGES: u64 = 4000;
const BYTES: usize = 16 << 20;

impl Queue {
    /// Commits what others have put and left, until the queue is closed.
    pub(in crate::journal) fn tend(&self, checkpointer: &Connection) {
        let mut state = self.lock();
        while !state.is_closing {
            if state.waiting.is_empty() {
                state.is_flusher_idle = true;
                state = self
                    .work
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let napped = self.work.wait_timeout(state, NAP);
            state = napped.unwrap_or_else(PoisonError::into_inner).0;
            let upto = state.accepted;
            // Who waits for these changes is told of a failure; here is nobody to tell.
            let committed = self.reach(state, upto, Depth::Committed);
            state = committed.unwrap_or_else(|_| self.lock());
            if state.logged >= CHANGES || state.logged_bytes >= BYTES {
                (state.logged, state.logged_bytes) = (0, 0);
                drop(state);
                self.checkpoint(checkpointer);
                state = self.lock();
            }
        }
    }

    /// Ends [`Queue::tend`].
    pub(in crate::journal) fn close(&self) {
        self.lock().is_closing = true;
        self.work.notify_one();
    }

    /// Moves the log into the file, so that it begins anew: most of it while others write, and what
    /// they wrote meanwhile while nobody does.
    fn checkpoint(&self, db: &Connection) {
        // A panic breaks the journal: with nobody here, what is put and left would never be committed.
        let moved = self.unbroken(|| {
            crash::point("journal::checkpoint::before");
            let moved = copy_log(db).and_then(|()| {
                let led = self.lead(self.alone(), Depth::Committed, |_| copy_log(db));
                led.map_or(Ok(()), |(_, moved)| moved)
            });
            crash::point("journal::checkpoint::after");
            moved.map_err(|error| self.files.database(error))
        });
        if let Err(error) = moved
            && !matches!(
                error,
                JournalError::Locked { .. } | JournalError::Full { .. }
            )
        {
            self.lock().break_with(error);
        }
    }
}

/// Copies what nobody needs in the log any more into the file.
fn copy_log(db: &Connection) -> rusqlite::Result<()> {
    db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
}
