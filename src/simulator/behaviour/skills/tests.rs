//! Skills go up and come down, are refused by field, and tell who uses them.

use serde_json::json;

use crate::simulator::trial::{Trial, text};

#[tokio::test]
async fn are_created_updated_downloaded_and_uploaded_again() {
    let trial = Trial::company().await;
    let parts = json!({ "name": "claims", "description": "Handles claims", "content": "# Claims" });
    assert_eq!(
        trial.send("skills.create", &[], parts.clone()).await.status,
        201
    );
    let made = trial.send("skills.create", &[], parts).await;
    assert_eq!(made.status, 200, "the same name is an update");
    let id = text(&made.json()["skill"]["id"]);
    let zip = trial.send("skills.download", &[&id], json!({})).await;
    assert_eq!(zip.headers["content-type"], "application/zip");
    let written = json!({ "content": "---\nname: claims-2\ndescription: Better\n---\n\n# Claims" });
    let written = trial
        .call("skills.write_file", &[&id, "SKILL.md"], written)
        .await;
    assert_eq!(written["skill"]["name"], "claims-2");
    let mut body =
        b"--xx\r\ncontent-disposition: form-data; name=\"any\"; filename=\"s.zip\"\r\n\r\n"
            .to_vec();
    body.extend_from_slice(&zip.bytes);
    body.extend_from_slice(b"\r\n--xx--\r\n");
    let path = format!("/v2/teams/{}/skills/upload", trial.team);
    let media = [("content-type", "multipart/form-data; boundary=xx")];
    let up = trial.raw("POST", &path, &media, body).await;
    assert_eq!(
        (up.status, up.json()["skill"]["name"].as_str()),
        (201, Some("claims")),
        "{}",
        up.json()
    );
    trial.call("skills.delete", &[&id], json!({})).await;
    assert_eq!(
        trial
            .refused("skills.read_file", &[&id, "SKILL.md"], json!({}))
            .await
            .0,
        404
    );
}

#[tokio::test]
async fn wrong_ones_are_refused_by_field() {
    let trial = Trial::company().await;
    for name in ["Claims", "-claims", "a--b", "claims-"] {
        let parts = json!({ "name": name, "description": "d", "content": "c" });
        let (status, envelope) = trial.refused("skills.create", &[], parts).await;
        assert_eq!(
            (status, envelope["validationErrors"][0]["field"].as_str()),
            (400, Some("name")),
            "{name}"
        );
    }
    for file in ["# no head", "---\nname: x\n---\n", "PK nonsense"] {
        assert_eq!(
            trial
                .refused("skills.upload", &[], json!({ "file": file }))
                .await
                .0,
            400,
            "{file}"
        );
    }
    let system = trial.call("skills.list_system", &[], json!({})).await;
    let system = text(&system["skills"][0]["id"]);
    assert_eq!(
        trial
            .refused("skills.delete", &[&system], json!({}))
            .await
            .0,
        403
    );
}

#[tokio::test]
async fn tell_which_assignments_use_them() {
    let trial = Trial::company().await;
    let skill = trial.find("skills.list", "invoice-matching").await;
    let users = trial
        .call("skills.list_assignments", &[&skill], json!({}))
        .await;
    assert_eq!(
        (
            users["total"].as_u64(),
            users["assignments"][0]["name"].as_str()
        ),
        (Some(1), Some("Invoice matcher"))
    );
}
