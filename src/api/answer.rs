//! Believes a successful answer, or does not: it must be JSON of the promised outline.
//!
//! The body is not parsed into values here, only walked over once: who needs the values parses
//! straight into their own kind.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::events;
use super::exchange::Raw;
use crate::catalog::{self, Endpoint, Kind, NullMeans, Shape};
use crate::report::{Failure, FailureKind};
use crate::secret;

/// How many bytes of an answer that cannot be believed are shown.
const SHOWN: usize = 200;
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

enum Fault {
    /// The thing that was asked for does not exist.
    Missing,
    Other(String),
}

/// The same judgement as [`catalog::check_answer`], on an outline.
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

/// Returns the first bytes of a body in one line of printable characters, with secrets masked.
pub(super) fn excerpt(body: &[u8]) -> String {
    if let Ok(mut value) = serde_json::from_slice(body) {
        secret::mask(&mut value, &catalog::is_secret);
        return shorten(value.to_string().as_bytes());
    }
    let start = shorten(body);
    // It cannot be parsed, so nothing can be masked in it.
    if start.split(['"', '\\']).any(catalog::is_secret) {
        return "(not shown: it may hold a secret)".into();
    }
    start
}

fn shorten(body: &[u8]) -> String {
    let start = &body[..body.len().min(SHOWN)];
    let mut text: String = start
        .utf8_chunks()
        .flat_map(|chunk| {
            let bytes = chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}"));
            let chars = chunk.valid().chars().map(printable);
            chars.chain(bytes).collect::<Vec<_>>()
        })
        .collect();
    if body.len() > SHOWN {
        text.push('…');
    }
    text
}

fn printable(character: char) -> String {
    if character.is_control() {
        character.escape_default().to_string()
    } else {
        character.to_string()
    }
}

/// What a JSON value is, from afar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Null,
    List,
    Object,
    Scalar,
}

/// What a whole body is, and the field that was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Outline {
    whole: Seen,
    field: Option<Seen>,
}

/// Walks over a whole body, proving it to be JSON, and looks at one field of its top level.
fn outline(body: &[u8], key: Option<&str>) -> Result<Outline, serde_json::Error> {
    // Skipped texts are not checked by the parser.
    let text = std::str::from_utf8(body).map_err(Error::custom)?;
    let mut parser = serde_json::Deserializer::from_str(text);
    let outline = Look(key).deserialize(&mut parser)?;
    parser.end()?;
    Ok(outline)
}

struct Look<'a>(Option<&'a str>);

impl<'de> DeserializeSeed<'de> for Look<'_> {
    type Value = Outline;

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<Outline, D::Error> {
        parser.deserialize_any(self)
    }
}

impl From<Seen> for Outline {
    fn from(whole: Seen) -> Self {
        Self { whole, field: None }
    }
}

impl<'de> Visitor<'de> for Look<'_> {
    type Value = Outline;

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Outline, E> {
        Ok(Seen::Null.into())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Outline, E> {
        Ok(Seen::Scalar.into())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Outline, E> {
        Ok(Seen::Scalar.into())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Outline, E> {
        Ok(Seen::Scalar.into())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Outline, E> {
        Ok(Seen::Scalar.into())
    }

    fn visit_str<E>(self, _: &str) -> Result<Outline, E> {
        Ok(Seen::Scalar.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Outline, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Seen::List.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Outline, A::Error> {
        let mut field = None;
        while let Some(is_wanted) = fields.next_key_seed(Is(self.0))? {
            if is_wanted {
                field = Some(fields.next_value_seed(Look(None))?.whole);
            } else {
                fields.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Outline {
            whole: Seen::Object,
            field,
        })
    }
}

/// Compares a key without keeping it.
struct Is<'a>(Option<&'a str>);

impl<'de> DeserializeSeed<'de> for Is<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<bool, D::Error> {
        parser.deserialize_str(self)
    }
}

impl Visitor<'_> for Is<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<bool, E> {
        Ok(self.0 == Some(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(body: &str) -> Option<Outline> {
        outline(body.as_bytes(), Some("run")).ok()
    }

    #[test]
    fn sees_the_outline_and_nothing_more() {
        let of = |whole, field| Some(Outline { whole, field });
        assert_eq!(
            look(r#"{"a":[1],"run":{"x":[]}}"#),
            of(Seen::Object, Some(Seen::Object))
        );
        assert_eq!(
            look(r#"{"r\u0075n":null}"#),
            of(Seen::Object, Some(Seen::Null))
        );
        assert_eq!(
            look(r#"{"run":[1,2]} "#),
            of(Seen::Object, Some(Seen::List))
        );
        assert_eq!(look(r#"{"a":{"run":1}}"#), of(Seen::Object, None));
        assert_eq!(look("[]"), of(Seen::List, None));
        assert_eq!(look("null"), of(Seen::Null, None));
        assert_eq!(look("-1.5e3"), of(Seen::Scalar, None));
        for broken in [
            "",
            "{",
            "{}x",
            r#"{"run":}"#,
            "<html>",
            "{\"a\":1,}",
            "[1 2]",
        ] {
            assert_eq!(look(broken), None, "{broken}");
        }
        assert!(outline(b"{\"a\":\"\xff\"}", None).is_err());
    }

    #[test]
    fn deep_nesting_is_no_danger() {
        let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
        assert!(outline(deep.as_bytes(), None).is_ok());
        assert!(excerpt(deep.as_bytes()).starts_with("[[["));
    }

    #[test]
    fn an_excerpt_is_short_printable_and_without_secrets() {
        assert_eq!(
            excerpt(b"a\nb\x00\xff\x1b[31m"),
            "a\\nb\\u{0}\\xff\\u{1b}[31m"
        );
        assert_eq!(excerpt(&[b'x'; 300]).chars().count(), SHOWN + 1);
        let name = catalog::endpoints()
            .flat_map(crate::catalog::Endpoint::given_fields)
            .map(|field| field.name)
            .find(|name| catalog::is_secret(name));
        let Some(name) = name else { return };
        let body = format!(r#"{{"{name}":"hunter2"}}"#);
        assert!(!excerpt(body.as_bytes()).contains("hunter2"));
        assert!(!excerpt(&body.as_bytes()[..body.len() - 1]).contains("hunter2"));
    }
}
