//! Imports of drawings, requests for captures, and invite links.

#![expect(
    clippy::too_many_lines,
    reason = "each test tells one story, from its start to its end"
)]

use super::*;
use crate::simulator::behaviour::exam::{NOBODY, call, refuses};
use crate::simulator::trial::{Trial, text};
use serde_json::{Value, json};

#[tokio::test]
async fn an_import_answers_the_capture_that_a_proposal_asks_for() {
    let trial = Trial::company().await;
    let id = process(&trial, "Invoice approval").await;
    let proposal = live(&trial, &id, PROPOSAL).await;
    let open = async || {
        call(
            &trial,
            "processes.list_capture_requests",
            &[&id, &proposal],
            json!({}),
        )
        .await
    };
    let request = text(&open().await["requests"][0]["id"]);
    let assign = async |request: &str, user: Value| {
        trial
            .send(
                "processes.assign_capture_request",
                &[&id, &proposal, request],
                json!({ "user_id": user }),
            )
            .await
            .status
    };
    assert_eq!(assign(&request, trial.me.as_str().into()).await, 200);
    assert_eq!(
        open().await["requests"][0]["requested_user_id"],
        trial.me.as_str()
    );
    assert_eq!(assign(&request, Value::Null).await, 200);
    assert_eq!(assign(&request, NOBODY.into()).await, 404);
    assert_eq!(assign(NOBODY, Value::Null).await, 404);
    refuses(
        &trial,
        (404, "processes.list_capture_requests"),
        &[&id, NOBODY],
        json!({}),
    )
    .await;

    let names = json!({ "file_name": "board.svg", "content_type": "image/svg+xml" });
    let mut wanted = names.clone();
    wanted["extra_capture_request_id"] = request.as_str().into();
    let address = call(
        &trial,
        "processes.create_import_url",
        &[&id],
        wanted.clone(),
    )
    .await;
    let capture = text(&address["capture_id"]);
    let complete = async |fields: &Value| {
        trial
            .send(
                "processes.complete_import",
                &[&id, &capture],
                fields.clone(),
            )
            .await
    };
    assert_eq!(complete(&names).await.status, 400, "nothing is uploaded");
    let target = text(&address["signed_url"]).replace(trial.simulator.url(), "");
    let put = async |media: &str, bytes: &'static str| {
        trial
            .raw(
                "PUT",
                &target,
                &[("content-type", media), ("authorization", "none")],
                bytes,
            )
            .await
            .status
    };
    assert_eq!(put("image/png", "<svg/>").await, 400, "another media type");
    assert_eq!(put("image/svg+xml", "no diagram").await, 200);
    assert_eq!(complete(&names).await.status, 400, "no SVG");
    assert_eq!(put("image/svg+xml", "<svg/>").await, 200);
    let other = json!({ "file_name": "other.svg", "content_type": "image/svg+xml" });
    assert_eq!(complete(&other).await.status, 400);
    let done = call(
        &trial,
        "processes.complete_import",
        &[&id, &capture],
        names.clone(),
    )
    .await;
    assert_eq!(
        (
            &done["capture"]["status"],
            &done["capture"]["documentFileName"]
        ),
        (&json!("complete"), &json!("board.svg"))
    );
    assert_eq!(complete(&names).await.status, 400, "twice");
    assert_eq!(open().await["requests"][0]["status"], "captured");
    // Answered already.
    refuses(&trial, (400, "processes.create_import_url"), &[&id], wanted).await;

    call(
        &trial,
        "processes.generate_snapshot",
        &[&id, PROPOSAL],
        json!({}),
    )
    .await;
    trial.pass(60);
    assert_eq!(open().await["requests"][0]["status"], "resolved");
    let next = live(&trial, &id, PROPOSAL).await;
    let asked = call(
        &trial,
        "processes.list_capture_requests",
        &[&id, &next],
        json!({}),
    )
    .await;
    assert_eq!(asked["total"], 0, "the gap is closed");
    assert_eq!(assign(&request, Value::Null).await, 400, "resolved");
}

#[tokio::test]
async fn imports_are_refused_when_wrong_or_too_large() {
    let trial = Trial::company().await;
    let id = process(&trial, "Supplier onboarding").await;
    let refused = async |name: &str, media: &str| {
        let fields = json!({ "file_name": name, "content_type": media });
        trial
            .refused("processes.create_import_url", &[&id], fields)
            .await
            .0
    };
    assert_eq!(refused("board.png", "image/svg+xml").await, 400);
    assert_eq!(refused("board.exe", "image/png").await, 400);
    let mut lost = json!({ "file_name": "a.png", "content_type": "image/png", "extra_capture_request_id": NOBODY });
    refuses(
        &trial,
        (404, "processes.create_import_url"),
        &[&id],
        lost.clone(),
    )
    .await;
    lost.as_object_mut()
        .unwrap()
        .remove("extra_capture_request_id");
    let address = call(&trial, "processes.create_import_url", &[&id], lost.clone()).await;
    let target = text(&address["signed_url"]).replace(trial.simulator.url(), "");
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.resize(21 * 1024 * 1024, 0);
    assert_eq!(
        trial
            .raw("PUT", &target, &[("content-type", "image/png")], bytes)
            .await
            .status,
        200
    );
    let capture = text(&address["capture_id"]);
    refuses(
        &trial,
        (413, "processes.complete_import"),
        &[&id, &capture],
        lost.clone(),
    )
    .await;
    refuses(
        &trial,
        (404, "processes.complete_import"),
        &[&id, NOBODY],
        lost.clone(),
    )
    .await;
    assert_eq!(
        trial
            .raw(
                "PUT",
                &target,
                &[("content-type", "image/png")],
                &b"\x89PNG\r\n\x1a\n"[..]
            )
            .await
            .status,
        200
    );
    call(&trial, "processes.complete_import", &[&id, &capture], lost).await;
    assert_eq!(read(&trial, &id).await["process"]["status"], "collecting");
}

#[tokio::test]
async fn a_new_invite_link_replaces_the_old_one() {
    let trial = Trial::company().await;
    let id = process(&trial, "Invoice approval").await;
    let one = call(&trial, "processes.create_invite_link", &[&id], json!({})).await;
    let other = call(&trial, "processes.create_invite_link", &[&id], json!({})).await;
    assert_ne!(one["invite_link"]["url"], other["invite_link"]["url"]);
    let works = |link: &Value| {
        let token = text(&link["invite_link"]["url"])
            .rsplit('/')
            .next()
            .unwrap()
            .to_owned();
        trial.simulator.state()["processes"]
            .to_string()
            .contains(&token)
    };
    assert!(works(&other) && !works(&one));
    refuses(
        &trial,
        (404, "processes.create_invite_link"),
        &[NOBODY],
        json!({}),
    )
    .await;
}
