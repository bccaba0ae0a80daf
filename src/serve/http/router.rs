//! All routes of the daemon, behind their guards.

use axum::Router;
use axum::extract::State;
use axum::response::Json;
use axum::routing::get;

use super::access::Access;
use crate::serve::desk::Desk;
use crate::serve::refused::{Refused, Why};
use crate::serve::view::Overview;

/// What every route has at hand.
#[derive(Clone)]
pub(in crate::serve) struct Door {
    pub(in crate::serve) desk: Desk,
    pub(in crate::serve) access: Access,
}

/// Returns all routes. The page is merged in here, with guards of its own: it knows people by a
/// session, and not by the token.
pub(in crate::serve) fn router(door: Door) -> Router {
    let api = Router::new()
        .route("/api/v1/overview", get(overview))
        .with_state(door);
    Router::new().merge(api).fallback(nothing_here)
}

async fn overview(State(door): State<Door>) -> Result<Json<Overview>, Refused> {
    door.desk.ask(Desk::overview).await.map(Json)
}

async fn nothing_here() -> Refused {
    Refused::new(Why::NotFound, "there is nothing here").hint("`/openapi.json` lists the routes")
}
