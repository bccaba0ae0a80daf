//! What goes on while somebody looks: server-sent events. A stream that is cut off goes on where it
//! was, with `Last-Event-ID`.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::OwnedSemaphorePermit;

use super::router::Door;
use crate::serve::desk::Desk;
use crate::serve::refused::{Refused, Why};
use crate::serve::view::LineView;

/// The most that are looked at side by side.
pub(super) const MOST: usize = 64;
/// How often new lines are looked for: the journal does not tell of them.
const PERIOD: Duration = Duration::from_millis(250);

/// Returns whether events are wanted rather than a list.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT);
    let accepted = accepted.and_then(|value| value.to_str().ok());
    accepted.is_some_and(|types| types.contains("text/event-stream"))
}

/// Returns the number of the last event that was seen before the stream was cut off.
pub(super) fn last_seen(headers: &HeaderMap) -> Option<u64> {
    headers.get("last-event-id")?.to_str().ok()?.parse().ok()
}

/// Follows the lines of a run until it has ended: an event `line` each, and `end` at last.
pub(super) async fn lines(
    door: Door,
    run: String,
    after: Option<u64>,
) -> Result<Response, Refused> {
    let permit = permit(&door)?;
    let named = run.clone();
    let found = door.desk.ask(move |desk| desk.run(&named)).await?;
    let follower = Follower {
        run: found.brief.id,
        after,
        has_ended: false,
        door,
        _permit: permit,
    };
    let events = stream::unfold(Some(follower), |follower| async {
        let mut follower = follower?;
        let events = follower.next().await;
        let next = (!follower.has_ended).then_some(follower);
        Some((
            stream::iter(events.into_iter().map(Ok::<_, Infallible>)),
            next,
        ))
    });
    let events = futures_util::StreamExt::flatten(events);
    Ok(Sse::new(events)
        .keep_alive(KeepAlive::default())
        .into_response())
}

/// Tells whenever anything has changed.
pub(super) async fn changes(State(door): State<Door>) -> Result<Response, Refused> {
    let permit = permit(&door)?;
    let news = door.desk.changes();
    let start = (door, news, permit);
    let events = stream::unfold(start, |(door, mut news, permit)| async {
        tokio::select! {
            biased;
            () = door.ended.cancelled() => return None,
            change = news.changed() => change.ok()?,
        }
        // Many changes at once are one.
        door.clock.sleep(PERIOD).await;
        news.mark_unchanged();
        let event = Event::default().event("change").data("{}");
        Some((Ok::<_, Infallible>(event), (door, news, permit)))
    });
    Ok(Sse::new(events)
        .keep_alive(KeepAlive::default())
        .into_response())
}

fn permit(door: &Door) -> Result<OwnedSemaphorePermit, Refused> {
    let permit = std::sync::Arc::clone(&door.streams).try_acquire_owned();
    permit.map_err(|_| {
        let what = format!("{MOST} streams are followed already");
        Refused::new(Why::TooOften, what)
    })
}

/// Follows the lines of one run.
struct Follower {
    door: Door,
    run: String,
    after: Option<u64>,
    has_ended: bool,
    _permit: OwnedSemaphorePermit,
}

impl Follower {
    /// Waits for something new.
    async fn next(&mut self) -> Vec<Event> {
        loop {
            let (run, after) = (self.run.clone(), self.after);
            let look = self
                .door
                .desk
                .ask(move |desk| look(desk, &run, after))
                .await;
            let Ok((lines, state)) = look else {
                self.has_ended = true;
                return Vec::new();
            };
            self.after = lines.last().map(|line| line.number).or(self.after);
            let mut events: Vec<_> = lines.iter().map(event).collect();
            if let (true, Some(state)) = (events.is_empty(), state) {
                self.has_ended = true;
                let data = serde_json::json!({ "state": state }).to_string();
                events.push(Event::default().event("end").data(data));
            }
            if !events.is_empty() {
                return events;
            }
            tokio::select! {
                () = self.door.ended.cancelled() => {
                    self.has_ended = true;
                    return Vec::new();
                }
                () = self.door.clock.sleep(PERIOD) => {}
            }
        }
    }
}

/// Returns what is new, and the state that the run has ended in. The state is looked at first: what
/// was said before the end is there then.
fn look(
    desk: &Desk,
    run: &str,
    after: Option<u64>,
) -> Result<(Vec<LineView>, Option<String>), Refused> {
    let ended = desk.ended(run)?;
    Ok((desk.lines(run, after)?, ended))
}

fn event(line: &LineView) -> Event {
    let data = serde_json::to_string(line).unwrap_or_default();
    Event::default()
        .id(line.number.to_string())
        .event("line")
        .data(data)
}
