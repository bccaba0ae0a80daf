//! What goes out: path, query, headers, body, multipart, and the escape hatch.

use super::*;
use crate::api::Upload;
use crate::catalog::Method;

#[tokio::test]
async fn a_read_has_query_and_key_and_nothing_else() {
    let server = Server::start([answer(200, json!({"data": [], "total": 0}))]).await;
    let caller = Caller::of(&server);
    let fields = json!({"limit": 5, "search": "a b&c=ü", "agent_id": null});
    caller.call("jobs.list", &[], fields).await.unwrap();
    let seen = &server.seen()[0];
    let query = "search=a+b%26c%3D%C3%BC";
    assert!(
        seen.target.starts_with(&format!("/v2/teams/{TEAM}/runs?")),
        "{}",
        seen.target
    );
    assert!(
        seen.target.contains(query) && seen.target.contains("limit=5"),
        "{}",
        seen.target
    );
    assert!(!seen.target.contains("agent_id"), "{}", seen.target);
    assert_eq!(seen.header("authorization"), format!("Bearer {KEY}"));
    assert_eq!(seen.header("accept"), "application/json");
    assert_eq!(seen.header("accept-encoding"), "gzip");
    assert_eq!(
        seen.header("user-agent"),
        concat!("duvoscript/", env!("CARGO_PKG_VERSION"))
    );
    assert!(!seen.headers.contains_key("idempotency-key"));
    assert!(!seen.headers.contains_key("content-type"));
    assert!(seen.body.is_empty());
}

#[tokio::test]
async fn a_mutation_has_a_body_and_an_idempotency_key() {
    let server = Server::start([answer(201, json!({"run": {"id": ID}}))]).await;
    let caller = Caller::of(&server);
    let fields = json!({"agent_id": ID, "message": "héllo"});
    let response = caller
        .call("jobs.start", &[], fields.clone())
        .await
        .unwrap();
    assert_eq!(
        (response.status, response.media.as_str()),
        (201, "application/json")
    );
    let seen = &server.seen()[0];
    assert_eq!(seen.method, "POST");
    assert_eq!(seen.header("content-type"), "application/json");
    assert_eq!(seen.header("idempotency-key"), "idem-1");
    assert_eq!(seen.json(), fields);
}

#[tokio::test]
async fn a_body_of_optional_fields_is_an_empty_object_and_no_body_is_none() {
    let server = Server::start([
        answer(200, json!({"success": true})),
        answer(200, json!({"success": true})),
    ])
    .await;
    let caller = Caller::of(&server);
    caller
        .call("setups.promote", &[ID], no_fields())
        .await
        .unwrap();
    caller.call("jobs.stop", &[ID], no_fields()).await.unwrap();
    let seen = server.seen();
    assert_eq!(seen[0].json(), json!({}));
    assert!(seen[1].body.is_empty());
    assert!(!seen[1].headers.contains_key("content-type"));
}

#[tokio::test]
async fn a_strange_path_never_leaves() {
    let server = Server::start([]).await;
    let caller = Caller::of(&server);
    let endpoint = catalog::by_name("jobs.get").unwrap();
    for id in ["..", ".", ""] {
        let call = Call {
            endpoint,
            path: vec![id.into()],
            fields: Map::new(),
        };
        // A slash inside an id is encoded; what is left of `..` would climb.
        let outcome = caller.client.call(&call, None, "").await;
        let failure = outcome.unwrap_err();
        assert_eq!(failure.kind.as_str(), "invalid", "{id:?}: {failure}");
    }
    assert!(server.seen().is_empty(), "{:?}", server.targets());
}

