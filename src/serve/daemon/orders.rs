//! Tells the runs that are executed what somebody has ordered.

use std::sync::Arc;
use std::time::Duration;

use super::works::Works;

/// Looks do not follow faster, so that many changes at once are one.
const GAP: Duration = Duration::from_millis(20);

impl Works {
    /// Looks for orders whenever somebody has changed something, for ever.
    pub(super) async fn watch_orders(self: Arc<Self>) {
        let mut changes = self.journal.changes();
        while changes.changed().await.is_ok() {
            let works = Arc::clone(&self);
            _ = tokio::task::spawn_blocking(move || works.pass_orders_on()).await;
            self.clock.sleep(GAP).await;
        }
    }

    fn pass_orders_on(&self) {
        for (run, stop) in self.floor.executed() {
            match self.journal.run(&run) {
                Ok(row) => {
                    if let Some(order) = row.and_then(|row| row.ordered) {
                        stop.obey(order);
                    }
                }
                Err(error) => return self.fault(error),
            }
        }
    }
}
