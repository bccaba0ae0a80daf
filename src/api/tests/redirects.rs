//! Redirects: followed by hand, with everything on the same origin, and never elsewhere with the key.

use super::*;

#[tokio::test]
async fn the_same_origin_keeps_method_body_and_key() {
    for status in [307, 308] {
        let server = Server::start([
            redirect(status, "/v2/elsewhere"),
            answer(201, json!({"run": {}})),
        ])
        .await;
        Caller::of(&server).start().await.unwrap();
        let seen = server.seen();
        assert_eq!(server.targets()[1], "POST /v2/elsewhere");
        for header in ["authorization", "idempotency-key", "content-type"] {
            assert_eq!(seen[1].header(header), seen[0].header(header));
        }
        assert_eq!(seen[1].body, seen[0].body);
    }
}

#[tokio::test]
async fn another_host_never_sees_anything() {
    let thief = Server::start([job()]).await;
    for status in [301, 302, 303, 307, 308] {
        let server = Server::start([redirect(status, &thief.url("/v2/runs"))]).await;
        let failure = Caller::of(&server).get().await.unwrap_err();
        assert_eq!(failure.kind.as_str(), "protocol");
        assert!(
            failure.message.contains(&thief.address.to_string()),
            "{failure}"
        );
        assert!(!failure.retryable);
    }
    assert!(thief.seen().is_empty());
}

#[tokio::test]
async fn a_plain_redirect_is_followed_for_reads_only() {
    let server = Server::start([redirect(302, "/v2/there"), job()]).await;
    Caller::of(&server).get().await.unwrap();
    assert_eq!(server.targets()[1], "GET /v2/there");

    let server = Server::start([redirect(302, "/v2/there")]).await;
    let failure = Caller::of(&server).start().await.unwrap_err();
    assert_eq!(
        (failure.kind.as_str(), failure.status),
        ("protocol", Some(302))
    );
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_circle_ends() {
    let server = Server::start((0..20).map(|_| redirect(308, "/v2/again"))).await;
    let failure = Caller::of(&server).get().await.unwrap_err();
    assert!(
        failure.message.contains("redirects more than 5 times"),
        "{failure}"
    );
    assert_eq!(server.seen().len(), 6);
}

#[tokio::test]
async fn a_base_with_a_prefix_still_finds_its_entries() {
    let server = Server::start([
        redirect(308, &format!("/gate/v2/queues/{ID}/cases/bulk-reprocess")),
        answer(200, json!({"reprocessedCount": 1, "skippedCount": 0})),
        answer(200, json!({"reprocessedCount": 1, "skippedCount": 0})),
    ])
    .await;
    let caller = Caller::with(server.address, |settings| {
        settings.base_url.set_path("/gate");
    });
    for _ in 0..2 {
        let fields = json!({"case_ids": [ID]});
        caller.call("cases.retry", &[ID], fields).await.unwrap();
    }
    let new = format!("POST /gate/v2/queues/{ID}/cases/bulk-reprocess");
    assert_eq!(server.targets()[1..], [new.clone(), new]);
}
