//! One request from its first byte to its answer.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::HeaderValue;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde_json::{Map, Value};
use tokio::sync::Notify;

use super::admission::{Admission, Rate};
use super::control;
use super::fault::{Faults, Rule, Trouble, distort};
use super::ledger::{Entry, Ledger, summary};
use super::received::{Body, Received};
use super::respond::{Answer, Broken, Payload, slow, truncated, whole};
use super::room::{Room, weight};
use super::routes::Routes;
use super::webhook::Post;
use crate::catalog::{Endpoint, Method, Repeat};
use crate::simulator::behaviour;
use crate::simulator::reply::{Content, Refusal};
use crate::simulator::request::Upload;
use crate::simulator::settings::Settings;
use crate::simulator::world::{Dice, World};

/// Bytes of a body at most; files in sandboxes may have 10 MB, and what is above shall be told so.
const MOST_BODY: usize = 16 * 1024 * 1024;

/// What all connections share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) settings: Settings,
    pub(super) routes: Routes,
    /// Told when something new is planned.
    pub(super) planned: Notify,
    pub(super) inner: Mutex<Inner>,
}

/// What changes.
#[derive(Debug)]
pub(super) struct Inner {
    pub(super) world: World,
    pub(super) admission: Admission,
    pub(super) ledger: Ledger,
    pub(super) faults: Faults,
    pub(super) post: Post,
    pub(super) room: Room,
    /// Chance of the callbacks, apart from the world's.
    pub(super) dice: Dice,
}

impl Shared {
    /// Locks what changes, and lets everything happen that is due.
    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.world.run_until(self.settings.clock.now());
        inner
    }

    /// Reads a whole body, within limits of size and time.
    pub(super) async fn collect(&self, body: Incoming, most: usize) -> Result<Bytes, Refusal> {
        let reading = Limited::new(body, most).collect();
        match tokio::time::timeout(self.settings.patience, reading).await {
            Ok(Ok(whole)) => Ok(whole.to_bytes()),
            Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(Refusal::new(
                &[413],
                "too_large",
                format!("the body has more than {most} bytes"),
            )),
            Ok(Err(_)) => Err(Refusal::invalid("the body broke off")),
            Err(_) => Err(Refusal::new(&[408], "timeout", "the body took too long")),
        }
    }

    /// Sends the callbacks that wait, and has the background look at what is planned.
    pub(super) fn settle(&self, inner: &mut Inner) {
        if !inner.world.outbox.is_empty() {
            let callbacks = std::mem::take(&mut inner.world.outbox);
            let how = self.settings.webhooks;
            inner.post.send(callbacks, how, &mut inner.dice);
        }
        if self.settings.background {
            self.planned.notify_one();
        }
    }
}

/// Serves one request; an error breaks the connection.
pub(super) async fn serve(
    shared: &Shared,
    request: http::Request<Incoming>,
) -> Result<http::Response<Payload>, Broken> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    if path.starts_with("/_sim/") {
        return Ok(control::serve(shared, parts, body).await);
    }
    // The methods of HTTP have large letters; `get` is another one, that nobody knows.
    let name = parts.method.as_str();
    let method = Method::of(name).filter(|method| method.as_str() == name);
    let found = method.and_then(|method| shared.routes.find(method, &path));
    let endpoint = found.as_ref().map(|(entry, _)| *entry);
    let rule = endpoint.and_then(|entry| strike(shared, entry));
    if rule
        .as_ref()
        .is_some_and(|rule| rule.kind == Trouble::ResetBefore)
    {
        return Err(Broken);
    }
    if let Some(rule) = rule.as_ref().filter(|rule| rule.kind == Trouble::Latency) {
        shared
            .settings
            .clock
            .sleep(Duration::from_millis(rule.milliseconds))
            .await;
    }
    let header = |name: &str| {
        parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    let params = found.map_or_else(Vec::new, |(_, params)| {
        params.into_iter().map(str::to_owned).collect()
    });
    let received = Received {
        method: method.unwrap_or(Method::Get),
        query: parts.uri.query().unwrap_or_default().into(),
        key: header("authorization"),
        idempotency_key: header("idempotency-key"),
        endpoint,
        params,
        body: read_body(shared, body, header("content-type"), endpoint).await,
        path,
    };
    let done = process(shared, &received, rule.as_ref());
    let mut response = spoil(done, endpoint, rule.as_ref())?;
    date(shared.settings.clock.now(), &mut response);
    Ok(response)
}

