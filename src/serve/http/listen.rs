//! Where the daemon listens, and for whom.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::guard::is_local;
use crate::report::Problem;

/// Where the daemon listens, and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    /// The address; port 0 takes a free one.
    pub address: SocketAddr,
    /// Encrypts what goes over the wire.
    pub tls: Option<Tls>,
    /// Whether it may be reached from other machines without encryption.
    pub insecure_remote: bool,
    /// Names by which browsers and clients may call it, beside its address.
    pub hosts: Vec<String>,
}

/// The files that make it known to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The certificate, with those that vouch for it, as PEM.
    pub certificate: PathBuf,
    /// Its private key, as PEM.
    pub key: PathBuf,
}

impl Listen {
    /// Errs when the token would go over the network for all to read.
    pub(super) fn check(&self) -> Result<(), Problem> {
        if is_local(self.address.ip()) || self.tls.is_some() || self.insecure_remote {
            return Ok(());
        }
        let what = format!(
            "`{}` can be reached from other machines, and nothing is encrypted",
            self.address
        );
        Err(Problem::usage(what)
            .hint("give a certificate: `--tls-cert FILE --tls-key FILE`")
            .hint(
                "behind a proxy that encrypts, or in a container that is reached from its host alone: \
                 `--insecure-remote`",
            ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_machines_need_encryption_or_a_word() {
        let at = |address: &str| Listen {
            address: address.parse().unwrap(),
            tls: None,
            insecure_remote: false,
            hosts: Vec::new(),
        };
        for local in ["127.0.0.1:0", "127.8.8.8:1", "[::1]:0"] {
            assert!(at(local).check().is_ok(), "{local}");
        }
        for remote in [
            "0.0.0.0:80",
            "192.168.1.5:80",
            "[::]:80",
            "[2001:db8::1]:80",
        ] {
            assert!(at(remote).check().is_err(), "{remote}");
            let insecure_remote = true;
            let allowed = Listen {
                insecure_remote,
                ..at(remote)
            };
            assert!(allowed.check().is_ok());
        }
    }
}
