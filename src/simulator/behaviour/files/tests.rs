//! Team files go up and come down by signed addresses, and are read and written as text.

use serde_json::json;

use crate::simulator::trial::{Trial, text};

#[tokio::test]
async fn go_up_come_down_are_renamed_and_deleted() {
    let trial = &Trial::company().await;
    let wanted = json!({ "fileName": "in/data.bin", "contentType": "application/x-data" });
    let ticket = trial.call("files.create_upload_url", &[], wanted).await;
    let url = text(&ticket["signedUrl"]);
    let target = url.strip_prefix(trial.simulator.url()).unwrap();
    let bytes = &b"\xff\x00data"[..];
    let put = |media: &'static str| async move {
        trial
            .raw("PUT", target, &[("content-type", media)], bytes)
            .await
    };
    assert_eq!(
        put("text/plain").await.status,
        400,
        "the type must be the one announced"
    );
    assert_eq!(put("application/x-data").await.status, 200);
    assert_eq!(
        trial
            .refused("files.read", &["in/data.bin"], json!({}))
            .await
            .0,
        400,
        "not text"
    );
    let down = trial
        .call("files.create_download_url", &["in/data.bin"], json!({}))
        .await;
    let url = text(&down["url"]);
    let target = url.strip_prefix(trial.simulator.url()).unwrap();
    let came = trial.raw("GET", target, &[("authorization", "")], "").await;
    assert_eq!(
        (&came.bytes[..], came.headers["content-type"].as_bytes()),
        (bytes, &b"application/x-data"[..])
    );
    trial.pass(2 * 3600);
    assert_eq!(
        trial.raw("GET", target, &[], "").await.status,
        403,
        "it has expired"
    );
    let renamed = json!({ "relativePath": "in/data.bin", "newFilenameOnly": "old" });
    trial.call("files.rename", &[], renamed).await;
    trial.call("files.delete", &["in/old.bin"], json!({})).await;
    assert_eq!(
        trial
            .refused("files.delete", &["in/old.bin"], json!({}))
            .await
            .0,
        404
    );
}

#[tokio::test]
async fn texts_are_read_and_written_at_any_path() {
    let trial = Trial::company().await;
    let path = "reference/approvers.md";
    trial
        .call("files.write", &[path], json!({ "content": "# Nobody" }))
        .await;
    assert_eq!(
        trial.call("files.read", &[path], json!({})).await["content"],
        "# Nobody"
    );
    assert_eq!(
        trial.refused("files.read", &["a/../b"], json!({})).await.0,
        400
    );
    assert_eq!(
        trial.refused("files.read", &["none.md"], json!({})).await.0,
        404
    );
}
