//! A refusal as HTTP: its status, and what and hint as JSON.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use schemars::JsonSchema;
use serde::Serialize;

use crate::serve::refused::{Refused, Why};

/// What a refusal looks like on the wire.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::serve) struct Wrong {
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
        let error = Told {
            why: self.why,
            what: self.what,
            hint: self.hint,
        };
        (self.why.status(), Json(Wrong { error })).into_response()
    }
}
