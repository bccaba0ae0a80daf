//! Old calls whose path the server no longer knows.

use super::*;

const OLD: &str = "/v2/clarity-v2/processes/7b6a4a0e-0000-4000-8000-000000000002/current-process";
const NEW: &str =
    "/v2/clarity-v2/processes/7b6a4a0e-0000-4000-8000-000000000002/snapshots/current_process";

fn no_route(status: u16) -> Answer {
    answer(status, json!({"error": "Route not found"}))
}

fn snapshot() -> Answer {
    answer(200, json!({"snapshot": {"id": ID}}))
}

#[tokio::test]
async fn a_path_that_is_gone_leads_on_and_is_remembered() {
    for status in [404, 405, 410] {
        let server = Server::start([no_route(status), snapshot(), snapshot()]).await;
        let caller = Caller::of(&server);
        for _ in 0..2 {
            let response = caller
                .call("processes.get_current", &[ID, ID], no_fields())
                .await
                .unwrap();
            assert_eq!(response.status, 200);
        }
        let (old, new) = (format!("GET {OLD}/{ID}"), format!("GET {NEW}/{ID}"));
        assert_eq!(server.targets(), [old, new.clone(), new], "{status}");
    }
}

#[tokio::test]
async fn a_missing_thing_stays_missing_and_teaches_nothing() {
    let missing = || {
        answer(
            404,
            json!({"error": "not_found", "message": "Snapshot not found"}),
        )
    };
    let server = Server::start([no_route(404), missing(), no_route(404), missing()]).await;
    let caller = Caller::of(&server);
    for _ in 0..2 {
        let failure = caller
            .call("processes.get_current", &[ID, ID], no_fields())
            .await
            .unwrap_err();
        assert_eq!(failure.kind.as_str(), "not_found");
        assert_eq!(failure.message, "Snapshot not found");
        assert_eq!(failure.endpoint.as_deref(), Some("processes.get_current"));
    }
    assert_eq!(server.targets()[2], format!("GET {OLD}/{ID}"));
}

#[tokio::test]
async fn an_old_path_that_works_is_used() {
    let server = Server::start([snapshot(), answer(409, json!({"error": "busy"}))]).await;
    let caller = Caller::of(&server);
    caller
        .call("processes.get_current", &[ID, ID], no_fields())
        .await
        .unwrap();
    let failure = caller
        .call("processes.promote_current", &[ID, ID], no_fields())
        .await
        .unwrap_err();
    assert_eq!(failure.kind.as_str(), "conflict");
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn the_answer_comes_back_in_the_old_words() {
    let server = Server::start([
        no_route(410),
        answer(
            200,
            json!({"authorization_url": "https://x.y/z", "number": 12_345_678_901_234_567_890_u64}),
        ),
    ])
    .await;
    let caller = Caller::of(&server);
    let fields = json!({"auth_config_id": "gmail", "callback_url": "https://a.b/c", "auth_scheme": "OAUTH2"});
    let response = caller.call("connections.start_composio", &[], fields).await;
    let response = response.unwrap();
    let body: Value = serde_json::from_slice(&response.body).unwrap();
    assert_eq!(
        body,
        json!({"redirect_url": "https://x.y/z", "number": 12_345_678_901_234_567_890_u64})
    );
    let seen = &server.seen()[1];
    assert_eq!(
        seen.target,
        format!("/v2/teams/{TEAM}/connections/oauth/native/gmail/start")
    );
    assert_eq!(seen.json(), json!({"return_url": "https://a.b/c"}));
    assert_eq!(seen.header("idempotency-key"), "idem-1");
}

#[tokio::test]
async fn a_permanent_redirect_to_the_successor_is_followed_and_remembered() {
    let done = || answer(200, json!({"reprocessedCount": 1, "skippedCount": 0}));
    let server = Server::start([
        redirect(308, &format!("/v2/queues/{ID}/cases/bulk-reprocess")),
        done(),
        done(),
    ])
    .await;
    let caller = Caller::of(&server);
    for _ in 0..2 {
        caller
            .call("cases.retry", &[ID], json!({"case_ids": [ID]}))
            .await
            .unwrap();
    }
    let (old, new) = (
        format!("POST /v2/queues/{ID}/cases/bulk-retry"),
        format!("POST /v2/queues/{ID}/cases/bulk-reprocess"),
    );
    assert_eq!(server.targets(), [old, new.clone(), new]);
    let seen = server.seen();
    assert_eq!(seen[1].json(), json!({"case_ids": [ID]}));
    assert_eq!(seen[1].header("authorization"), format!("Bearer {KEY}"));
    assert_eq!(seen[2].json(), json!({"case_ids": [ID]}));
}

#[tokio::test]
async fn a_successor_that_cannot_take_the_call_is_told() {
    let server = Server::start([no_route(404)]).await;
    let fields = json!({"auth_config_id": "ac/../x", "callback_url": "https://a.b/c"});
    let outcome = Caller::of(&server)
        .call("connections.start_composio", &[], fields)
        .await;
    let failure = outcome.unwrap_err();
    assert_eq!(failure.kind.as_str(), "not_found");
    assert!(
        failure
            .hint
            .unwrap()
            .contains("`connections.start_oauth` replaced it")
    );
    assert_eq!(server.seen().len(), 1);
}
