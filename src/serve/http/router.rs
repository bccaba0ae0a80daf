//! All routes of the daemon, behind their guards.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{self, Next, map_response};
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::access::Access;
use super::answer::tidy;
use super::asked;
use super::guard::{Guard, guard};
use super::hooks::Hooked;
use super::route::Entry;
use super::routes;
use crate::clock::Clock;
use crate::serve::desk::Desk;
use crate::serve::page::{self, Gate};
use crate::serve::refused::{Refused, Why};

/// Who does what comes in with the token: all that is known of them.
pub(super) const BY: &str = "api";

/// What every route has at hand.
#[derive(Clone)]
pub(in crate::serve) struct Door {
    pub(in crate::serve) desk: Desk,
    pub(in crate::serve) access: Access,
    pub(super) hooked: Hooked,
    /// How many streams may still begin.
    pub(super) streams: Arc<Semaphore>,
    /// Ends all streams.
    pub(in crate::serve) ended: CancellationToken,
    pub(in crate::serve) clock: Arc<dyn Clock>,
}

/// Returns all routes. The page is merged in here, with guards of its own: it knows people by a
/// session, and not by the token.
pub(super) fn router(door: Door, gate: Gate, guarded: Guard) -> Router {
    let page = page::router(door.desk.clone(), gate);
    let (mut open, mut closed) = (Router::new(), Router::new());
    for route in routes::all() {
        match route.entry {
            Entry::Token => closed = closed.route(route.path, route.does),
            Entry::Open | Entry::Hook => open = open.route(route.path, route.does),
        }
    }
    let token = middleware::from_fn_with_state(door.access.clone(), with_token);
    let api = open.merge(closed.route_layer(token)).with_state(door);
    api.layer(map_response(tidy))
        .merge(page)
        .fallback(nothing_here)
        .layer(DefaultBodyLimit::max(asked::LARGEST))
        .layer(middleware::from_fn_with_state(guarded, guard))
}

async fn with_token(State(access): State<Access>, request: Request, next: Next) -> Response {
    match access.admit_bearer(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refused) => refused.into_response(),
    }
}

async fn nothing_here() -> Refused {
    Refused::new(Why::NotFound, "there is nothing here").hint("`/openapi.json` lists the routes")
}
