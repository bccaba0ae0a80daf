//! Believes a successful answer, or does not: it must be JSON of the promised outline.
//!
//! The body is not parsed into values here, only walked over once: who needs the values parses
//! straight into their own kind.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, DATE};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use super::events;
use super::excerpt::excerpt;
use super::exchange::Raw;
use super::outline::{Outline, Seen, outline};
use crate::catalog::{Endpoint, Kind, NullMeans, Shape};
use crate::report::{Failure, FailureKind};

const JSON: &str = "application/json";

/// A successful answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// The HTTP status, a 2xx.
    pub status: u16,
    /// The media type, without parameters; empty when there is none.
    pub media: String,
    /// The server's id of the request.
    pub request_id: Option<String>,
    /// The server's time of day when it answered, to the second.
    pub date: Option<Timestamp>,
    /// The body: JSON of the promised outline where the catalog promises JSON, and empty where the
    /// server sent none.
    pub body: Bytes,
}

/// Judges a successful answer by its entry in the catalog.
pub(super) fn believe(endpoint: &Endpoint, raw: Raw) -> Result<Response, Failure> {
    let mut response = plain(raw);
    if endpoint.answer_media != JSON || response.body.is_empty() && !promises(endpoint, &response) {
        return Ok(response);
    }
    if response.body.is_empty() {
        return Err(distrust(&response, "is empty"));
    }
    let key = endpoint
        .list
        .filter(|key| *key != ".")
        .or(endpoint.resource);
    let outline = match outline(&response.body, key) {
        Ok(outline) => outline,
        Err(_) if !promises(endpoint, &response) && !is_free(endpoint) => {
            // Nothing is promised, and nothing that could be read has come.
            response.body.clear();
            return Ok(response);
        }
        Err(error) => return Err(distrust(&response, &format!("is not JSON ({error})"))),
    };
    check(endpoint, outline, key).map_err(|what| match what {
        Fault::Missing => missing(endpoint, &response),
        Fault::Other(what) => distrust(&response, &what),
    })?;
    Ok(response)
}

/// Returns whether an answer must have a body.
fn promises(endpoint: &Endpoint, response: &Response) -> bool {
    let is_something = |shape: Shape| !matches!(shape.kind, Kind::Any | Kind::Null);
    response.status != 204 && endpoint.answer.is_some_and(is_something)
}

fn is_free(endpoint: &Endpoint) -> bool {
    endpoint
        .answer
        .is_some_and(|shape| matches!(shape.kind, Kind::Any))
}

/// Takes an answer as it is; of a stream of events only the last one.
pub(super) fn plain(raw: Raw) -> Response {
    let mut response = Response {
        status: raw.status.as_u16(),
        media: media(&raw),
        request_id: raw.request_id(),
        date: date(&raw),
        body: raw.body,
    };
    if response.media == "text/event-stream" {
        response.body = events::last_data(&response.body);
        JSON.clone_into(&mut response.media);
    }
    response
}

/// Judges that an answer which calls itself JSON is JSON.
pub(super) fn check_json(response: &Response) -> Result<(), Failure> {
    let is_json = response.media.ends_with("json");
    if !is_json || response.body.is_empty() {
        return Ok(());
    }
    match outline(&response.body, None) {
        Ok(_) => Ok(()),
        Err(error) => Err(distrust(response, &format!("is not JSON ({error})"))),
    }
}

fn media(raw: &Raw) -> String {
    let value = raw
        .headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let media = value
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    media.trim().to_ascii_lowercase()
}

fn date(raw: &Raw) -> Option<Timestamp> {
    let text = raw.headers.get(DATE)?.to_str().ok()?;
    DateTimeParser::new().parse_timestamp(text).ok()
}

enum Fault {
    /// The thing that was asked for does not exist.
    Missing,
    Other(String),
}

/// The same judgement as [`crate::catalog::check_answer`], on an outline.
fn check(endpoint: &Endpoint, outline: Outline, key: Option<&str>) -> Result<(), Fault> {
    let is_missing = |kind| kind == Seen::Null && endpoint.null == NullMeans::Missing;
    let Some(key) = key else {
        return match (endpoint.list, outline.whole) {
            (Some(_), Seen::List) | (None, _) if !is_missing(outline.whole) => Ok(()),
            (Some(_), _) => Err(Fault::Other("is no list".into())),
            (None, _) => Err(Fault::Missing),
        };
    };
    match (outline.field, endpoint.list) {
        (None, _) => Err(Fault::Other(format!("lacks `{key}`"))),
        (Some(Seen::List), Some(_)) => Ok(()),
        (Some(_), Some(_)) => Err(Fault::Other(format!("holds no list in `{key}`"))),
        (Some(kind), None) if is_missing(kind) => Err(Fault::Missing),
        (Some(_), None) => Ok(()),
    }
}

fn missing(endpoint: &Endpoint, response: &Response) -> Failure {
    let what = endpoint.resource.unwrap_or("it");
    let message = format!("no such {what}: the server knows nothing of it any more");
    tell(Failure::new(FailureKind::NotFound, message), response)
}

/// Returns the failure of an answer that is not what the API promises, with its first bytes.
pub(super) fn distrust(response: &Response, what: &str) -> Failure {
    let media = if response.media.is_empty() {
        "no media type"
    } else {
        &response.media
    };
    let mut message = format!("the answer {what} ({media})");
    if !response.body.is_empty() {
        message = format!("{message}: `{}`", excerpt(&response.body));
    }
    tell(Failure::new(FailureKind::Protocol, message), response)
        .hint("a proxy may have answered in the server's place; or the API has changed")
}

fn tell(mut failure: Failure, response: &Response) -> Failure {
    failure.status = Some(response.status);
    failure.request_id.clone_from(&response.request_id);
    failure
}
