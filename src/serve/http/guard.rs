//! From where one may come: only by the daemon's own name, and from no page of another site. A web
//! page elsewhere that makes a browser call this daemon, by its address or by a name of the page's
//! own that leads here, is turned away before anything is looked at.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::pace::Pace;
use crate::serve::refused::{Refused, Why};

/// The names of the daemon, and how often it is called.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    /// Names with port, in lower case.
    hosts: Vec<String>,
    scheme: &'static str,
    pace: Pace,
}

impl Guard {
    /// Returns the guard of an address and further names.
    pub(super) fn new(address: SocketAddr, is_secure: bool, names: &[String], pace: Pace) -> Self {
        let scheme = if is_secure { "https" } else { "http" };
        let usual = if is_secure { 443 } else { 80 };
        let port = address.port();
        let mut bare = vec![address.to_string().to_lowercase()];
        let mut further: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
        if address.ip().is_loopback() || address.ip().is_unspecified() {
            further.push("localhost".into());
            further.extend(["127.0.0.1".into(), "[::1]".into()]);
        }
        for name in further {
            bare.push(format!("{name}:{port}"));
            if port == usual || name.contains(':') && !name.starts_with('[') {
                bare.push(name);
            }
        }
        Self {
            hosts: bare,
            scheme,
            pace,
        }
    }

    fn judge(&self, request: &Request) -> Result<(), Refused> {
        let headers = request.headers();
        let host = one(headers, &header::HOST)?;
        let host = host.or_else(|| request.uri().authority().map(Authority::as_str));
        let is_known = host.is_some_and(|host| self.knows(host));
        if !is_known {
            let what = format!("this daemon is not called `{}`", host.unwrap_or_default());
            return Err(
                Refused::new(Why::Forbidden, what).hint("`--host NAME` gives it a further name")
            );
        }
        if let Some(origin) = one(headers, &header::ORIGIN)? {
            let from = origin.strip_prefix(self.scheme);
            let from = from.and_then(|rest| rest.strip_prefix("://"));
            if !from.is_some_and(|from| self.knows(from)) {
                let what = format!("pages of `{origin}` may not call this daemon");
                return Err(Refused::new(Why::Forbidden, what));
            }
        }
        if self.pace.take() {
            return Ok(());
        }
        Err(Refused::new(
            Why::TooOften,
            "the daemon is called too often",
        ))
    }

    fn knows(&self, host: &str) -> bool {
        let host = host.to_lowercase();
        self.hosts.contains(&host)
    }
}

/// Returns a header that may be there once.
fn one<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Result<Option<&'a str>, Refused> {
    let mut values = headers.get_all(name).iter();
    let (first, second) = (values.next(), values.next());
    match (first.map(HeaderValue::to_str), second) {
        (None, None) => Ok(None),
        (Some(Ok(value)), None) => Ok(Some(value)),
        _ => Err(Refused::new(
            Why::Forbidden,
            format!("the header `{name}` makes no sense"),
        )),
    }
}

/// Whether an address is reached from this machine alone.
pub(super) fn is_local(address: IpAddr) -> bool {
    address.is_loopback()
}

/// Turns away whoever comes from elsewhere, or too often.
pub(super) async fn guard(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let mut response = match guard.judge(&request) {
        Ok(()) => next.run(request).await,
        Err(refused) => refused.into_response(),
    };
    let headers = response.headers_mut();
    let nosniff = HeaderValue::from_static("nosniff");
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
    let no_store = HeaderValue::from_static("no-store");
    headers.entry(header::CACHE_CONTROL).or_insert(no_store);
    response
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::body::Body;

    use super::*;
    use crate::clock::SystemClock;

    fn judged(guard: &Guard, headers: &[(&str, &str)]) -> bool {
        let mut request = Request::builder().uri("/health");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        guard.judge(&request.body(Body::empty()).unwrap()).is_ok()
    }

    fn guarded(address: &str, names: &[&str]) -> Guard {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let pace = Pace::new(Arc::new(SystemClock::new()), 1000, 1000);
        Guard::new(address.parse().unwrap(), false, &names, pace)
    }

    #[test]
    fn only_its_own_names_lead_to_the_daemon() {
        let guard = guarded("127.0.0.1:8700", &["duvo.example"]);
        for host in [
            "127.0.0.1:8700",
            "LOCALHOST:8700",
            "[::1]:8700",
            "duvo.example:8700",
        ] {
            assert!(judged(&guard, &[("host", host)]), "{host}");
        }
        for host in [
            "evil.example:8700",
            "127.0.0.1",
            "localhost:80",
            "127.0.0.1:8700.evil",
            "",
        ] {
            assert!(!judged(&guard, &[("host", host)]), "{host}");
        }
        assert!(!judged(&guard, &[]));
        let twice = [("host", "localhost:8700"), ("host", "evil.example")];
        assert!(!judged(&guard, &twice));
    }

    #[test]
    fn pages_of_other_sites_are_turned_away() {
        let guard = guarded("127.0.0.1:8700", &[]);
        let from = |origin| judged(&guard, &[("host", "localhost:8700"), ("origin", origin)]);
        assert!(from("http://localhost:8700") && from("http://127.0.0.1:8700"));
        for origin in [
            "http://evil.example",
            "https://localhost:8700",
            "http://localhost:8701",
            "http://localhost",
            "null",
            "",
        ] {
            assert!(!from(origin), "{origin}");
        }
    }
}
