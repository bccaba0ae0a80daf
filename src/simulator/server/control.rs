//! The routes under `/_sim/`: signed files, pages that people open, and the control of the simulator.
//!
//! They need no key, for they exist on loopback only, and in the simulator only.

use std::time::Duration;

use http::request::Parts;
use hyper::body::Incoming;
use serde::Deserialize;
use serde_json::{Value, json};

use super::fault::Rule;
use super::ledger::Entry;
use super::respond::{Answer, Payload, whole};
use super::serve::{Inner, Shared, plain};
use super::start;
use crate::simulator::behaviour::{connections, files};
use crate::simulator::reply::Refusal;
use crate::simulator::world::World;

/// Bytes that may be put at a signed address at most.
const MOST_UPLOAD: usize = 128 * 1024 * 1024;
/// Bytes of a saved state at most.
const MOST_STATE: usize = 512 * 1024 * 1024;

/// How far the clock moves in one go: all that happens in that time must happen before the answer.
const MOST_TIME: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// Serves a request to `/_sim/…`.
pub(super) async fn serve(
    shared: &Shared,
    parts: Parts,
    body: Incoming,
) -> http::Response<Payload> {
    let path = parts.uri.path().trim_start_matches("/_sim/").to_owned();
    let (name, rest) = path.split_once('/').unwrap_or((&path, ""));
    let outcome = match (parts.method.as_str(), name) {
        ("PUT" | "POST", "blob") => put(shared, &parts, rest, body).await,
        ("GET", "blob") => get(shared, rest),
        ("GET", "oauth") => authorize(shared, rest),
        ("GET", "ledger") => Ok(ledger(shared, parts.uri.query().unwrap_or_default())),
        ("GET", "clock") => Ok(plain(200, &json!({ "now": shared.lock().world.now }))),
        ("POST", "clock") => advance(shared, body).await,
        ("POST", "reset") => Ok(reset(shared)),
        ("GET", "state") => save(shared),
        ("PUT" | "POST", "state") => load(shared, body).await,
        ("GET", "faults") => Ok(faults(&shared.lock())),
        ("POST", "faults") => add_faults(shared, body).await,
        ("DELETE", "faults") => {
            let mut inner = shared.lock();
            inner.faults.clear();
            Ok(faults(&inner))
        }
        _ => Err(Refusal::new(
            &[404],
            "not_found",
            format!("the simulator has no `/_sim/{path}` for {}", parts.method),
        )),
    };
    outcome.unwrap_or_else(|refusal| Answer::of(Err(refusal), None).into_http("req_sim", None))
}

type Outcome = Result<http::Response<Payload>, Refusal>;

async fn put(shared: &Shared, parts: &Parts, token: &str, body: Incoming) -> Outcome {
    let bytes = shared.collect(body, MOST_UPLOAD).await?;
    let header = |name: &str| {
        parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let media = header("content-type").map(str::to_owned);
    let mut guard = shared.lock();
    let inner = &mut *guard;
    let size = bytes.len();
    let outcome = files::upload(&mut inner.world, token, media.as_deref(), bytes);
    let status = outcome
        .as_ref()
        .map_or_else(|refusal| refusal.status(None), |()| 200);
    let effects = std::mem::take(&mut inner.world.effects);
    inner.ledger.add(Entry {
        number: 0,
        at: inner.world.now,
        request_id: format!("req_{}", inner.world.dice.token()),
        idempotency_key: None,
        endpoint: "blob.upload".into(),
        method: "PUT",
        path: parts.uri.path().into(),
        body: super::ledger::summary(json!({ "bytes": size, "content_type": media })),
        status,
        effects,
        replayed: false,
        fault: None,
    });
    outcome.map(|()| plain(200, &json!({ "success": true })))
}

fn get(shared: &Shared, token: &str) -> Outcome {
    let (media, bytes) = files::download(&shared.lock().world, token)?;
    let builder = http::Response::builder().header("content-type", media);
    Ok(builder.body(whole(bytes)).unwrap_or_default())
}

/// The page that a person opens to authorise a connection: opening it is consent enough.
fn authorize(shared: &Shared, token: &str) -> Outcome {
    let mut inner = shared.lock();
    let next = connections::authorize(&mut inner.world, token)?;
    let mut builder = http::Response::builder().header("content-type", "text/html; charset=utf-8");
    if let Some(url) = next.filter(|url| url::Url::parse(url).is_ok()) {
        builder = builder.status(303).header("location", url);
    }
    let page = "<!doctype html><title>Connected</title><p>The connection is authorised. You may close this page.</p>";
    Ok(builder.body(whole(page.into())).unwrap_or_default())
}

fn ledger(shared: &Shared, query: &str) -> http::Response<Payload> {
    let asked = |wanted: &str| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.into_owned())
    };
    let since = asked("since")
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    let inner = shared.lock();
    let entries = inner.ledger.since(since, asked("endpoint").as_deref());
    plain(
        200,
        &json!({ "entries": entries, "dropped": inner.ledger.dropped() }),
    )
}

