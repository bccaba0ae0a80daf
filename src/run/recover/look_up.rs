//! Looks up one call, and once more when it is so young that what it does may not show yet.

use std::time::Duration;

use super::found::{Found, Lost};
use super::judge::is_so;
use super::read::{is_refusal, profile};
use super::scope::{Scope, Seen};
use super::search::Search;
use super::window::{Verdict, Window};
use crate::api::Client;
use crate::catalog::{Repeat, Way};
use crate::clock::Clock;
use crate::report::Failure;

/// A server may take so long to show what it has done.
const SETTLING: Duration = Duration::from_secs(5);

/// Finds out what became of a call that was cut off; makes reading calls only.
///
/// A failure means that it could not be looked up now, and may be later.
pub async fn look_up(
    client: &Client,
    lost: &Lost<'_>,
    clock: &dyn Clock,
) -> Result<Found, Failure> {
    let endpoint = lost.call.endpoint;
    let Some(recovery) = endpoint
        .recovery
        .as_ref()
        .filter(|_| endpoint.repeat == Repeat::Once)
    else {
        return Ok(Found::Absent);
    };
    let now = clock.now();
    let bare = scope(lost, Window::new(lost.intent_at, now, None));
    let is_harmless = |pair| is_so(std::slice::from_ref(pair), &bare, &call_itself(lost));
    let mut harmless = recovery.harmless.iter();
    if harmless.any(|pair| is_harmless(pair) == Verdict::Yes) {
        return Ok(Found::Absent);
    }
    let plan = match &recovery.way {
        Way::Impossible(why) => return Ok(Found::cannot_tell(*why, Vec::new())),
        Way::LookUp(plan) => plan,
    };
    let profile = profile(client).await?;
    let search = Search {
        client,
        lost,
        plan,
        scope: Scope {
            me: profile.me.as_deref(),
            ..scope(lost, Window::new(lost.intent_at, clock.now(), profile.date))
        },
    };
    let found = refused(search.run().await)?;
    let age = clock.now().duration_since(lost.intent_at);
    let left = SETTLING.saturating_sub(Duration::try_from(age).unwrap_or_default());
    if matches!(found, Found::Adopt(_)) || left.is_zero() {
        return Ok(found);
    }
    clock.sleep(left).await;
    refused(search.run().await)
}

fn scope<'a>(lost: &Lost<'a>, window: Window) -> Scope<'a> {
    Scope {
        call: lost.call,
        item: None,
        me: None,
        window,
    }
}

/// Returns the call as what is seen: its fields are the places.
fn call_itself(lost: &Lost<'_>) -> Seen {
    Seen {
        row: lost.call.fields.clone().into(),
        ..Seen::default()
    }
}

/// A list that may not be read, or is gone, tells nothing.
fn refused(outcome: Result<Found, Failure>) -> Result<Found, Failure> {
    match outcome {
        Err(failure) if is_refusal(&failure) => {
            let why = format!("what the call may have done cannot be read: {failure}");
            Ok(Found::cannot_tell(why, Vec::new()))
        }
        other => other,
    }
}
