//! Routes about everything: the overview, what changes, health, metrics, the description, webhooks.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use schemars::JsonSchema;
use serde::Serialize;

use crate::serve::desk::Desk;
use crate::serve::http::description::describe;
use crate::serve::http::route::{Entry, Gives, Route, json};
use crate::serve::http::router::Door;
use crate::serve::http::{hooks, metrics, stream};
use crate::serve::refused::{Refused, Why};
use crate::serve::view::{Health, Overview};

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/health",
            "Tells whether the daemon does its work: 200, or 503",
            json::<Pulse>(),
            get(pulse),
        )
        .open_to(Entry::Open)
        .refuses(&[Why::Unavailable]),
        Route::get(
            "/metrics",
            "Tells Prometheus how the daemon stands",
            Gives::Text(metrics::TYPE),
            get(metrics::metrics),
        ),
        Route::get(
            "/openapi.json",
            "Describes this API",
            json::<serde_json::Value>(),
            get(description),
        )
        .open_to(Entry::Open),
        Route::post(
            "/hooks/duvo/{secret}",
            "Takes a webhook of Duvo as a hint to look now",
            Gives::Nothing,
            post(hooks::hook),
        )
        .open_to(Entry::Hook)
        .refuses(&[
            Why::Invalid,
            Why::Unauthorized,
            Why::NotFound,
            Why::TooLarge,
        ]),
        Route::get(
            "/api/v1/overview",
            "Shows everything at a glance",
            json::<Overview>(),
            get(overview),
        ),
        Route::get(
            "/api/v1/health",
            "Tells what keeps the daemon from its work, and what is wrong with declarations",
            json::<Health>(),
            get(health),
        ),
        Route::get(
            "/api/v1/events",
            "Tells whenever anything has changed: an event `change` each time",
            Gives::Events,
            get(stream::changes),
        )
        .refuses(&[Why::TooOften]),
    ]
}

/// Whether the daemon does its work, for those who may know no more.
#[derive(Debug, Serialize, JsonSchema)]
struct Pulse {
    /// Whether all is well.
    ok: bool,
    /// Whether it is about to end.
    is_draining: bool,
}

async fn pulse(State(door): State<Door>) -> Response {
    let health = door.desk.ask(|desk| Ok(desk.health())).await;
    match health {
        Ok(health) if health.ok => Json(Pulse {
            ok: true,
            is_draining: health.is_draining,
        })
        .into_response(),
        _ => Refused::new(Why::Unavailable, "the daemon does not do its work")
            .hint("`/api/v1/health` tells why to those who show the token")
            .into_response(),
    }
}

async fn health(State(door): State<Door>) -> Result<Json<Health>, Refused> {
    door.desk.ask(|desk| Ok(desk.health())).await.map(Json)
}

async fn overview(State(door): State<Door>) -> Result<Json<Overview>, Refused> {
    door.desk.ask(Desk::overview).await.map(Json)
}

async fn description() -> impl IntoResponse {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (StatusCode::OK, kind, describe().to_string())
}
