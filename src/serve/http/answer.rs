//! A refusal as HTTP: its status, and what and hint as JSON.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use schemars::JsonSchema;
use serde::Serialize;

use crate::serve::refused::{Refused, Why};

/// What a refusal looks like on the wire.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Wrong {
    /// What was not done.
    error: Told,
}

/// What was not done, and what to do about it.
#[derive(Debug, Serialize, JsonSchema)]
struct Told {
    /// The sort of refusal.
    why: Why,
    /// What was not done, in one line.
    what: String,
    /// What to do about it.
    hint: Option<String>,
}

impl Why {
    /// Returns the status that goes with it.
    pub(in crate::serve) fn status(self) -> StatusCode {
        match self {
            Self::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooOften => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Upstream => StatusCode::BAD_GATEWAY,
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = self.why.status();
        let error = Told {
            why: self.why,
            what: self.what,
            hint: self.hint,
        };
        let mut response = (status, Json(Wrong { error })).into_response();
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"duvoscript\"");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// Gives refusals of the router itself the form of all others.
pub(super) async fn tidy(response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_json = kind.is_some_and(|kind| kind == "application/json");
    let status = response.status();
    if is_json || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            Refused::new(Why::Method, "this is not done by that method")
        }
        StatusCode::NOT_FOUND => Refused::new(Why::NotFound, "there is nothing here"),
        StatusCode::PAYLOAD_TOO_LARGE => Refused::new(Why::TooLarge, "this is too large"),
        status if status.is_client_error() => {
            Refused::new(Why::Invalid, "the request cannot be read")
        }
        _ => Refused::new(Why::Failed, "the daemon failed at this"),
    }
    .hint("`/openapi.json` lists the routes")
    .into_response()
}
