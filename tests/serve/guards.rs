//! Who may come in, from where, with how much, and how often.

use serde_json::json;

use crate::ground::{Ground, is_private};

#[test]
fn the_token_is_private_and_wanted() {
    let ground = Ground::new(&[]);
    let daemon = ground.serve();
    assert!(is_private(&ground.state().join("token")));
    assert!(is_private(&ground.state().join("webhook")));
    let get = |path: &str| daemon.client.get(format!("{}{path}", daemon.url));
    for path in [
        "/api/v1/overview",
        "/api/v1/runs/last",
        "/metrics",
        "/api/v1/health",
    ] {
        let bare = daemon.send(get(path));
        assert_eq!(bare.status, 401, "{path}: {bare:?}");
        assert_eq!(bare.json()["error"]["why"], "unauthorized");
        assert_eq!(daemon.send(get(path).bearer_auth("x")).status, 401);
        let near = &daemon.token[1..];
        assert_eq!(daemon.send(get(path).bearer_auth(near)).status, 401);
    }
    for path in ["/health", "/openapi.json"] {
        assert_eq!(daemon.send(get(path)).status, 200, "{path}");
    }
    let wrong = || daemon.send(get("/api/v1/runs").bearer_auth("x")).status;
    assert!((0..60).any(|_| wrong() == 429));
    daemon.get("/api/v1/runs");
    let token = daemon.token.clone();
    drop(daemon);
    assert_eq!(ground.serve().token, token, "the next start keeps it");
}

#[test]
fn other_names_and_pages_of_other_sites_are_turned_away() {
    let ground = Ground::new(&[]);
    let daemon = ground.serve_with(&["--host", "duvo.example"], "").unwrap();
    let port = daemon.url.rsplit_once(':').unwrap().1.to_owned();
    let with = |name: &str, value: &str| {
        let request = daemon.request("GET", "/api/v1/runs").header(name, value);
        daemon.send(request).status
    };
    assert_eq!(with("host", &format!("localhost:{port}")), 200);
    assert_eq!(with("host", &format!("duvo.example:{port}")), 200);
    assert_eq!(with("host", "evil.example"), 403);
    assert_eq!(with("origin", &daemon.url), 200);
    assert_eq!(with("origin", "http://evil.example"), 403);
    assert_eq!(with("origin", "null"), 403);
}

#[test]
fn what_is_sent_is_limited_and_judged() {
    let ground = Ground::new(&[("x.rhai", "1")]);
    let daemon = ground.serve();
    let status = |body: String, kind: &str| {
        let request = daemon.request("POST", "/api/v1/runs");
        let request = request.header("content-type", kind).body(body);
        let answer = daemon.send(request);
        assert!(answer.json()["error"]["what"].is_string(), "{answer:?}");
        answer.status
    };
    assert_eq!(status("x".repeat(300 << 10), "application/json"), 413);
    assert_eq!(status("{".into(), "application/json"), 422);
    assert_eq!(
        status(r#"{"script":"x.rhai","else":1}"#.into(), "application/json"),
        422
    );
    assert_eq!(status(r#"{"script":"x.rhai"}"#.into(), "text/plain"), 422);
    assert_eq!(
        status(r#"{"script":"../x.rhai"}"#.into(), "application/json"),
        422
    );
    assert_eq!(
        status(r#"{"script":"missing.rhai"}"#.into(), "application/json"),
        404
    );
    let request = daemon.request("GET", "/api/v1/runs?limit=many");
    assert_eq!(daemon.send(request).status, 422);
    let request = daemon.request("GET", "/api/v1/runs?state=lost");
    assert_eq!(daemon.send(request).status, 422);
    let request = daemon.request("DELETE", "/api/v1/runs");
    assert_eq!(daemon.send(request).json()["error"]["why"], "method");
    let request = daemon.request("GET", "/api/v1/else");
    assert_eq!(daemon.send(request).json()["error"]["why"], "not_found");
    let long = "x".repeat(64 << 10);
    let request = daemon.request("GET", "/api/v1/runs").header("x-long", long);
    assert_eq!(daemon.send(request).status, 431);
    assert_eq!(
        daemon
            .post("/api/v1/runs", &json!({ "script": "x.rhai" }))
            .status,
        200
    );
}

#[test]
fn other_machines_need_encryption_or_a_word() {
    let ground = Ground::new(&[]);
    let (code, said) = ground
        .serve_with(&["--listen", "0.0.0.0:0"], "")
        .err()
        .unwrap();
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("--insecure-remote") && said.contains("--tls-cert"),
        "{said}"
    );
    let daemon = ground.serve_with(&["--insecure-remote"], "").unwrap();
    daemon.get("/api/v1/runs");
}
