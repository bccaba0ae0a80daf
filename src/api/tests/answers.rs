//! What comes back: outlines, refusals, limits, and that the key never shows.

use super::*;
use crate::report::FailureKind;

async fn get(answer: Answer) -> Result<Response, Failure> {
    Caller::of(&Server::start([answer]).await).get().await
}

async fn ask(
    name: &str,
    path: &[&str],
    fields: Value,
    answer: Answer,
) -> Result<Response, Failure> {
    let server = Server::start([answer]).await;
    Caller::of(&server).call(name, path, fields).await
}

#[tokio::test]
async fn an_answer_tells_the_time_of_the_server() {
    let dated = |date: &str| {
        let mut answer = answer(200, json!({"run": {"id": ID}}));
        answer.headers_mut().insert("date", date.parse().unwrap());
        answer
    };
    let told = get(dated("Mon, 05 Jan 2026 08:00:07 GMT")).await.unwrap();
    let time = told.date.map(|date| date.to_string());
    assert_eq!(time.as_deref(), Some("2026-01-05T08:00:07Z"));
    assert_eq!(get(dated("soon")).await.unwrap().date, None);
}

#[tokio::test]
async fn what_is_not_the_promised_outline_is_a_protocol_failure() {
    let html = format!("<html>\n<h1>Login to the Wi-Fi</h1>{}", "x".repeat(500));
    let cases = [
        (text(200, "text/html", html), "is not JSON"),
        (
            text(200, "application/json", "{\"run\": {}} trailing"),
            "is not JSON",
        ),
        (text(200, "application/json", ""), "is empty"),
        (answer(200, json!({"job": {}})), "lacks `run`"),
        (answer(200, json!([1])), "lacks `run`"),
        (
            text(200, "application/json", b"{\"run\": \"\xff\"}".to_vec()),
            "is not JSON",
        ),
    ];
    for (answer, wanted) in cases {
        let failure = get(answer).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Protocol);
        assert_eq!(failure.status, Some(200));
        assert!(failure.message.contains(wanted), "{failure}");
        assert!(
            failure.message.len() < 350 && !failure.message.contains('\n'),
            "{failure}"
        );
    }
}

#[tokio::test]
async fn lists_must_be_lists() {
    for (name, path, good, bad) in [
        ("secrets.list", &[][..], json!([]), json!({"data": []})),
        (
            "jobs.list",
            &[][..],
            json!({"data": [], "total": 0}),
            json!({"data": {}}),
        ),
        (
            "jobs.list",
            &[][..],
            json!({"data": []}),
            json!({"runs": []}),
        ),
    ] {
        ask(name, path, no_fields(), answer(200, good))
            .await
            .unwrap();
        let failure = ask(name, path, no_fields(), answer(200, bad))
            .await
            .unwrap_err();
        assert_eq!(failure.kind, FailureKind::Protocol, "{failure}");
    }
}

#[tokio::test]
async fn any_success_is_a_success() {
    for status in [200, 201, 202, 299] {
        let response = get(answer(status, json!({"run": {}}))).await.unwrap();
        assert_eq!(response.status, status);
    }
    let nothing = get(text(204, "text/plain", "")).await.unwrap();
    assert!(nothing.body.is_empty());
    let login = ask(
        "logins.delete",
        &[ID, ID],
        no_fields(),
        text(204, "text/plain", ""),
    )
    .await;
    assert_eq!(login.unwrap().status, 204);
}