/// Tells the simulated time, as a server tells its own; clients compare it with theirs.
fn date(now: Timestamp, response: &mut http::Response<Payload>) {
    let text = DateTimePrinter::new().timestamp_to_rfc9110_string(&now);
    let value = text.ok().and_then(|text| HeaderValue::from_str(&text).ok());
    if let Some(value) = value {
        response.headers_mut().insert(http::header::DATE, value);
    }
}

fn strike(shared: &Shared, endpoint: &Endpoint) -> Option<Rule> {
    let mut inner = shared.inner.lock().unwrap_or_else(PoisonError::into_inner);
    inner.faults.strike(endpoint.name)
}

async fn read_body(
    shared: &Shared,
    body: Incoming,
    media: Option<String>,
    endpoint: Option<&'static Endpoint>,
) -> Body {
    let bytes = match shared.collect(body, MOST_BODY).await {
        Ok(bytes) => bytes,
        Err(refusal) => return Body::Broken(refusal),
    };
    let wants_form = endpoint.is_some_and(|entry| entry.body_media.starts_with("multipart/"));
    let boundary = media
        .as_deref()
        .and_then(|media| multer::parse_boundary(media).ok());
    match boundary.filter(|_| wants_form) {
        Some(boundary) => read_form(bytes, boundary).await,
        None => Body::Bytes(bytes),
    }
}

/// Reads a form: the one file under any name, and texts.
async fn read_form(bytes: Bytes, boundary: String) -> Body {
    let whole = futures_util::stream::iter([Ok::<_, Broken>(bytes)]);
    let mut form = multer::Multipart::new(whole, boundary);
    let (mut fields, mut upload) = (Map::new(), None);
    loop {
        let part = match form.next_field().await {
            Ok(Some(part)) => part,
            Ok(None) => break,
            Err(_) => return Body::Broken(Refusal::invalid("the body is no multipart form")),
        };
        let (name, file) = (
            part.name().unwrap_or_default().to_owned(),
            part.file_name().map(str::to_owned),
        );
        let is_file = file.is_some() || part.content_type().is_some();
        let Ok(content) = part.bytes().await else {
            return Body::Broken(Refusal::invalid("a part of the form broke off"));
        };
        match String::from_utf8(content.to_vec()) {
            Ok(text) if !is_file && name != "file" => drop(fields.insert(name, text.into())),
            _ if upload.is_some() => {
                return Body::Broken(Refusal::invalid("the form holds more than one file"));
            }
            _ => {
                upload = Some(Upload {
                    name: file,
                    bytes: content,
                });
            }
        }
    }
    if let Some(upload) = &upload {
        fields.insert(
            "file".into(),
            upload.name.clone().unwrap_or_default().into(),
        );
    }
    Body::Form(fields, upload)
}

/// An answer with what its headers need.
struct Done {
    answer: Answer,
    request_id: String,
    rate: Option<Rate>,
}

fn process(shared: &Shared, received: &Received, rule: Option<&Rule>) -> Done {
    let mut guard = shared.lock();
    let inner = &mut *guard;
    let request_id = format!("req_{}", inner.world.dice.token());
    let (answer, rate, is_replayed) = admit(shared, inner, received, rule);
    let is_mutation = received
        .endpoint
        .is_some_and(|entry| entry.repeat != Repeat::Read);
    if is_mutation {
        note(inner, received, (&answer, is_replayed), &request_id, rule);
    }
    shared.settle(inner);
    Done {
        answer,
        request_id,
        rate,
    }
}

/// Answers a request; tells the rate, and whether the answer is one given before.
fn admit(
    shared: &Shared,
    inner: &mut Inner,
    received: &Received,
    rule: Option<&Rule>,
) -> (Answer, Option<Rate>, bool) {
    let endpoint = received.endpoint;
    let refused = |refusal: Refusal| Answer::of(Err(refusal), endpoint);
    if !has_key(received, &inner.world.key) {
        let refusal = Refusal::new(&[401], "invalid_token", "the API key is missing or wrong");
        return (refused(refusal), None, false);
    }
    let now = inner.world.now;
    let mut rate = inner.admission.count(shared.settings.rate_limit, now);
    if let Some(rule) = rule.filter(|rule| rule.kind == Trouble::RateLimited) {
        rate.retry_after = i64::try_from(rule.retry_after).ok();
    }
    if rate.retry_after.is_some() {
        let refusal = Refusal::new(
            &[429],
            "rate_limited",
            "too many requests; see `retry-after`",
        );
        return (refused(refusal), Some(rate), false);
    }
    if let Some(rule) = rule.filter(|rule| rule.kind == Trouble::Error) {
        let envelope =
            Refusal::new(&[], "internal_error", "a simulated failure").envelope(endpoint);
        return (
            Answer {
                status: rule.status,
                content: Content::Json(envelope),
            },
            Some(rate),
            false,
        );
    }
    let Some(entry) = endpoint else {
        let refusal = Refusal::new(
            &[404],
            "not_found",
            format!("no endpoint {} {}", received.method.as_str(), received.path),
        );
        return (refused(refusal), Some(rate), false);
    };
    let (answer, is_replayed) = answer(shared, inner, received, entry);
    (answer, Some(rate), is_replayed)
}

