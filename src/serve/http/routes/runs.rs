//! Routes about runs.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::lists::words;
use crate::journal::{Order, RunFilter, RunState};
use crate::serve::desk::Signalled;
use crate::serve::http::asked::{Asked, Sent};
use crate::serve::http::route::{Gives, Route, json, shape};
use crate::serve::http::router::{BY, Door};
use crate::serve::http::stream;
use crate::serve::refused::{Refused, Why};
use crate::serve::view::{LineView, RunBrief, RunView, SourceView, StepView, Time};

/// How one run that is named can be refused.
const NAMED: [Why; 2] = [Why::NotFound, Why::Conflict];

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    let mut routes = of_all();
    routes.extend(to_look_at());
    routes.extend(to_do());
    routes
}

fn of_all() -> Vec<Route> {
    vec![
        Route::get(
            "/api/v1/runs",
            "Lists runs, the newest first",
            json::<Vec<RunBrief>>(),
            get(list),
        )
        .asks::<Which>()
        .refuses(&[Why::Invalid]),
        Route::post(
            "/api/v1/runs",
            "Begins a run of a script of the project",
            json::<RunBrief>(),
            post(start),
        )
        .takes::<Start>()
        .refuses(&[Why::NotFound]),
    ]
}

fn to_look_at() -> Vec<Route> {
    let shown = |path, summary, gives, does| Route::get(path, summary, gives, does).refuses(&NAMED);
    vec![
        shown(
            "/api/v1/runs/{run}",
            "Shows a run: by its id, the beginning of it, or `last`",
            json::<RunView>(),
            get(show),
        ),
        shown(
            "/api/v1/runs/{run}/steps",
            "Lists the steps of a run, with requests and answers; secrets are masked",
            json::<Vec<StepView>>(),
            get(steps),
        ),
        shown(
            "/api/v1/runs/{run}/lines",
            "Lists what a run printed and logged; as `text/event-stream` it is followed to the end",
            Gives::JsonOrEvents(shape::<Vec<LineView>>),
            get(lines),
        )
        .asks::<After>()
        .refuses(&[Why::Invalid, Why::TooOften]),
        shown(
            "/api/v1/runs/{run}/sources",
            "Lists the sources that a run was made of, the script's own first",
            json::<Vec<SourceView>>(),
            get(sources),
        ),
    ]
}

fn to_do() -> Vec<Route> {
    let done = |path, summary, gives, does| Route::post(path, summary, gives, does).refuses(&NAMED);
    vec![
        done(
            "/api/v1/runs/{run}/signals/{name}",
            "Sends a run a signal; of several with one name the first counts",
            json::<Signalled>(),
            post(signal),
        )
        .takes::<Signal>(),
        done(
            "/api/v1/runs/{run}/orders",
            "Cancels a run, pauses it, or resumes it",
            json::<RunBrief>(),
            post(order),
        )
        .takes::<Ordered>(),
        done(
            "/api/v1/runs/{run}/retry",
            "Begins a new run with the sources and arguments of another",
            json::<RunBrief>(),
            post(retry),
        ),
    ]
}

/// Which runs are listed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Which {
    /// States, joined by commas.
    state: Option<String>,
    /// A part of the script's name.
    script: Option<String>,
    /// Name of the schedule.
    schedule: Option<String>,
    /// Made at or after this time.
    #[schemars(with = "Option<Time>")]
    since: Option<Timestamp>,
    /// Made before this time.
    #[schemars(with = "Option<Time>")]
    until: Option<Timestamp>,
    /// At most so many; 100 unless given, 1000 at most.
    limit: Option<usize>,
    /// Id of the run that they follow: the last one of the page before.
    before: Option<String>,
}

/// Which lines are listed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct After {
    /// Number of the line that they follow.
    after: Option<u64>,
}

/// A run to begin.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Start {
    /// Path of the script in the project.
    script: String,
    /// Its arguments, as the command line would give them.
    #[serde(default)]
    arguments: BTreeMap<String, String>,
}

/// A signal to send.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Signal {
    /// Its value.
    value: Value,
}

/// An order to give.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Ordered {
    /// The order: `cancel`, `pause` or `resume`.
    order: String,
}

async fn list(
    State(door): State<Door>,
    Asked(which): Asked<Which>,
) -> Result<Json<Vec<RunBrief>>, Refused> {
    let states = words(which.state.as_deref(), "state", RunState::from_name)?;
    let wanted = RunFilter {
        states,
        script: which.script,
        schedule: which.schedule,
        since: which.since,
        until: which.until,
        limit: which.limit,
        before: which.before,
    };
    door.desk.ask(|desk| desk.runs(wanted)).await.map(Json)
}

async fn start(State(door): State<Door>, Sent(start): Sent<Start>) -> Result<Response, Refused> {
    let begin = move |desk: &crate::serve::Desk| desk.start(&start.script, &start.arguments);
    Ok((StatusCode::OK, Json(door.desk.ask(begin).await?)).into_response())
}

async fn show(State(door): State<Door>, Path(run): Path<String>) -> Result<Json<RunView>, Refused> {
    door.desk.ask(move |desk| desk.run(&run)).await.map(Json)
}

async fn steps(
    State(door): State<Door>,
    Path(run): Path<String>,
) -> Result<Json<Vec<StepView>>, Refused> {
    door.desk.ask(move |desk| desk.steps(&run)).await.map(Json)
}

async fn lines(
    State(door): State<Door>,
    Path(run): Path<String>,
    headers: HeaderMap,
    Asked(After { after }): Asked<After>,
) -> Result<Response, Refused> {
    if stream::is_wanted(&headers) {
        let after = stream::last_seen(&headers).or(after);
        return stream::lines(door, run, after).await;
    }
    let lines = door.desk.ask(move |desk| desk.lines(&run, after)).await?;
    Ok(Json(lines).into_response())
}

async fn sources(
    State(door): State<Door>,
    Path(run): Path<String>,
) -> Result<Json<Vec<SourceView>>, Refused> {
    let sources = door.desk.ask(move |desk| desk.sources(&run)).await;
    sources.map(Json)
}

async fn signal(
    State(door): State<Door>,
    Path((run, name)): Path<(String, String)>,
    Sent(Signal { value }): Sent<Signal>,
) -> Result<Json<Signalled>, Refused> {
    let send = move |desk: &crate::serve::Desk| desk.signal(&run, &name, &value, Some(BY.into()));
    door.desk.ask(send).await.map(Json)
}

async fn order(
    State(door): State<Door>,
    Path(run): Path<String>,
    Sent(Ordered { order }): Sent<Ordered>,
) -> Result<Json<RunBrief>, Refused> {
    let Some(order) = Order::from_name(&order) else {
        let orders = Order::ALL.map(Order::as_str).join(", ");
        let what = format!("there is no order `{order}`");
        return Err(Refused::new(Why::Invalid, what).hint(format!("the orders are {orders}")));
    };
    let give = move |desk: &crate::serve::Desk| desk.order(&run, order);
    door.desk.ask(give).await.map(Json)
}

async fn retry(
    State(door): State<Door>,
    Path(run): Path<String>,
) -> Result<Json<RunBrief>, Refused> {
    door.desk.ask(move |desk| desk.retry(&run)).await.map(Json)
}
