//! Removes runs that have ended, and what only they needed; in small transactions, so that nobody
//! who writes meanwhile waits long.

use rusqlite::Connection;

use super::table::{due, run, slot, source};
use super::{Journal, JournalError, PruneFilter};

/// How many runs, or pages, one transaction removes.
const PORTION: usize = 100;

impl Journal {
    /// Removes ended runs that no living process has in hand, and what only they needed; returns
    /// how many. The slots they ran for are forgotten with them, and old slots without runs.
    pub fn prune(&self, filter: &PruneFilter) -> Result<u64, JournalError> {
        let mut removed = 0;
        loop {
            let portion = self.queue().decide(|db| {
                let keys = due::ended(db, filter, &self.living(db)?, PORTION)?;
                keys.iter().try_for_each(|key| run::remove(db, *key))?;
                source::sweep(db)?;
                Ok(keys.len())
            })?;
            removed += portion as u64;
            if portion < PORTION {
                break;
            }
        }
        let mut forgotten = PORTION;
        // Slots without runs go by their age alone.
        while filter.states.is_empty() && forgotten == PORTION {
            forgotten = self
                .queue()
                .decide(|db| slot::forget_idle(db, filter.until, PORTION))?;
        }
        if removed > 0 {
            while self.queue().decide(shrink)? {}
        }
        self.force()?;
        Ok(removed)
    }
}

/// Gives some pages back to the disk; returns whether more could follow.
fn shrink(db: &Connection) -> rusqlite::Result<bool> {
    let free = || db.pragma_query_value(None, "freelist_count", |row| row.get::<_, i64>(0));
    let before = free()?;
    let mut shrink = db.prepare_cached(&format!("PRAGMA incremental_vacuum({PORTION})"))?;
    let mut pages = shrink.query([])?;
    while pages.next()?.is_some() {}
    let after = free()?;
    Ok(after > 0 && after < before)
}
