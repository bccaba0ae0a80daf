//! Who comes, and with what: the session of a request, and forms that prove to be ours. And the
//! headers that let a browser trust nothing but this page.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{self, HeaderName};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

use super::frame;
use super::gate::Session;
use super::router::Page;
use crate::serve::refused::{Refused, Why};

/// Name of the session's cookie.
pub(super) const COOKIE: &str = "duvoscript_session";
/// The field in which a form proves that it is ours.
pub(super) const PROOF: &str = "proof";
/// The most bytes of a form.
const MOST: usize = 256 * 1024;

/// What browsers are told with every answer. A form of another site is refused by its missing proof,
/// and the origin is sent along so that the daemon can look at it, too.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
         connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=()",
    ),
];

/// Somebody with a session.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    pub(super) session: Session,
    /// What their forms carry.
    pub(super) proof: String,
}

impl FromRequestParts<Page> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, page: &Page) -> Result<Self, Response> {
        let cookies = parts.headers.get_all(header::COOKIE);
        let session = cookies
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, _)| *name == COOKIE)
            .find_map(|(_, cookie)| page.gate.session(cookie));
        match session {
            Some(session) => Ok(Self {
                proof: page.gate.proof(&session),
                session,
            }),
            None if parts.method == Method::GET => {
                let target = parts
                    .uri
                    .path_and_query()
                    .map_or("/", |target| target.as_str());
                Err(Redirect::to(&super::words::login(target)).into_response())
            }
            None => Err(Redirect::to("/login").into_response()),
        }
    }
}

/// A form that somebody has sent, and that was made for their session.
#[derive(Debug)]
pub(super) struct Posted {
    pub(super) visitor: Visitor,
    pub(super) fields: Fields,
}

impl FromRequest<Page> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, page: &Page) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, page).await?;
        let fields = Fields::read(body).await;
        let ours = |fields: &Fields| {
            let proof = fields.get(PROOF).unwrap_or_default();
            page.gate.is_ours(&visitor.session, proof)
        };
        let refused = match fields {
            Ok(fields) if ours(&fields) => return Ok(Self { visitor, fields }),
            Ok(_) => Refused::new(Why::Forbidden, "this form was not made for your session")
                .hint("go back, load the page again, and send it once more"),
            Err(refused) => refused,
        };
        Err(frame::refusal(Some(&visitor), &refused))
    }
}

/// The fields of a form, in their order.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads a form.
    pub(super) async fn read(body: axum::body::Body) -> Result<Self, Refused> {
        let bytes = axum::body::to_bytes(body, MOST).await;
        let bytes = bytes.map_err(|_| Refused::new(Why::TooLarge, "the form is too large"))?;
        let pairs = url::form_urlencoded::parse(&bytes).into_owned();
        Ok(Self(pairs.collect()))
    }

    /// Returns the first value of a field.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Returns all values of a field.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let of_name = self.0.iter().filter(move |(field, _)| field == name);
        of_name.map(|(_, value)| value.as_str())
    }

    /// Returns a field's value without the space around it; none when nothing is left.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let text = self.get(name)?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }
}

/// Adds the headers that guard the page.
pub(super) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}
