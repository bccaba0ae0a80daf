//! Rules about addresses: which base may be used, and which address a path becomes.
//!
//! The URL library quietly resolves `..` and drops what it finds odd, so every address that is made
//! here is compared with what was meant.

use url::{Host, Url};

use crate::report::{Failure, FailureKind};

/// Judges a base URL and brings it into the form that paths are appended to.
///
/// A trailing `/v2` is dropped, for the documentation shows the base with it.
pub(super) fn base(mut url: Url) -> Result<Url, Failure> {
    let refused = |why: &str| Failure::invalid(format!("base URL `{}` {why}", shown(&url)));
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("must not hold a user or a password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refused("must not hold `?` or `#`"));
    }
    check_secure(&url)?;
    let path = url.path().trim_end_matches('/');
    let path = path.strip_suffix("/v2").unwrap_or(path).to_owned();
    url.set_path(&path);
    Ok(url)
}

/// Refuses an address over which others could read along: plain http goes only to this machine.
pub(super) fn check_secure(url: &Url) -> Result<(), Failure> {
    match url.scheme() {
        "https" if url.has_host() => Ok(()),
        "http" if is_loopback(url) => Ok(()),
        "http" => Err(
            Failure::invalid(format!("plain http to `{}` is refused", host(url)))
                .hint("use https; plain http is for this machine only (127.0.0.1, ::1, localhost)"),
        ),
        other => Err(Failure::invalid(format!(
            "`{other}` addresses cannot be used: give an https one"
        ))),
    }
}

/// Returns whether an address is on this machine.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Returns the address of an encoded path under a base.
pub(super) fn under(base: &Url, path: &str) -> Result<Url, Failure> {
    let strange = || Failure::invalid(format!("path `{path}` is not a plain path of the API"));
    let whole = format!("{}{path}", base.path().trim_end_matches('/'));
    if !path.starts_with('/') || path.contains("//") {
        return Err(strange());
    }
    let mut url = base.clone();
    url.set_path(&whole);
    if url.path() == whole {
        Ok(url)
    } else {
        Err(strange())
    }
}

/// Returns the address that a person gave: a path below `/v2/`, or an address of the same origin.
pub(super) fn given(base: &Url, address: &str) -> Result<Url, Failure> {
    let hint = "give a path that starts with `/v2/`; a query goes into `query`";
    if let Some(path) = address.strip_prefix("/v2/") {
        if path.contains(['?', '#']) {
            return Err(Failure::invalid(format!("path `{address}` holds `?` or `#`")).hint(hint));
        }
        return under(base, address);
    }
    match Url::parse(address) {
        Ok(url) if url.origin() == base.origin() && url.username().is_empty() => Ok(url),
        Ok(url) => Err(Failure::new(
            FailureKind::Refused,
            format!(
                "`{}` is not the API: the key goes to `{}` only",
                host(&url),
                host(base)
            ),
        )
        .hint(hint)),
        Err(_) => Err(Failure::invalid(format!("`{address}` is not a path of the API")).hint(hint)),
    }
}

/// Returns a path as the catalog writes it: without the prefix of the base.
pub(super) fn without_prefix<'a>(base: &Url, path: &'a str) -> &'a str {
    path.strip_prefix(base.path().trim_end_matches('/'))
        .unwrap_or(path)
}

/// Returns host and port, as messages show them; an address may hold secrets elsewhere.
pub(super) fn host(url: &Url) -> String {
    let name = url.host_str().unwrap_or("?");
    match url.port() {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    }
}

fn shown(url: &Url) -> String {
    format!("{}://{}{}", url.scheme(), host(url), url.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn plain_http_goes_only_to_this_machine() {
        for good in [
            "https://api.duvo.ai",
            "http://127.0.0.1:8080",
            "http://127.9.9.9",
            "http://[::1]:1",
            "http://localhost",
        ] {
            assert!(base(url(good)).is_ok(), "{good}");
        }
        for bad in [
            "http://api.duvo.ai",
            "http://128.0.0.1",
            "http://localhost.evil.org",
            "http://10.0.0.1",
            "ftp://localhost",
            "file:///etc",
            "https://me:pw@api.duvo.ai",
            "https://api.duvo.ai?x=1",
        ] {
            let failure = base(url(bad)).unwrap_err();
            assert!(!failure.message.contains("pw"), "{failure}");
        }
    }

    #[test]
    fn a_base_may_end_in_v2_and_may_have_a_prefix() {
        let at = |text: &str| {
            under(&base(url(text)).unwrap(), "/v2/runs")
                .unwrap()
                .to_string()
        };
        assert_eq!(at("https://api.duvo.ai/v2/"), "https://api.duvo.ai/v2/runs");
        assert_eq!(
            at("https://gate.corp/duvo"),
            "https://gate.corp/duvo/v2/runs"
        );
    }

    #[test]
    fn a_path_stays_what_it_is() {
        let base = base(url("https://api.duvo.ai")).unwrap();
        assert!(under(&base, "/v2/runs/%2Fx").is_ok());
        for bad in [
            "/v2/../v1/x",
            "/v2/%2e%2e/x",
            "/v2/runs//messages",
            "v2/x",
            "/v2/a\\b",
        ] {
            assert!(under(&base, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_given_address_stays_on_the_origin() {
        let base = base(url("https://api.duvo.ai")).unwrap();
        assert!(given(&base, "/v2/runs").is_ok());
        assert!(given(&base, "https://api.duvo.ai/.well-known/x").is_ok());
        for bad in [
            "/v1/runs",
            "runs",
            "https://evil.org/v2/runs",
            "//evil.org/v2/",
            "/v2/x?a=1",
        ] {
            assert!(given(&base, bad).is_err(), "{bad}");
        }
    }
}