/// Has the world answer a request that was admitted; tells whether the answer is one given before.
fn answer(
    shared: &Shared,
    inner: &mut Inner,
    received: &Received,
    entry: &'static Endpoint,
) -> (Answer, bool) {
    let refused = |refusal: Refusal| Answer::of(Err(refusal), Some(entry));
    let now = inner.world.now;
    let is_mutation = entry.repeat != Repeat::Read;
    let remembers = shared.settings.idempotency && is_mutation;
    if remembers {
        match inner.admission.recall(received, now) {
            Ok(None) => {}
            Ok(Some(answer)) => return (answer, true),
            Err(refusal) => return (refused(refusal), false),
        }
    }
    let outcome = inner
        .room
        .check(entry)
        .and_then(|()| received.check(entry))
        .and_then(|request| behaviour::answer(&mut inner.world, &request));
    let answer = Answer::of(outcome, Some(entry));
    if is_mutation && answer.status < 300 {
        let weight = weight(received, &answer);
        inner.room.took(weight, &inner.world);
        if remembers {
            inner.admission.remember(received, &answer, weight, now);
        }
    }
    (answer, false)
}

fn has_key(received: &Received, key: &str) -> bool {
    let given = received
        .key
        .as_deref()
        .and_then(|header| header.split_once(' '));
    given
        .is_some_and(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer") && token.trim() == key)
}

fn note(
    inner: &mut Inner,
    received: &Received,
    (answer, replayed): (&Answer, bool),
    request_id: &str,
    rule: Option<&Rule>,
) {
    let effects = std::mem::take(&mut inner.world.effects);
    inner.ledger.add(Entry {
        number: 0,
        at: inner.world.now,
        request_id: request_id.into(),
        idempotency_key: received.idempotency_key.clone(),
        endpoint: received.endpoint.map_or("", |entry| entry.name).into(),
        method: received.method.as_str(),
        path: received.path.clone(),
        body: summary(received.written_body()),
        status: answer.status,
        effects: if answer.status < 400 {
            effects
        } else {
            Vec::new()
        },
        replayed,
        fault: rule.map(|rule| rule.kind.as_str()),
    });
}

/// Does to a finished answer what the rule says.
fn spoil(
    mut done: Done,
    endpoint: Option<&'static Endpoint>,
    rule: Option<&Rule>,
) -> Result<http::Response<Payload>, Broken> {
    if let (Some(rule), Some(entry), Content::Json(value)) =
        (rule, endpoint, &mut done.answer.content)
        && done.answer.status < 300
    {
        distort(rule.kind, entry, value);
    }
    let response = done.answer.into_http(&done.request_id, done.rate);
    match rule.map(|rule| (rule.kind, rule.milliseconds)) {
        Some((Trouble::ResetAfter, _)) => Err(Broken),
        Some((Trouble::Truncate, _)) => Ok(with_length(response, |bytes| truncated(&bytes))),
        Some((Trouble::Slow, milliseconds)) => Ok(with_length(response, |bytes| {
            slow(bytes, Duration::from_millis(milliseconds))
        })),
        _ => Ok(response),
    }
}

/// Replaces a body by another way of sending it, under the length of the whole.
fn with_length(
    response: http::Response<Payload>,
    body: impl FnOnce(Bytes) -> Payload,
) -> http::Response<Payload> {
    let (mut parts, payload) = response.into_parts();
    let bytes = now(payload);
    parts
        .headers
        .insert(http::header::CONTENT_LENGTH, bytes.len().into());
    http::Response::from_parts(parts, body(bytes))
}

/// Takes the bytes out of a body that is there as a whole.
fn now(payload: Payload) -> Bytes {
    use futures_util::FutureExt as _;
    let collected = payload.collect().now_or_never();
    collected
        .and_then(Result::ok)
        .map_or_else(Bytes::new, http_body_util::Collected::to_bytes)
}

/// Returns a JSON answer of the control routes.
pub(super) fn plain(status: u16, value: &Value) -> http::Response<Payload> {
    let mut bytes = BytesMut::new();
    bytes.extend_from_slice(value.to_string().as_bytes());
    let builder = http::Response::builder()
        .status(status)
        .header("content-type", "application/json");
    builder.body(whole(bytes.freeze())).unwrap_or_default()
}
