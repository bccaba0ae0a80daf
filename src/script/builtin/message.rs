//! What goes into an HTTP request, and what is made of an answer.
//!
//! Faults name only the host of a URL: the rest of it may be a secret.

use std::collections::BTreeMap;

use ::http::{HeaderName, HeaderValue};
use rhai::{Array, Blob, Dynamic, Map};
use url::Url;

use super::arguments::{as_text, kind, plain};
use crate::report::{Failure, FailureKind};
use crate::script::json;

/// Returns an address with a query added to it.
pub(super) fn address(text: &str, query: Option<Map>) -> Result<Url, String> {
    let mut url = Url::parse(text).map_err(|fault| format!("`url` is no address: {fault}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!(
            "`url` must start with `https://`, not `{}:`",
            url.scheme()
        ));
    }
    for (key, value) in query.unwrap_or_default() {
        let values = match value.read_lock::<Array>() {
            Some(values) => values.clone(),
            None if value.is_unit() => continue,
            None => vec![value.clone()],
        };
        for value in values {
            let value = plain(&value).ok_or_else(|| {
                format!(
                    "`query.{key}` is {}: it must be text or a number",
                    kind(&value)
                )
            })?;
            url.query_pairs_mut().append_pair(&key, &value);
        }
    }
    Ok(url)
}

/// Returns headers by their names in lower case; they must be such that they can be sent.
pub(super) fn headers(given: Option<Map>) -> Result<BTreeMap<String, String>, String> {
    let mut headers = BTreeMap::new();
    for (name, value) in given.unwrap_or_default() {
        let text = plain(&value).ok_or_else(|| {
            format!(
                "`headers.{name}` is {}: it must be text or a number",
                kind(&value)
            )
        })?;
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| format!("`{name}` is no name of a header"))?;
        if HeaderValue::from_str(&text).is_err() {
            return Err(format!(
                "the header `{name}` has characters that headers cannot hold"
            ));
        }
        headers.insert(name.as_str().to_owned(), text.into());
    }
    Ok(headers)
}

/// Returns a body and its media type.
pub(super) fn encode(body: &Dynamic) -> Result<(&'static str, Vec<u8>), String> {
    if let Some(blob) = body.read_lock::<Blob>() {
        return Ok(("application/octet-stream", blob.clone()));
    }
    if let Some(text) = as_text(body) {
        return Ok(("text/plain; charset=utf-8", text.as_bytes().to_vec()));
    }
    let json = json::to_value(body).map_err(|fault| format!("`body`: {fault}"))?;
    Ok(("application/json", json.to_string().into_bytes()))
}

/// Returns the body of an answer that says it is JSON, and is.
pub(super) fn parsed(answer: &Map) -> Option<Dynamic> {
    let headers = answer.get("headers")?.read_lock::<Map>()?;
    let named = |name: &str| name.eq_ignore_ascii_case("content-type");
    let (_, content_type) = headers.iter().find(|(name, _)| named(name))?;
    let content_type = as_text(content_type)?.to_lowercase();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let is_json = essence == "application/json" || essence.ends_with("+json");
    let body = as_text(answer.get("body")?)?;
    is_json
        .then(|| json::decode(body.as_bytes()).ok())
        .flatten()
}

/// Returns the failure that a status stands for, unless it is a success.
pub(super) fn expect_success(answer: &Map, url: &Url) -> Result<(), Failure> {
    let status = answer.get("status").and_then(|status| status.as_int().ok());
    let status = u16::try_from(status.unwrap_or(0)).unwrap_or(0);
    let kind = match status {
        200..=299 => return Ok(()),
        401 => FailureKind::Auth,
        403 => FailureKind::Permission,
        404 | 410 => FailureKind::NotFound,
        409 => FailureKind::Conflict,
        429 => FailureKind::RateLimited,
        408 | 504 => FailureKind::Timeout,
        500.. => FailureKind::Unavailable,
        400..=499 => FailureKind::Invalid,
        _ => FailureKind::Protocol,
    };
    let body = answer.get("body").and_then(as_text).unwrap_or_default();
    let shown: String = body.chars().take(200).collect();
    let host = url.host_str().unwrap_or_default();
    let mut failure = Failure::new(kind, format!("`{host}` answered `{shown}`"));
    failure.status = Some(status);
    failure.retryable = matches!(status, 408 | 429 | 500..);
    Err(failure)
}