#[tokio::test]
async fn a_file_goes_as_multipart_under_the_chosen_name() {
    let fine = || answer(201, json!({"path": "/workspace/a.csv", "size_bytes": 3}));
    // The form is made anew for the second attempt.
    let server = Server::start([answer(503, json!({})), fine(), fine()]).await;
    let caller = Caller::of(&server);
    let upload = Upload {
        part: String::new(),
        file_name: "a.csv".into(),
        content_type: "text/csv".into(),
        bytes: Bytes::from_static(b"a\nb"),
        fields: vec![("note".into(), "x".into())],
    };
    let plain = call(
        "sandboxes.upload",
        &["box 1"],
        json!({"file": "a.csv", "path": "/workspace"}),
    );
    let named = call(
        "sandboxes.upload",
        &["b"],
        json!({"file": "a.csv", "field": "data"}),
    );
    caller
        .client
        .call(&plain, Some(upload.clone()), "k")
        .await
        .unwrap();
    caller.client.call(&named, Some(upload), "k").await.unwrap();
    let seen = server.seen();
    assert_eq!(seen[1].target, "/v2/sandboxes/box%201/files");
    assert!(
        seen[1]
            .header("content-type")
            .starts_with("multipart/form-data; boundary=")
    );
    let body = String::from_utf8_lossy(&seen[1].body);
    for part in [
        "name=\"file\"; filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\na\nb\r\n",
        "name=\"path\"\r\n\r\n/workspace\r\n",
        "name=\"note\"\r\n\r\nx\r\n",
    ] {
        assert!(body.contains(part), "{part:?} in {body}");
    }
    assert!(!body.contains("name=\"field\""), "{body}");
    assert!(String::from_utf8_lossy(&seen[2].body).contains("name=\"data\"; filename"));
    let failure = caller.client.call(&plain, None, "k").await.unwrap_err();
    assert!(failure.message.contains("`file` is missing"), "{failure}");
}

#[tokio::test]
async fn the_escape_hatch_goes_anywhere_on_the_origin() {
    let server = Server::start([
        answer(200, json!({"anything": 1})),
        text(200, "text/plain", "hello"),
        text(200, "application/json", "{oops"),
        answer(503, json!({"message": "down"})),
        answer(200, json!([])),
    ])
    .await;
    let caller = Caller::of(&server);
    let query = [("a".to_owned(), "1 2".to_owned())];
    let client = &caller.client;
    let body = json!({"x": [1]});
    let posted = client
        .request(Method::Post, "/v2/new/thing", &query, Some(&body), "k")
        .await;
    assert_eq!(posted.unwrap().body, r#"{"anything":1}"#);
    let absolute = server.url("/.well-known/x");
    let read = client
        .request(Method::Get, &absolute, &[], None, "k")
        .await
        .unwrap();
    assert_eq!(
        (read.media.as_str(), &read.body[..]),
        ("text/plain", &b"hello"[..])
    );
    let broken = client
        .request(Method::Get, "/v2/new", &[], None, "")
        .await
        .unwrap_err();
    assert_eq!(broken.kind.as_str(), "protocol");
    assert_eq!(broken.endpoint.as_deref(), Some("GET /v2/new"));
    client
        .request(Method::Put, "/v2/new", &[], None, "k")
        .await
        .unwrap();
    let seen = server.seen();
    assert_eq!(seen[0].target, "/v2/new/thing?a=1+2");
    assert_eq!(seen[0].json(), body);
    assert_eq!(seen[0].header("idempotency-key"), "k");
    assert!(!seen[1].headers.contains_key("idempotency-key"));
    assert_eq!(seen.len(), 5);
    for elsewhere in ["https://evil.org/v2/x", "/v1/x", "/v2/../v1/x"] {
        let refused = client.request(Method::Get, elsewhere, &[], None, "").await;
        assert!(refused.is_err(), "{elsewhere}");
    }
    assert_eq!(server.seen().len(), 5);
}

#[test]
fn a_runtime_that_stands_still_holds_nobody_up() {
    let runtime = || {
        let builder = &mut tokio::runtime::Builder::new_current_thread();
        builder.enable_all().build().unwrap()
    };
    let (serving, idle, busy) = (
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap(),
        runtime(),
        runtime(),
    );
    let server = serving.block_on(Server::start([job(), job(), job()]));
    let caller = Caller::of(&server);
    idle.block_on(caller.get()).unwrap();
    let longest = Duration::from_secs(5);
    let got = busy.block_on(async { tokio::time::timeout(longest, caller.get()).await });
    got.unwrap().unwrap();
    drop(busy);
    idle.block_on(caller.get()).unwrap();
    assert_eq!(server.seen().len(), 3);
}
