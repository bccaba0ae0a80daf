//! Encryption: a certificate and its key, from files.

use std::path::Path;
use std::sync::Arc;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{ServerConfig, crypto};

use super::listen::Tls;
use crate::report::Problem;

/// Reads a certificate and its key.
pub(super) fn acceptor(tls: &Tls) -> Result<TlsAcceptor, Problem> {
    let unreadable = |file: &Path, fault: &dyn std::fmt::Display| {
        Problem::usage(format!("`{}` cannot be used", file.display())).cause(fault)
    };
    let file = &tls.certificate;
    let chain = CertificateDer::pem_file_iter(file).map_err(|fault| unreadable(file, &fault))?;
    let chain: Result<Vec<_>, _> = chain.collect();
    let chain = chain.map_err(|fault| unreadable(file, &fault))?;
    let key = PrivateKeyDer::from_pem_file(&tls.key);
    let key = key.map_err(|fault| unreadable(&tls.key, &fault))?;
    let provider = Arc::new(crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|fault| unreadable(&tls.certificate, &fault))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
