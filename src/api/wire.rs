//! One attempt over HTTP: connections, time limits, redirects, and reading a body within its limit.
//!
//! Redirects are followed by hand, because the key may never go to another origin.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{AUTHORIZATION, LOCATION};
use http::{HeaderValue, Method, StatusCode};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::runtime::{self, Handle};
use tokio::time::timeout;
use url::Url;

use super::Timeouts;
use super::address::{self, host};
use super::broken::{Broken, broken, silent, too_large, unusable};
use super::request::{Payload, Request};
use crate::report::{Failure, FailureKind};

const USER_AGENT: &str = concat!("duvoscript/", env!("CARGO_PKG_VERSION"));
const MOST_REDIRECTS: usize = 5;
/// The slowest upload that is still waited for, in bytes a second.
const SLOWEST_UPLOAD: u64 = 32 * 1024;
/// Shorter than servers keep an idle connection, so that no request is sent into a closing one.
const IDLE_CONNECTION: Duration = Duration::from_secs(30);

/// Runtimes whose connections are kept at most.
const MOST_RUNTIMES: usize = 64;

/// The connections. Each kind is set up when it is first used: reading the system's certificates
/// takes longer than all the rest of a start.
#[derive(Debug)]
pub(super) struct Wire {
    plain: Connections,
    secure: Connections,
    timeouts: Timeouts,
}

/// Connections of one kind: with TLS, or without.
#[derive(Debug, Default)]
struct Connections {
    tls: OnceLock<ClientConfig>,
    /// Those of each runtime, the one that was used last at the end. A connection stands still while
    /// nobody drives the runtime that opened it, so that no other may wait for it.
    clients: Mutex<Vec<(Option<runtime::Id>, reqwest::Client)>>,
}

impl Wire {
    /// Returns a wire without connections.
    pub(super) fn new(timeouts: Timeouts) -> Self {
        Self {
            plain: Connections::default(),
            secure: Connections::default(),
            timeouts,
        }
    }

    /// Sends a request, with the key where one is given, and follows redirects.
    pub(super) async fn send(
        &self,
        request: &Request,
        bearer: Option<&HeaderValue>,
    ) -> Result<reqwest::Response, Broken> {
        let mut url = request.url.clone();
        for _ in 0..=MOST_REDIRECTS {
            let response = self.hop(request, &url, bearer).await?;
            match target(&response, &request.method) {
                None => return Ok(response),
                Some(next) => {
                    let next = next.and_then(|next| allowed(request, next));
                    url = next.map_err(Broken::lasting)?;
                }
            }
        }
        Err(Broken::lasting(Failure::new(
            FailureKind::Protocol,
            format!(
                "`{}` redirects more than {MOST_REDIRECTS} times",
                host(&request.url)
            ),
        )))
    }

    async fn hop(
        &self,
        request: &Request,
        url: &Url,
        bearer: Option<&HeaderValue>,
    ) -> Result<reqwest::Response, Broken> {
        let client = self.client(url).map_err(Broken::lasting)?;
        let mut out = match &request.payload {
            Payload::Form(upload) => {
                let form = upload.form().map_err(Broken::lasting)?;
                let builder = client.request(request.method.clone(), url.clone());
                let built = builder.multipart(form).build();
                built.map_err(|error| broken(&error, url))?
            }
            Payload::None | Payload::Plain(_) => {
                reqwest::Request::new(request.method.clone(), url.clone())
            }
        };
        if let Payload::Plain(bytes) = &request.payload {
            *out.body_mut() = Some(bytes.clone().into());
        }
        out.headers_mut().extend(request.headers.clone());
        if let Some(bearer) = bearer {
            out.headers_mut().insert(AUTHORIZATION, bearer.clone());
        }
        let limit =
            self.timeouts.headers + Duration::from_secs(request.size() as u64 / SLOWEST_UPLOAD);
        match timeout(limit, client.execute(out)).await {
            Ok(outcome) => outcome.map_err(|error| broken(&error, url)),
            Err(_) => Err(silent(url, limit)),
        }
    }

    /// Reads a body, as long as it stays within the limit.
    pub(super) async fn read(
        &self,
        mut response: reqwest::Response,
        most: u64,
    ) -> Result<Bytes, Broken> {
        let Some(first) = self.piece(&mut response, most).await? else {
            return Ok(Bytes::new());
        };
        let left = most.saturating_sub(first.len() as u64);
        let Some(second) = self.piece(&mut response, left).await? else {
            return Ok(first);
        };
        let mut body = BytesMut::from(first);
        body.extend_from_slice(&second);
        loop {
            let left = most.saturating_sub(body.len() as u64);
            match self.piece(&mut response, left).await? {
                None => return Ok(body.freeze()),
                Some(piece) => body.extend_from_slice(&piece),
            }
        }
    }

