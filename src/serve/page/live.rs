//! Tells open pages that something has changed; they then ask for themselves anew.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, stream};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use super::guard::Visitor;
use super::router::Page;
use crate::clock::{Clock, SystemClock};
use crate::serve::desk::Desk;

/// Changes that come so close together are told once.
const TOGETHER: Duration = Duration::from_millis(250);
/// How often pages look by themselves: what Jobs ask is not in the journal.
const ANYWAY: Duration = Duration::from_secs(10);
/// How often it is looked whether the daemon ends.
const GLANCE: Duration = Duration::from_millis(500);

/// Follows what changes.
pub(super) async fn changes(
    State(page): State<Page>,
    visitor: Result<Visitor, Response>,
) -> Response {
    // A stream must not lead to the login: whoever listens would take its page for one.
    if visitor.is_err() {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Sse::new(ticks(page.desk)).into_response()
}

fn ticks(desk: Desk) -> impl Stream<Item = Result<Event, Infallible>> {
    let changes = desk.changes();
    stream::unfold(
        (desk, changes, false),
        |(desk, mut changes, is_open)| async move {
            if is_open && !next(&desk, &mut changes).await {
                return None;
            }
            // Browsers pass over an event without data.
            let event = Event::default().event("change").data("{}");
            let event = if is_open {
                event
            } else {
                event.retry(Duration::from_secs(2))
            };
            Some((Ok(event), (desk, changes, true)))
        },
    )
}

/// Waits for the next change; false when the daemon ends.
async fn next(desk: &Desk, changes: &mut watch::Receiver<u64>) -> bool {
    let (start, written) = (Instant::now(), desk.written());
    while start.elapsed() < ANYWAY {
        if desk.health().is_draining {
            return false;
        }
        match timeout(GLANCE, changes.changed()).await {
            Ok(Ok(())) => {
                SystemClock::new().sleep(TOGETHER).await;
                changes.borrow_and_update();
                return true;
            }
            Ok(Err(_)) => return false,
            // The journal does not tell of steps and lines.
            Err(_) if desk.written() != written => return true,
            Err(_) => {}
        }
    }
    true
}
