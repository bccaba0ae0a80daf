//! Encryption: what goes over the wire, and what the daemon says of certificates that are no good.

use std::io::{Read, Write};
use std::net::TcpStream;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use reqwest::Certificate;

use crate::ground::{Daemon, Ground};

/// Somebody who vouches for certificates.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    /// Puts a certificate for this machine, and its key, into the project.
    fn certify(&self, ground: &Ground) {
        let key = KeyPair::generate().unwrap();
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let params = CertificateParams::new(names).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        ground.write("cert.pem", &certificate.pem());
        ground.write("key.pem", &key.serialize_pem());
    }

    /// Returns a client that trusts it, and nobody else.
    fn client(&self) -> reqwest::Client {
        let root = Certificate::from_pem(self.0.pem().as_bytes()).unwrap();
        let builder = reqwest::Client::builder().tls_certs_only([root]);
        let builder = builder.redirect(reqwest::redirect::Policy::none());
        builder.build().unwrap()
    }
}

const OPTIONS: [&str; 4] = ["--tls-cert", "cert.pem", "--tls-key", "key.pem"];

/// Starts a daemon with a certificate, and a client that trusts it.
fn encrypted<'a>(ground: &'a Ground, authority: &Authority) -> Daemon<'a> {
    // Whoever comes second finds it installed.
    _ = rustls::crypto::ring::default_provider().install_default();
    authority.certify(ground);
    let mut daemon = ground.serve_with(&OPTIONS, "").unwrap();
    daemon.client = authority.client();
    daemon
}

#[test]
fn what_goes_over_the_wire_is_encrypted() {
    let ground = Ground::new(&[("a.rhai", "1 + 1")]);
    let daemon = encrypted(&ground, &Authority::new());
    assert!(
        daemon.url.starts_with("https://127.0.0.1:"),
        "{}",
        daemon.url
    );
    let run = daemon.begin("a.rhai");
    assert_eq!(daemon.until(&run, "done")["result"], 2);

    // Nobody else is trusted, and nothing is said in the clear.
    let stranger = Authority::new().client().get(&daemon.url).send();
    assert!(ground.runtime.block_on(stranger).is_err());
    let address = daemon.url.trim_start_matches("https://");
    let mut plain = TcpStream::connect(address).unwrap();
    let mut said = Vec::new();
    // It may be cut off as well, even before it was heard.
    _ = write!(plain, "GET / HTTP/1.1\r\nhost: {address}\r\n\r\n");
    _ = plain.read_to_end(&mut said);
    assert!(!said.starts_with(b"HTTP/"), "{said:?}");
}

#[test]
fn a_browser_keeps_its_session_to_encrypted_connections() {
    let ground = Ground::new(&[]);
    let daemon = encrypted(&ground, &Authority::new());
    let form = daemon.request("POST", "/login");
    let form = form.header("content-type", "application/x-www-form-urlencoded");
    let form = form.body(format!("token={}&name=Ada", daemon.token));
    let came = ground.runtime.block_on(form.send()).unwrap();
    let cookie = came.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("; Secure"), "{cookie}");
}

#[test]
fn one_who_never_shakes_hands_holds_up_nobody() {
    let ground = Ground::new(&[]);
    let daemon = encrypted(&ground, &Authority::new());
    let address = daemon.url.trim_start_matches("https://").to_owned();
    let silent: Vec<_> = (0..20)
        .map(|_| TcpStream::connect(&address).unwrap())
        .collect();
    assert_eq!(daemon.get("/api/v1/health")["ok"], true);
    drop(silent);
}

#[test]
fn other_machines_may_come_where_it_is_encrypted() {
    let ground = Ground::new(&[]);
    Authority::new().certify(&ground);
    let mut options = OPTIONS.to_vec();
    options.extend(["--listen", "0.0.0.0:0"]);
    let daemon = ground.serve_with(&options, "").unwrap();
    assert!(daemon.url.starts_with("https://"), "{}", daemon.url);
}

#[test]
fn a_certificate_that_is_no_good_is_told_at_the_start() {
    let ground = Ground::new(&[]);
    let told = |what: &str| {
        let (code, said) = ground.serve_with(&OPTIONS, "").map(drop).unwrap_err();
        assert_eq!(code, Some(2), "{said}");
        assert!(
            said.contains(what) && said.contains("cannot be used"),
            "{said}"
        );
    };
    told("`cert.pem`");
    let authority = Authority::new();
    authority.certify(&ground);
    ground.write("key.pem", &KeyPair::generate().unwrap().serialize_pem());
    told("`cert.pem`");
    ground.write("key.pem", "no key at all");
    told("`key.pem`");
    authority.certify(&ground);
    ground.write("cert.pem", "");
    told("`cert.pem`");
}