    /// Reads the next piece of a body, of which `left` bytes may still come; `None` at its end.
    pub(super) async fn piece(
        &self,
        response: &mut reqwest::Response,
        left: u64,
    ) -> Result<Option<Bytes>, Broken> {
        let is_too_large = |length: u64| length > left;
        if response.content_length().is_some_and(is_too_large) {
            return Err(too_large(response.url()));
        }
        let piece = match timeout(self.timeouts.idle, response.chunk()).await {
            Err(_) => return Err(silent(response.url(), self.timeouts.idle)),
            Ok(Err(error)) => return Err(broken(&error, response.url())),
            Ok(Ok(piece)) => piece,
        };
        match &piece {
            Some(piece) if is_too_large(piece.len() as u64) => Err(too_large(response.url())),
            _ => Ok(piece),
        }
    }

    fn client(&self, url: &Url) -> Result<reqwest::Client, Failure> {
        let (connections, is_secure) = match url.scheme() {
            "https" => (&self.secure, true),
            _ => (&self.plain, false),
        };
        connections.client(self.timeouts, is_secure)
    }
}

impl Connections {
    /// Returns the client of the present runtime.
    fn client(&self, timeouts: Timeouts, is_secure: bool) -> Result<reqwest::Client, Failure> {
        let runtime = Handle::try_current().ok().map(|handle| handle.id());
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let known = clients.iter().position(|(of, _)| *of == runtime);
        let entry = match known {
            Some(place) => clients.remove(place),
            None => (runtime, connect(timeouts, self.tls(is_secure)?, is_secure)?),
        };
        if clients.len() >= MOST_RUNTIMES {
            clients.remove(0);
        }
        let client = entry.1.clone();
        clients.push(entry);
        Ok(client)
    }

    fn tls(&self, is_secure: bool) -> Result<ClientConfig, Failure> {
        if let Some(tls) = self.tls.get() {
            return Ok(tls.clone());
        }
        let made = tls(is_secure).map_err(|error| unusable(&error))?;
        Ok(self.tls.get_or_init(|| made).clone())
    }
}

/// Returns an HTTP client for other hosts than the API's; it follows no redirects.
pub fn outside_client() -> Result<reqwest::Client, Failure> {
    let tls = tls(true).map_err(|error| unusable(&error))?;
    connect(Timeouts::default(), tls, true)
}

fn connect(
    timeouts: Timeouts,
    tls: ClientConfig,
    is_secure: bool,
) -> Result<reqwest::Client, Failure> {
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(USER_AGENT)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(timeouts.connect)
        .pool_idle_timeout(IDLE_CONNECTION)
        .http2_keep_alive_interval(Duration::from_secs(20))
        .http2_keep_alive_timeout(Duration::from_secs(10));
    let builder = if is_secure {
        builder
    } else {
        // Plain http stays on this machine, where no proxy has any business; and it knows no
        // refused streams, so that a copy kept for sending one again would be for nothing.
        let never = reqwest::retry::never().max_retries_per_request(0);
        builder.no_proxy().retry(never)
    };
    builder.build().map_err(|error| unusable(&error))
}

/// Returns the TLS settings: the system's certificates, or none at all where no TLS is spoken.
fn tls(is_secure: bool) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = if is_secure {
        builder.with_platform_verifier()?.with_no_client_auth()
    } else {
        builder
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth()
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Returns where a redirect leads; `None` when the answer is none that may be followed.
fn target(response: &reqwest::Response, method: &Method) -> Option<Result<Url, Failure>> {
    let keeps_method = matches!(
        response.status(),
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT
    );
    let is_plain = matches!(
        response.status(),
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER
    );
    if !(keeps_method || is_plain && method == Method::GET) {
        return None;
    }
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    Some(response.url().join(location).map_err(|_| {
        Failure::new(
            FailureKind::Protocol,
            format!("`{}` redirects to no address", host(response.url())),
        )
    }))
}

/// Refuses a redirect that would take the key, or the body, elsewhere.
fn allowed(request: &Request, next: Url) -> Result<Url, Failure> {
    if request.is_ours && next.origin() != request.url.origin() {
        let (from, to) = (host(&request.url), host(&next));
        return Err(Failure::new(
            FailureKind::Protocol,
            format!(
                "`{from}` redirects to another host, `{to}`: not followed, for the key stays here"
            ),
        ));
    }
    if next.scheme() != request.url.scheme() {
        return Err(Failure::new(
            FailureKind::Protocol,
            format!(
                "`{}` redirects from https to http, or back: not followed",
                host(&request.url)
            ),
        ));
    }
    address::check_secure(&next)?;
    Ok(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_certificates_are_read_where_no_tls_is_spoken() {
        let wire = Wire::new(Timeouts::default());
        let url = Url::parse("http://127.0.0.1:1").unwrap();
        assert!(wire.client(&url).is_ok());
        assert!(wire.secure.tls.get().is_none());
    }

    #[test]
    fn tls_offers_http_2_and_works_or_says_what_is_missing() {
        let wire = Wire::new(Timeouts::default());
        let url = Url::parse("https://127.0.0.1:1").unwrap();
        match wire.client(&url) {
            Ok(_) => assert_eq!(tls(true).unwrap().alpn_protocols[0], b"h2"),
            Err(failure) => assert!(failure.hint.unwrap().contains("ca-certificates")),
        }
    }
}