#[tokio::test]
async fn a_null_resource_means_what_the_catalog_says() {
    let failure = get(answer(200, json!({"run": null}))).await.unwrap_err();
    assert_eq!(
        (failure.kind, failure.status),
        (FailureKind::NotFound, Some(200))
    );
    let nothing = answer(200, json!({"data": null}));
    let nothing = ask("jobs.get_evaluation", &[ID, ID], no_fields(), nothing).await;
    assert_eq!(nothing.unwrap().body, r#"{"data":null}"#);
}

#[tokio::test]
async fn other_media_pass_as_they_are() {
    let zip = text(200, "application/zip", b"PK\x03\x04\xff".to_vec());
    let server = Server::start([zip]).await;
    let response = Caller::of(&server)
        .call("skills.download", &[ID], no_fields())
        .await
        .unwrap();
    assert_eq!(
        (response.media.as_str(), &response.body[..]),
        ("application/zip", &b"PK\x03\x04\xff"[..])
    );
    assert!(
        server.seen()[0]
            .header("accept")
            .starts_with("application/zip, application/json")
    );
}

#[tokio::test]
async fn a_stream_of_events_becomes_its_last_json() {
    let stream = "event: message\ndata: {\"n\": 1}\n\nevent: message\ndata: {\"n\":\ndata: 2}\n\n";
    let server = Server::start([
        text(200, "text/event-stream", stream),
        text(202, "text/plain", ""),
    ])
    .await;
    let caller = Caller::of(&server);
    let fields = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    let response = caller.call("mcp.send", &[], fields.clone()).await.unwrap();
    assert_eq!(response.media, "application/json");
    assert_eq!(
        serde_json::from_slice::<Value>(&response.body).unwrap(),
        json!({"n": 2})
    );
    assert!(
        server.seen()[0]
            .header("accept")
            .contains("text/event-stream")
    );
    assert!(
        caller
            .call("mcp.send", &[], fields)
            .await
            .unwrap()
            .body
            .is_empty()
    );
}

#[tokio::test]
async fn what_promises_nothing_is_json_or_nothing() {
    let fields = || json!({"jsonrpc": "2.0", "method": "ping"});
    let failure = ask("mcp.send", &[], fields(), text(200, "text/plain", "ok"))
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Protocol);
    let gone = ask(
        "logins.delete",
        &[ID, ID],
        no_fields(),
        text(200, "text/plain", "ok"),
    )
    .await;
    assert!(gone.unwrap().body.is_empty());
}

#[tokio::test]
async fn statuses_have_their_kinds_and_their_hints() {
    let cases = [
        (400, FailureKind::Invalid, ""),
        (401, FailureKind::Auth, "the key comes from the test"),
        (403, FailureKind::Permission, "role"),
        (404, FailureKind::NotFound, "`duvo::jobs::list`"),
        (409, FailureKind::Conflict, ""),
        (413, FailureKind::Invalid, ""),
        (418, FailureKind::Invalid, ""),
        (422, FailureKind::Invalid, ""),
        (501, FailureKind::Unavailable, ""),
    ];
    for (status, kind, hint) in cases {
        let failure = get(answer(status, json!({"error": "e", "message": "said"})))
            .await
            .unwrap_err();
        assert_eq!((failure.kind, failure.status), (kind, Some(status)));
        assert_eq!(failure.message, "said");
        assert_eq!(failure.endpoint.as_deref(), Some("jobs.get"));
        assert!(!failure.retryable);
        assert!(failure.hint.unwrap_or_default().contains(hint), "{status}");
    }
}

#[tokio::test]
async fn refusals_are_read_in_all_their_forms() {
    let cases = [
        (json!({"error": "Only this."}), "Only this"),
        (
            json!({"error": {"code": "C", "message": "inside", "request_id": "r1"}}),
            "inside",
        ),
        (
            json!({"code": "C", "message": "flat\nlines", "request_id": "r1"}),
            "flat lines",
        ),
        (
            json!({"error": "bad", "validationErrors": [{"field": "name", "message": "is too long"}, "odd"]}),
            "bad: `name` is too long; odd",
        ),
        (
            json!({"error": "full", "has_contents": true, "agent_count": 3}),
            "full; has_contents: true; agent_count: 3",
        ),
        (
            json!({"message": "no", "details": {"password": "hunter2"}}),
            "no; details: {\"password\":\"***\"}",
        ),
        (
            json!("what"),
            "the server answered 400 Bad Request: `\"what\"`",
        ),
        (json!({}), "the server answered 400 Bad Request: `{}`"),
    ];
    for (body, message) in cases {
        let answer = with(answer(400, body.clone()), &[("x-request-id", "r0")]);
        let failure = get(answer).await.unwrap_err();
        assert_eq!(failure.message, message);
        let has_own = body.to_string().contains("r1");
        assert_eq!(
            failure.request_id.as_deref(),
            Some(if has_own { "r1" } else { "r0" })
        );
        assert_eq!(failure.code.as_deref(), has_own.then_some("C"));
    }
    let page = text(403, "text/html", "<html>denied</html>");
    assert_eq!(
        get(page).await.unwrap_err().message,
        "the server answered 403 Forbidden"
    );
}

