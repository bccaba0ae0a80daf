//! Files by signed URLs: no key, no budget, and no more in memory than a piece.

use super::*;
use crate::api::Upload;
use crate::report::FailureKind;

#[tokio::test]
async fn an_upload_is_put_without_the_key_and_again_after_a_fault() {
    let storage =
        Server::start([text(500, "text/plain", "oops"), text(200, "text/plain", "")]).await;
    let caller = Caller::with(nobody(), |_| {});
    let upload = Upload {
        part: String::new(),
        file_name: "a.csv".into(),
        content_type: "text/csv".into(),
        bytes: Bytes::from_static(b"a,b"),
        fields: Vec::new(),
    };
    caller
        .client
        .upload(&storage.url("/f?sig=1%2F2"), "text/csv", upload)
        .await
        .unwrap();
    let seen = storage.seen();
    assert_eq!(storage.targets(), ["PUT /f?sig=1%2F2", "PUT /f?sig=1%2F2"]);
    assert_eq!(
        (seen[1].header("content-type"), &seen[1].body[..]),
        ("text/csv", &b"a,b"[..])
    );
    assert_eq!(seen[1].header("content-length"), "3");
    for header in ["authorization", "idempotency-key"] {
        assert!(!seen[1].headers.contains_key(header), "{header}");
    }
    assert_eq!(caller.client.budget().remaining, 300);
}

#[tokio::test]
async fn a_download_comes_in_pieces_and_follows_to_another_host() {
    let body = pieces(5, 1000);
    let storage = Server::start([text(200, "text/csv", body)]).await;
    let front = Server::start([redirect(302, &storage.url("/real"))]).await;
    let caller = Caller::of(&front);
    let mut download = caller
        .client
        .download(&front.url("/f?sig=1"), 10_000)
        .await
        .unwrap();
    assert_eq!(
        (download.media.as_str(), download.length),
        ("text/csv", None)
    );
    let mut length = 0;
    while let Some(piece) = download.chunk().await.unwrap() {
        length += piece.len();
    }
    assert_eq!(length, 5000);
    for server in [&front, &storage] {
        assert!(!server.seen()[0].headers.contains_key("authorization"));
    }
}

#[tokio::test]
async fn a_download_has_a_limit_told_or_not() {
    let server = Server::start([
        text(200, "text/plain", "z".repeat(1001)),
        text(200, "text/plain", pieces(3, 600)),
        text(200, "text/plain", "z".repeat(1000)),
    ])
    .await;
    let caller = Caller::of(&server);
    for _ in 0..2 {
        let download = caller
            .client
            .download(&server.url("/f"), 1000)
            .await
            .unwrap();
        let failure = download.bytes().await.unwrap_err();
        assert!(failure.message.contains("larger than"), "{failure}");
    }
    let download = caller
        .client
        .download(&server.url("/f"), 1000)
        .await
        .unwrap();
    assert_eq!(download.length, Some(1000));
    assert_eq!(download.bytes().await.unwrap().len(), 1000);
}

#[tokio::test]
async fn a_refusal_shows_no_signature() {
    let denied = text(
        403,
        "application/xml",
        "<Error>Signature sig=sesame</Error>",
    );
    let server = Server::start([denied]).await;
    let failure = Caller::of(&server)
        .client
        .download(&server.url("/f?sig=sesame"), 1)
        .await
        .err()
        .unwrap();
    assert_eq!(
        (failure.kind, failure.endpoint.as_deref()),
        (FailureKind::Permission, Some("download"))
    );
    assert!(failure.hint.clone().unwrap().contains("expire"));
    assert!(!format!("{failure:?}").contains("sesame"), "{failure:?}");

    let gone = Caller::of(&server)
        .client
        .upload(&format!("http://{}/f?sig=sesame", nobody()), "a/b", "x")
        .await;
    assert!(!format!("{gone:?}").contains("sesame"), "{gone:?}");
    for address in ["http://storage.example/f?sig=sesame", "sesame", "ftp://x/f"] {
        let failure = Caller::of(&server)
            .client
            .upload(address, "a/b", "x")
            .await
            .unwrap_err();
        assert!(!format!("{failure:?}").contains("sesame"), "{failure:?}");
    }
}
