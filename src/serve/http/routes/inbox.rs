//! Routes about what waits for a person.

use axum::extract::{Path, State};
use axum::response::Json;
use axum::routing::{get, post};

use crate::inbox::{Answered, Given, Item, Listing};
use crate::serve::http::asked::Sent;
use crate::serve::http::route::{Route, json};
use crate::serve::http::router::{BY, Door};
use crate::serve::refused::{Refused, Why};

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/api/v1/inbox",
            "Lists what waits for a person: questions of scripts, and human requests of Jobs",
            json::<Listing>(),
            get(list),
        ),
        Route::get(
            "/api/v1/inbox/{id}",
            "Shows something that waits for a person",
            json::<Item>(),
            get(show),
        )
        .refuses(&[Why::NotFound, Why::Conflict, Why::Upstream]),
        Route::post(
            "/api/v1/inbox/{id}",
            "Answers it; the first answer counts, and a later one is told so",
            json::<Answered>(),
            post(answer),
        )
        .takes::<Given>()
        .refuses(&[Why::NotFound, Why::Conflict, Why::Upstream]),
    ]
}

async fn list(State(door): State<Door>) -> Result<Json<Listing>, Refused> {
    door.desk.inbox().await.map(Json)
}

async fn show(State(door): State<Door>, Path(id): Path<String>) -> Result<Json<Item>, Refused> {
    door.desk.inbox_item(&id).await.map(Json)
}

async fn answer(
    State(door): State<Door>,
    Path(id): Path<String>,
    Sent(given): Sent<Given>,
) -> Result<Json<Answered>, Refused> {
    door.desk.answer(&id, &given, Some(BY)).await.map(Json)
}