async fn body_of<T: serde::de::DeserializeOwned>(
    shared: &Shared,
    body: Incoming,
    most: usize,
) -> Result<T, Refusal> {
    let bytes = shared.collect(body, most).await?;
    serde_json::from_slice(&bytes).map_err(|error| Refusal::invalid(error.to_string()))
}

/// How far the clock shall move.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: f64,
}

async fn advance(shared: &Shared, body: Incoming) -> Outcome {
    let Advance { seconds } = body_of(shared, body, 1024).await?;
    let hand = shared.settings.hand.as_ref();
    let hand = hand.ok_or_else(|| Refusal::new(&[409], "conflict", "this clock goes by itself"))?;
    let by = Duration::try_from_secs_f64(seconds).ok();
    let by = by.filter(|by| *by <= MOST_TIME).ok_or_else(|| {
        let most = MOST_TIME.as_secs();
        Refusal::invalid(format!("`seconds` must be from 0 to {most}"))
    })?;
    hand.advance(by);
    let mut guard = shared.lock();
    let inner = &mut *guard;
    shared.settle(inner);
    Ok(plain(200, &json!({ "now": inner.world.now })))
}

fn reset(shared: &Shared) -> http::Response<Payload> {
    let mut inner = shared.lock();
    let base = std::mem::take(&mut inner.world.base);
    *inner = start::fresh(&shared.settings, base);
    plain(200, &json!({ "success": true, "key": inner.world.key }))
}

fn save(shared: &Shared) -> Outcome {
    let inner = shared.lock();
    let saved = serde_json::to_vec(&inner.world);
    let saved = saved.map_err(|error| Refusal::new(&[500], "internal_error", error.to_string()))?;
    let builder = http::Response::builder().header("content-type", "application/json");
    Ok(builder.body(whole(saved.into())).unwrap_or_default())
}

async fn load(shared: &Shared, body: Incoming) -> Outcome {
    let mut world: World = body_of(shared, body, MOST_STATE).await?;
    let mut guard = shared.lock();
    let inner = &mut *guard;
    // Whoever uses this simulator goes on with its address and its key.
    world.base = std::mem::take(&mut inner.world.base);
    world.key = std::mem::take(&mut inner.world.key);
    world.scenario = std::sync::Arc::clone(&inner.world.scenario);
    world.deprecated = inner.world.deprecated;
    inner.world = world;
    inner.room.forget();
    shared.settle(inner);
    Ok(plain(
        200,
        &json!({ "success": true, "now": inner.world.now }),
    ))
}

fn faults(inner: &Inner) -> http::Response<Payload> {
    plain(200, &json!({ "rules": inner.faults.rules() }))
}

/// One rule, or a list of them.
async fn add_faults(shared: &Shared, body: Incoming) -> Outcome {
    let given: Value = body_of(shared, body, 1024 * 1024).await?;
    let list = if given.is_array() {
        given
    } else {
        json!([given])
    };
    let rules: Vec<Rule> =
        serde_json::from_value(list).map_err(|error| Refusal::invalid(error.to_string()))?;
    rules
        .iter()
        .try_for_each(Rule::check)
        .map_err(Refusal::invalid)?;
    let mut inner = shared.lock();
    inner.faults.add(rules);
    Ok(faults(&inner))
}
