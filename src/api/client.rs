//! The client: the one way to the API, cheap to clone, with one budget and one set of connections.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use http::HeaderValue;
use serde_json::Value;
use url::Url;

use super::answer::{Response, believe, check_json, plain};
use super::budget::{Budget, BudgetView};
use super::deletion::finds_nothing;
use super::exchange::Raw;
use super::refusal::refusal;
use super::request::{self, Request, Upload};
use super::wire::Wire;
use super::{Patience, Settings, address};
use crate::catalog::{self, Call, Endpoint, Method, Repeat};
use crate::clock::Clock;
use crate::ids::Chance;
use crate::report::Failure;
use crate::secret::{MASK, Secret};

/// Anything shorter is no key of the API, but would mask common words.
const SHORTEST_KEY: usize = 6;

/// A client of the API; clones share connections, rate budget and what was learned.
#[derive(Clone)]
pub struct Client(pub(super) Arc<Shared>);

/// What all clones of a client share.
pub(super) struct Shared {
    pub(super) base: Url,
    pub(super) bearer: HeaderValue,
    key: Secret<String>,
    key_source: Option<String>,
    pub(super) given_team: Option<String>,
    pub(super) only_team: tokio::sync::Mutex<Option<String>>,
    pub(super) patience: Patience,
    pub(super) max_response: u64,
    pub(super) wire: Wire,
    pub(super) budget: Budget,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) chance: Arc<Chance>,
    /// Endpoints whose path the server no longer knows.
    pub(super) gone: Mutex<HashSet<&'static str>>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("base", &self.0.base.as_str())
            .field("key", &self.0.key)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Returns a client; nothing is sent, and no certificate read, before the first call.
    pub fn new(
        settings: Settings,
        clock: Arc<dyn Clock>,
        chance: Arc<Chance>,
    ) -> Result<Self, Failure> {
        let mut bearer =
            request::header("the API key", &format!("Bearer {}", settings.key.expose()))?;
        bearer.set_sensitive(true);
        Ok(Self(Arc::new(Shared {
            base: address::base(settings.base_url)?,
            bearer,
            key: settings.key,
            key_source: settings.key_source,
            given_team: settings.team,
            only_team: tokio::sync::Mutex::new(None),
            patience: settings.patience,
            max_response: settings.max_response,
            wire: Wire::new(settings.timeouts),
            budget: Budget::new(Arc::clone(&clock)),
            clock,
            chance,
            gone: Mutex::default(),
        })))
    }

    /// Makes a call of the catalog, as often as its class allows, and returns its successful answer.
    ///
    /// The call has been judged by [`catalog::check_call`]. `upload` is the file of a multipart call.
    pub async fn call(
        &self,
        call: &Call,
        upload: Option<Upload>,
        idempotency_key: &str,
    ) -> Result<Response, Failure> {
        let outcome = match &call.endpoint.successor {
            Some(successor) => {
                let upload = upload.as_ref();
                self.0
                    .call_succeeded(call, successor, upload, idempotency_key)
                    .await
            }
            None => self.0.call(call, upload.as_ref(), idempotency_key).await,
        };
        outcome.map_err(|failure| self.0.seal(failure.at(call.endpoint.name)))
    }

    /// Makes a reading call with a single attempt, for whoever asks again in a while anyway.
    ///
    /// It takes its place in the rate budget, and a 429 holds all others, as with [`Client::call`].
    pub async fn attempt(&self, call: &Call) -> Result<Response, Failure> {
        let outcome = self.0.attempt_call(call).await;
        outcome.map_err(|failure| self.0.seal(failure.at(call.endpoint.name)))
    }

    /// Makes a request that the catalog may not know: a path below `/v2/`, or an address of the same
    /// origin. An unknown GET counts as read, PUT and DELETE as idempotent, the others as once.
    #[expect(
        clippy::too_many_arguments,
        reason = "a request has these parts, and nothing else is made of them"
    )]
    pub async fn request(
        &self,
        method: Method,
        path: &str,
        query: &[(String, String)],
        body: Option<&Value>,
        idempotency_key: &str,
    ) -> Result<Response, Failure> {
        let name = named(method, path);
        let outcome = async {
            let mut request = self.0.bare(method, path, query, body)?;
            request.name_once(idempotency_key)?;
            self.0.take(&request).await
        };
        outcome
            .await
            .map_err(|failure| self.0.seal(failure.at(name)))
    }

    /// Returns the team that calls are made in: the given one, or the key's only one.
    pub async fn team(&self) -> Result<String, Failure> {
        self.0.team().await.map_err(|failure| self.0.seal(failure))
    }

    /// Returns what is left of the rate limit.
    pub fn budget(&self) -> BudgetView {
        self.0.budget.view()
    }
}

