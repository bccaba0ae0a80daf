//! Reads what was asked and sent; what cannot be read is refused with the place of the fault.

use std::time::Duration;

use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::serve::refused::{Refused, Why};

/// The most that is sent at once, in bytes.
pub(super) const LARGEST: usize = 256 << 10;
/// How long a body may take to come.
const SLOWEST: Duration = Duration::from_secs(10);

/// What stands behind the `?`.
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        let read = Query::try_from_uri(&parts.uri);
        let Query(asked) = read.map_err(|fault| {
            let what = format!("the query cannot be read: {}", fault.body_text());
            Refused::new(Why::Invalid, what)
        })?;
        Ok(Self(asked))
    }
}

/// What was sent, as JSON.
pub(super) struct Sent<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Sent<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        // A form of another site cannot send this type without being asked about it first.
        let is_json = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
        if !is_json {
            let refused = Refused::new(Why::Invalid, "what is sent must be JSON");
            return Err(refused.hint("set `Content-Type: application/json`"));
        }
        let body = whole(request, state).await?;
        let read = serde_json::from_slice(&body).map_err(|fault| {
            let what = format!("what was sent cannot be read: {fault}");
            Refused::new(Why::Invalid, what).hint("`/openapi.json` tells what is taken")
        });
        read.map(Self)
    }
}

/// Reads a whole body within its limits.
pub(super) async fn whole<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Refused> {
    let read = tokio::time::timeout(SLOWEST, Bytes::from_request(request, state)).await;
    let Ok(read) = read else {
        let what = format!("what is sent did not come within {SLOWEST:?}");
        return Err(Refused::new(Why::Invalid, what));
    };
    read.map_err(|fault| match fault.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refused::new(
            Why::TooLarge,
            format!("no more than {LARGEST} bytes are read"),
        ),
        _ => Refused::new(Why::Invalid, "what is sent broke off"),
    })
}
