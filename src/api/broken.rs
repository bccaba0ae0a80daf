//! Attempts that brought no answer: what to tell, and whether the request may have arrived.
//!
//! No message shows an address, only its host: a signed address is a secret.

use std::time::Duration;

use url::Url;

use super::address::host;
use super::retry::Trouble;
use crate::report::{Failure, FailureKind};

/// An attempt that brought no answer.
#[derive(Debug)]
pub(super) struct Broken {
    /// Decides whether it is tried again.
    pub(super) trouble: Trouble,
    /// What is told when it is not.
    pub(super) failure: Failure,
}

impl Broken {
    /// Returns a failure that no repeat would mend.
    pub(super) fn lasting(failure: Failure) -> Self {
        Self {
            trouble: Trouble::Lasting,
            failure,
        }
    }
}

/// Returns what to tell when nothing came in time.
pub(super) fn silent(url: &Url, limit: Duration) -> Broken {
    Broken {
        trouble: Trouble::Lost,
        failure: Failure::new(
            FailureKind::Timeout,
            format!(
                "no answer from `{}` within {} s",
                host(url),
                limit.as_secs_f32()
            ),
        ),
    }
}

/// Returns what to tell when a body grows over its limit.
pub(super) fn too_large(url: &Url) -> Broken {
    Broken::lasting(Failure::new(
        FailureKind::Protocol,
        format!("the answer of `{}` is larger than allowed", host(url)),
    ))
}

/// Returns what to tell when HTTP failed, without the address, for that may hold a signature.
pub(super) fn broken(error: &reqwest::Error, url: &Url) -> Broken {
    let (host, cause) = (host(url), root_cause(error));
    if !error.is_connect() {
        let message = format!("the connection to `{host}` broke: {cause}");
        let trouble = if error.is_builder() {
            Trouble::Lasting
        } else {
            Trouble::Lost
        };
        return Broken {
            trouble,
            failure: Failure::new(FailureKind::Network, message),
        };
    }
    let kind = if error.is_timeout() {
        FailureKind::Timeout
    } else {
        FailureKind::Network
    };
    let failure = Failure::new(kind, format!("could not reach `{host}`: {cause}"));
    if is_distrust(error) {
        return Broken::lasting(
            failure.hint("the certificate of the server is not one this system trusts"),
        );
    }
    let failure = if error.is_dns() {
        failure.hint("no such host, or no network: check the base URL")
    } else {
        failure
    };
    Broken {
        trouble: Trouble::Unsent,
        failure,
    }
}

fn causes<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| {
        // An I/O error hands out the source of what it wraps, and skips the wrapped error itself.
        let wrapped = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        match wrapped {
            Some(wrapped) => Some(wrapped as &(dyn std::error::Error + 'static)),
            None => error.source(),
        }
    })
}

fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    causes(error)
        .last()
        .map(ToString::to_string)
        .unwrap_or_default()
}

fn is_distrust(error: &(dyn std::error::Error + 'static)) -> bool {
    causes(error).any(|cause| {
        matches!(
            cause.downcast_ref::<rustls::Error>(),
            Some(rustls::Error::InvalidCertificate(_))
        )
    })
}

/// Returns what to tell when no connection can even be tried.
pub(super) fn unusable(error: &(dyn std::error::Error + 'static)) -> Failure {
    let cause = root_cause(error);
    Failure::new(
        FailureKind::Network,
        format!("TLS cannot be set up: {cause}"),
    )
    .hint("install the system's certificates (the package `ca-certificates`)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_that_is_not_trusted_is_found_behind_other_errors() {
        let inner = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        let outer = std::io::Error::other(std::io::Error::other(inner));
        assert!(is_distrust(&outer));
        assert!(root_cause(&outer).contains("UnknownIssuer"));
        assert!(!is_distrust(&std::io::Error::other("odd")));
    }
}
