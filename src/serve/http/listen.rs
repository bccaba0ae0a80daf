//! Where the daemon listens.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Where the daemon listens, and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    /// The address; port 0 takes a free one.
    pub address: SocketAddr,
    /// Encrypts what goes over the wire.
    pub tls: Option<Tls>,
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
