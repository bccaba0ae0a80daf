//! Webhooks: hints that harm nothing, however many come and whatever they say.

use ring::hmac;
use serde_json::json;

use crate::ground::{Ground, rest};

#[test]
fn a_webhook_is_a_hint_and_a_flood_of_them_harms_nothing() {
    let ground = Ground::simulated(&[("ask.rhai", "ask(\"Go on?\")")]);
    let daemon = ground.serve();
    let run = daemon.begin("ask.rhai");
    daemon.until(&run, "waiting");
    let secret = std::fs::read_to_string(ground.state().join("webhook")).unwrap();
    let path = format!("{}/hooks/duvo/{}", daemon.url, secret.trim());
    let send = |path: &str, body: String| daemon.send(daemon.client.post(path).body(body)).status;
    let said = json!({ "event": "run_completed", "run_id": "j", "status": "completed" });
    for body in [
        said.to_string(),
        said.to_string(),
        json!({ "event": 5 }).to_string(),
    ] {
        assert_eq!(send(&path, body), 202);
    }
    for (body, status) in [
        ("[]".to_owned(), 422),
        ("not json".to_owned(), 422),
        (String::new(), 422),
        (format!("{{\"x\":\"{}\"}}", "y".repeat(100 << 10)), 413),
    ] {
        assert_eq!(send(&path, body), status);
    }
    let wrong = format!("{}/hooks/duvo/wrong", daemon.url);
    assert_eq!(send(&wrong, said.to_string()), 404);
    let flood = (0..600).map(|_| send(&path, said.to_string()));
    let (taken, refused): (Vec<_>, Vec<_>) = flood.partition(|status| *status == 202);
    assert!(taken.len() >= 100 && refused.iter().all(|status| *status == 429));
    rest(1500);
    daemon.get("/api/v1/overview");
    assert_eq!(
        daemon.get(&format!("/api/v1/runs/{run}"))["state"],
        "waiting"
    );
}

#[test]
fn a_signature_is_checked_where_a_secret_is_set() {
    let ground = Ground::new(&[("hook.key", "a secret of the workspace\n")]);
    let options = [
        "--webhook-secret",
        "hook.key",
        "--webhook-header",
        "X-Duvo-Signature",
    ];
    let daemon = ground.serve_with(&options, "").unwrap();
    let secret = std::fs::read_to_string(ground.state().join("webhook")).unwrap();
    let path = format!("{}/hooks/duvo/{}", daemon.url, secret.trim());
    let body = json!({ "event": "run.completed" }).to_string();
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"a secret of the workspace");
    let tag = hmac::sign(&key, body.as_bytes());
    let digits = tag
        .as_ref()
        .iter()
        .fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"));
    let send = |signature: Option<&str>, body: &str| {
        let request = daemon.client.post(&path).body(body.to_owned());
        let request = match signature {
            Some(signature) => request.header("x-duvo-signature", signature),
            None => request,
        };
        daemon.send(request).status
    };
    assert_eq!(send(Some(&digits), &body), 202);
    assert_eq!(send(Some(&format!("sha256={digits}")), &body), 202);
    assert_eq!(send(Some(&digits), "{}"), 401);
    assert_eq!(send(None, &body), 401);
}