impl Shared {
    async fn call(
        &self,
        call: &Call,
        upload: Option<&Upload>,
        key: &str,
    ) -> Result<Response, Failure> {
        let (request, raw) = self.send_call(call, upload, key).await?;
        self.judge(call.endpoint, &request, raw)
    }

    async fn attempt_call(&self, call: &Call) -> Result<Response, Failure> {
        let mut request = self.request_of(call, None, "").await?;
        request.is_single = true;
        let raw = self.exchange(&request).await?;
        self.judge(call.endpoint, &request, raw)
    }

    /// Sends a call and returns whatever is answered, with the request that was made of it.
    pub(super) async fn send_call(
        &self,
        call: &Call,
        upload: Option<&Upload>,
        key: &str,
    ) -> Result<(Request, Raw), Failure> {
        let request = self.request_of(call, upload, key).await?;
        let raw = self.exchange(&request).await?;
        Ok((request, raw))
    }

    async fn request_of(
        &self,
        call: &Call,
        upload: Option<&Upload>,
        key: &str,
    ) -> Result<Request, Failure> {
        let team = if call.endpoint.is_team_scoped() {
            self.team().await?
        } else {
            String::new()
        };
        Request::of_call(&self.base, call, &team, upload, key)
    }

    /// Sends a call that needs neither a team nor a key of its own.
    pub(super) async fn send_plain(&self, call: &Call) -> Result<(Request, Raw), Failure> {
        let request = Request::of_call(&self.base, call, "", None, "")?;
        let raw = self.exchange(&request).await?;
        Ok((request, raw))
    }

    /// Returns the answer when it is a success of the promised outline.
    pub(super) fn judge(
        &self,
        endpoint: &Endpoint,
        request: &Request,
        raw: Raw,
    ) -> Result<Response, Failure> {
        if raw.status.is_success() {
            believe(endpoint, raw)
        } else if is_done(request, &raw) {
            Ok(Response::of_deletion(Some(endpoint)))
        } else {
            Err(refusal(request, &raw, self.key_source.as_deref()))
        }
    }

    /// Returns a request that the catalog need not know.
    fn bare(
        &self,
        method: Method,
        path: &str,
        query: &[(String, String)],
        body: Option<&Value>,
    ) -> Result<Request, Failure> {
        let mut url = address::given(&self.base, path)?;
        let endpoint = catalog::match_path(method, address::without_prefix(&self.base, url.path()));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let repeat = endpoint.map_or(usual_repeat(method), |endpoint| endpoint.repeat);
        let mut request = Request::new(&named(method, path), request::method(method), url, repeat);
        request.endpoint = endpoint;
        if let Some(body) = body {
            request.carry_json(body)?;
        }
        Ok(request)
    }

    /// Sends a request and takes its answer as it is.
    async fn take(&self, request: &Request) -> Result<Response, Failure> {
        let raw = self.exchange(request).await?;
        if is_done(request, &raw) {
            return Ok(Response::of_deletion(request.endpoint));
        }
        if !raw.status.is_success() {
            return Err(refusal(request, &raw, self.key_source.as_deref()));
        }
        let response = plain(raw);
        check_json(&response)?;
        Ok(response)
    }

    /// Makes sure that a failure does not show the key, whatever the server put into it.
    fn seal(&self, mut failure: Failure) -> Failure {
        let key = self.key.expose();
        if key.len() >= SHORTEST_KEY && failure.message.contains(key.as_str()) {
            failure.message = failure.message.replace(key.as_str(), MASK);
        }
        failure
    }
}

/// Returns whether a refusal only says that what the request was to do has been done before.
fn is_done(request: &Request, raw: &Raw) -> bool {
    let is_nothing = || finds_nothing(request.method.as_str(), request.repeat, raw.status.as_u16());
    raw.is_again && is_nothing()
}

fn named(method: Method, path: &str) -> String {
    format!("{} {path}", method.as_str())
}

/// What a repeat does by the rules of HTTP, where the catalog does not know.
fn usual_repeat(method: Method) -> Repeat {
    match method {
        Method::Get => Repeat::Read,
        Method::Put | Method::Delete => Repeat::Idempotent,
        Method::Post | Method::Patch => Repeat::Once,
    }
}