#[tokio::test]
async fn the_key_never_shows() {
    let failure = get(answer(401, json!({"message": format!("bad key {KEY}!")})))
        .await
        .unwrap_err();
    assert_eq!(failure.message, "bad key ***!");
    let caller = Caller::with(nobody(), |settings| {
        assert!(!format!("{settings:?}").contains(KEY));
    });
    assert!(!format!("{:?}", caller.client).contains(KEY));
}

#[tokio::test]
async fn an_answer_over_the_limit_is_refused_while_it_comes() {
    let long = "x".repeat(2000);
    let told = text(200, "application/json", long.clone());
    let streamed = text(200, "application/json", pieces(20, 300));
    for answer in [told, streamed] {
        let server = Server::start([answer]).await;
        let caller = Caller::with(server.address, |settings| settings.max_response = 1000);
        let failure = caller.get().await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Protocol);
        assert!(failure.message.contains("larger than"), "{failure}");
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_packed_answer_is_unpacked_within_the_limit() {
    // `gzip -9` of `{"run":` + 5000 blanks + `1}`.
    const PACKED: [u8; 54] = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 237, 193, 49, 13, 0, 32, 12, 0, 48, 43, 203, 28, 236, 69,
        212, 14, 18, 46, 130, 119, 84, 236, 107, 123, 115, 159, 206, 21, 0, 0, 0, 0, 192, 184, 122,
        31, 146, 28, 190, 19, 145, 19, 0, 0,
    ];
    let packed = || {
        with(
            text(200, "application/json", PACKED.to_vec()),
            &[("content-encoding", "gzip")],
        )
    };
    assert_eq!(get(packed()).await.unwrap().body.len(), 5009);
    let server = Server::start([packed()]).await;
    let caller = Caller::with(server.address, |settings| settings.max_response = 1000);
    assert_eq!(caller.get().await.unwrap_err().kind, FailureKind::Protocol);
}

#[tokio::test]
async fn logs_tell_of_requests_and_of_no_secrets() {
    let log = Log::default();
    let (_first, second) = (log.listener(), log.listener());
    let _guard = tracing::dispatcher::set_default(&second);
    let sorry = || [answer(503, json!({"message": "sorry"})), job()];
    // What logs remembers from its first use who listened. Tests on other threads, where nobody
    // listens, may come first: so all is used once, and then asked again.
    Caller::of(&Server::start(sorry()).await)
        .get()
        .await
        .unwrap();
    tracing::callsite::rebuild_interest_cache();
    Caller::of(&Server::start(sorry()).await)
        .get()
        .await
        .unwrap();
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for wanted in [
        "endpoint=\"jobs.get\" status=503 attempt=1",
        "WARN duvoscript::api::exchange: will be tried again",
        "endpoint=\"jobs.get\" status=200 attempt=2",
    ] {
        assert!(text.contains(wanted), "{text}");
    }
    assert!(!text.contains(KEY) && !text.contains("sorry"), "{text}");
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn listener(&self) -> tracing::Dispatch {
        let log = self.clone();
        let listener = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
        listener
            .with_ansi(false)
            .with_writer(move || log.clone())
            .into()
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
