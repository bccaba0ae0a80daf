//! Routes about schedules and their slots.

use axum::extract::{Path, State};
use axum::response::Json;
use axum::routing::{get, post};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::journal::{Fate, SlotFilter};
use crate::serve::desk::Desk;
use crate::serve::http::asked::{Asked, Sent};
use crate::serve::http::route::{Route, json};
use crate::serve::http::router::{BY, Door};
use crate::serve::refused::{Refused, Why};
use crate::serve::view::{ScheduleView, SlotView, Time};

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    let done = |path, summary, gives, does| {
        Route::post(path, summary, gives, does).refuses(&[Why::NotFound, Why::Conflict])
    };
    vec![
        Route::get(
            "/api/v1/schedules",
            "Lists schedules: as they are declared, how they stand, their last and next slots",
            json::<Vec<ScheduleView>>(),
            get(list),
        ),
        Route::get(
            "/api/v1/schedules/{name}",
            "Shows a schedule",
            json::<ScheduleView>(),
            get(show),
        )
        .refuses(&[Why::NotFound]),
        done(
            "/api/v1/schedules/{name}/trigger",
            "Fires a schedule now, whatever its plan says",
            json::<SlotView>(),
            post(trigger),
        ),
        done(
            "/api/v1/schedules/{name}/pause",
            "Keeps a schedule from firing",
            json::<ScheduleView>(),
            post(pause),
        )
        .takes::<Pause>(),
        done(
            "/api/v1/schedules/{name}/resume",
            "Lets a paused schedule fire again",
            json::<ScheduleView>(),
            post(resume),
        ),
        Route::get(
            "/api/v1/slots",
            "Lists slots with their fates, the newest first",
            json::<Vec<SlotView>>(),
            get(slots),
        )
        .asks::<Which>()
        .refuses(&[Why::Invalid]),
    ]
}

/// Which slots are listed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Which {
    /// Name of the schedule.
    schedule: Option<String>,
    /// At or after this time.
    #[schemars(with = "Option<Time>")]
    from: Option<Timestamp>,
    /// Before this time.
    #[schemars(with = "Option<Time>")]
    to: Option<Timestamp>,
    /// Fates, joined by commas.
    fate: Option<String>,
    /// At most so many; 100 unless given, 1000 at most.
    limit: Option<usize>,
}

/// A pause to begin.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Pause {
    /// Why.
    reason: String,
}

async fn list(State(door): State<Door>) -> Result<Json<Vec<ScheduleView>>, Refused> {
    door.desk.ask(Desk::schedules).await.map(Json)
}

async fn show(
    State(door): State<Door>,
    Path(name): Path<String>,
) -> Result<Json<ScheduleView>, Refused> {
    let schedule = door.desk.ask(move |desk| desk.schedule(&name)).await;
    schedule.map(Json)
}

async fn trigger(
    State(door): State<Door>,
    Path(name): Path<String>,
) -> Result<Json<SlotView>, Refused> {
    let trigger = move |desk: &Desk| desk.trigger(&name, Some(BY));
    door.desk.ask(trigger).await.map(Json)
}

async fn pause(
    State(door): State<Door>,
    Path(name): Path<String>,
    Sent(Pause { reason }): Sent<Pause>,
) -> Result<Json<ScheduleView>, Refused> {
    let pause = move |desk: &Desk| desk.pause(&name, reason, Some(BY.into()));
    door.desk.ask(pause).await.map(Json)
}

async fn resume(
    State(door): State<Door>,
    Path(name): Path<String>,
) -> Result<Json<ScheduleView>, Refused> {
    door.desk
        .ask(move |desk| desk.resume(&name))
        .await
        .map(Json)
}

async fn slots(
    State(door): State<Door>,
    Asked(which): Asked<Which>,
) -> Result<Json<Vec<SlotView>>, Refused> {
    let wanted = SlotFilter {
        schedule: which.schedule,
        from: which.from,
        to: which.to,
        fates: words(which.fate.as_deref(), "fate", Fate::from_name)?,
        limit: which.limit,
        ..SlotFilter::default()
    };
    door.desk
        .ask(move |desk| desk.slots(wanted))
        .await
        .map(Json)
}

/// Reads words that are joined by commas.
pub(super) fn words<T>(
    text: Option<&str>,
    name: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, Refused> {
    let words = text.into_iter().flat_map(|text| text.split(','));
    let words = words.filter(|word| !word.is_empty());
    words
        .map(|word| {
            let unknown = || Refused::new(Why::Invalid, format!("there is no {name} `{word}`"));
            read(word).ok_or_else(unknown)
        })
        .collect()
}
