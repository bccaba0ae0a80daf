//! Dashboards, told as stories: one test is one, from its start to its end.

#![expect(
    clippy::too_many_lines,
    reason = "each test tells one story, from its start to its end"
)]

use serde_json::{Value, json};

use crate::simulator::behaviour::exam::{NOBODY, call, refuses};
use crate::simulator::trial::{Trial, text};

async fn create(trial: &Trial, message: &str) -> String {
    let new = call(
        trial,
        "dashboards.create",
        &[],
        json!({ "message": message }),
    )
    .await;
    text(&new["artifact_id"])
}

async fn status(trial: &Trial, id: &str) -> String {
    text(&call(trial, "dashboards.get", &[id], json!({})).await["artifact"]["status"])
}

async fn page(trial: &Trial, id: &str) -> String {
    let came = trial.send("dashboards.get_html", &[id], json!({})).await;
    assert_eq!(
        (came.status, came.headers["content-type"].to_str().unwrap()),
        (200, "text/html")
    );
    String::from_utf8(came.bytes.to_vec()).unwrap()
}

async fn theirs(trial: &Trial) -> String {
    let list = call(trial, "dashboards.list", &[], json!({ "scope": "team" })).await;
    text(&list["artifacts"][0]["id"])
}

#[tokio::test]
async fn a_dashboard_is_made_from_a_message_in_its_time() {
    let trial = Trial::company().await;
    let id = create(&trial, "Failed <jobs> by queue").await;
    assert_eq!(status(&trial, &id).await, "pending");
    refuses(&trial, (404, "dashboards.get_html"), &[&id], json!({})).await;
    let (code, envelope) = trial
        .refused(
            "dashboards.send_message",
            &[&id],
            json!({ "message": "As bars please" }),
        )
        .await;
    assert_eq!(
        (code, envelope.as_object().unwrap().len()),
        (409, 1),
        "`error` alone"
    );
    for busy in ["dashboards.refresh", "dashboards.duplicate"] {
        refuses(&trial, (409, busy), &[&id], json!({})).await;
    }
    trial.pass(2);
    assert_eq!(status(&trial, &id).await, "running");
    trial.pass(15);
    let done = call(&trial, "dashboards.get", &[&id], json!({})).await;
    assert_eq!(
        (
            &done["artifact"]["status"],
            &done["artifact"]["html_code_present"]
        ),
        (&json!("completed"), &json!(true))
    );
    assert_eq!(done["artifact"]["title"], "Failed <jobs> by queue");
    assert!(
        page(&trial, &id)
            .await
            .contains("Failed &lt;jobs&gt; by queue")
    );
    let created = call(&trial, "dashboards.list", &[], json!({})).await;
    assert_eq!(
        (&created["artifacts"][0]["id"], &created["total"]),
        (&json!(id), &json!(2))
    );
    assert_eq!(
        call(&trial, "dashboards.list", &[], json!({ "scope": "shared" })).await["total"],
        0
    );
    refuses(&trial, (404, "dashboards.get"), &[NOBODY], json!({})).await;
    refuses(
        &trial,
        (400, "dashboards.create"),
        &[],
        json!({ "message": "" }),
    )
    .await;
    let lost = json!({ "message": "x", "connection_ids": [NOBODY] });
    assert!([400, 403].contains(&trial.refused("dashboards.create", &[], lost).await.0));
}

#[tokio::test]
async fn exports_are_whole_documents() {
    let trial = Trial::company().await;
    let id = create(&trial, "Open cases by queue").await;
    trial.pass(15);
    let dark = trial
        .send("dashboards.export_html", &[&id], json!({ "theme": "dark" }))
        .await;
    assert!(String::from_utf8_lossy(&dark.bytes).contains("background: #1a1a1a"));
    let pdf = trial.send("dashboards.export_pdf", &[&id], json!({})).await;
    assert_eq!(pdf.headers["content-type"], "application/pdf");
    assert!(pdf.bytes.starts_with(b"%PDF-1.") && pdf.bytes.ends_with(b"%%EOF\n"));
    refuses(
        &trial,
        (400, "dashboards.export_pdf"),
        &[&id],
        json!({ "theme": "pink" }),
    )
    .await;
    refuses(
        &trial,
        (404, "dashboards.export_html"),
        &[NOBODY],
        json!({}),
    )
    .await;
}

#[tokio::test]
async fn versions_branch_and_the_chat_follows() {
    let trial = Trial::company().await;
    let id = create(&trial, "Open cases by queue").await;
    trial.pass(15);
    call(
        &trial,
        "dashboards.send_message",
        &[&id],
        json!({ "message": "Show it as bars" }),
    )
    .await;
    trial.pass(15);
    let versions = call(&trial, "dashboards.list_versions", &[&id], json!({})).await;
    assert_eq!(
        (&versions["current_version"], &versions["total"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(
        versions["revisions"][0]["parent_revision_id"],
        versions["revisions"][1]["id"]
    );
    let first = text(&versions["revisions"][1]["id"]);
    let old = trial
        .send("dashboards.get_version_html", &[&id, &first], json!({}))
        .await;
    assert!(
        !String::from_utf8_lossy(&old.bytes).contains("bars")
            && page(&trial, &id).await.contains("bars")
    );

    let chat = async |fields: Value| call(&trial, "dashboards.list_messages", &[&id], fields).await;
    assert_eq!(chat(json!({})).await["total"], 4);
    let last = chat(json!({ "limit": 2 })).await;
    assert_eq!(
        (&last["has_more"], &last["data"][0]["content"]),
        (&json!(true), &json!("Show it as bars"))
    );
    let before = chat(json!({ "limit": 2, "before": last["data"][0]["id"] })).await;
    assert_eq!(
        (
            &before["has_more"],
            before["data"].as_array().unwrap().len()
        ),
        (&json!(false), 2)
    );
    refuses(
        &trial,
        (404, "dashboards.list_messages"),
        &[&id],
        json!({ "before": NOBODY }),
    )
    .await;

    let restored = call(
        &trial,
        "dashboards.restore_version",
        &[&id, &first],
        json!({}),
    )
    .await;
    assert_eq!(restored["current_version"], 1);
    assert_eq!(
        chat(json!({})).await["total"],
        2,
        "messages of the other branch are not listed"
    );
    call(
        &trial,
        "dashboards.send_message",
        &[&id],
        json!({ "message": "Show it as lines", "from_revision_id": first }),
    )
    .await;
    refuses(
        &trial,
        (409, "dashboards.restore_version"),
        &[&id, &first],
        json!({}),
    )
    .await;
    trial.pass(15);
    let versions = call(&trial, "dashboards.list_versions", &[&id], json!({})).await;
    assert_eq!(
        (
            &versions["current_version"],
            &versions["revisions"][0]["parent_revision_id"]
        ),
        (&json!(3), &json!(first))
    );
    assert!(!page(&trial, &id).await.contains("bars"));
    let nowhere = json!({ "message": "x", "from_revision_id": NOBODY });
    refuses(&trial, (404, "dashboards.send_message"), &[&id], nowhere).await;
    refuses(
        &trial,
        (404, "dashboards.restore_version"),
        &[&id, NOBODY],
        json!({}),
    )
    .await;
    refuses(
        &trial,
        (404, "dashboards.get_version_html"),
        &[&id, NOBODY],
        json!({}),
    )
    .await;
    refuses(
        &trial,
        (404, "dashboards.list_versions"),
        &[NOBODY],
        json!({}),
    )
    .await;
}

#[tokio::test]
async fn a_short_wish_is_asked_about() {
    let trial = Trial::company().await;
    let id = create(&trial, "Something nice").await;
    trial.pass(60);
    assert_eq!(
        status(&trial, &id).await,
        "running",
        "it waits for the answer"
    );
    let chat = call(&trial, "dashboards.list_messages", &[&id], json!({})).await;
    let call = text(&chat["data"][1]["message"]["toolCallId"]);
    let answer = async |call: &str, question: &str| {
        let fields = json!({ "toolCallId": call, "answers": { question: "Jobs" } });
        trial.send("dashboards.answer", &[&id], fields).await.status
    };
    assert_eq!(
        answer("call_nothing", "Which figures shall it show?").await,
        404
    );
    assert_eq!(answer(&call, "What?").await, 409);
    assert_eq!(answer(&call, "Which figures shall it show?").await, 200);
    trial.pass(15);
    assert_eq!(status(&trial, &id).await, "completed");
    assert_eq!(
        answer(&call, "Which figures shall it show?").await,
        409,
        "no longer open"
    );
    assert!(page(&trial, &id).await.contains("Something nice: Jobs"));
}

#[tokio::test]
async fn a_stopped_generation_is_interrupted() {
    let trial = Trial::company().await;
    let id = create(&trial, "Open cases by queue").await;
    trial.pass(2);
    let stopped = call(
        &trial,
        "dashboards.stop",
        &[&id],
        json!({ "partial_text": "I was about to" }),
    )
    .await;
    assert_eq!(stopped["artifact"]["status"], "interrupted");
    trial.pass(60);
    assert_eq!(status(&trial, &id).await, "interrupted");
    let chat = call(&trial, "dashboards.list_messages", &[&id], json!({})).await;
    assert_eq!(chat["data"][1]["content"], "I was about to");
    let idle = call(&trial, "dashboards.stop", &[&id], json!({})).await;
    assert_eq!(idle["artifact"]["status"], "interrupted", "nothing to stop");
    // There is no page.
    refuses(&trial, (409, "dashboards.refresh"), &[&id], json!({})).await;
    refuses(&trial, (404, "dashboards.stop"), &[NOBODY], json!({})).await;
}

#[tokio::test]
async fn refreshes_count_anew_by_hand_and_by_plan() {
    let trial = Trial::company().await;
    let id = create(&trial, "Open cases by queue").await;
    trial.pass(60);
    let read = async || call(&trial, "dashboards.get", &[&id], json!({})).await["artifact"].clone();
    let before = read().await["last_refresh_at"].clone();
    let started = call(&trial, "dashboards.refresh", &[&id], json!({})).await;
    assert_eq!(started["status"], "pending");
    trial.pass(15);
    assert_ne!(read().await["last_refresh_at"], before);
    let versions = call(&trial, "dashboards.list_versions", &[&id], json!({})).await;
    assert_eq!(versions["total"], 1, "no new version");
    let plan = json!({ "title": "Cases", "refresh_frequency": "hourly" });
    let planned = call(&trial, "dashboards.update", &[&id], plan).await;
    let next = planned["next_refresh_at"].clone();
    trial.pass(3700);
    assert_eq!(read().await["last_refresh_at"], next);
    let off = call(
        &trial,
        "dashboards.update",
        &[&id],
        json!({ "refresh_frequency": null }),
    )
    .await;
    assert_eq!(
        (&off["next_refresh_at"], &off["title"]),
        (&Value::Null, &json!("Cases"))
    );
    trial.pass(7200);
    assert_eq!(read().await["last_refresh_at"], next);
    refuses(&trial, (404, "dashboards.refresh"), &[NOBODY], json!({})).await;
    refuses(&trial, (404, "dashboards.update"), &[NOBODY], json!({})).await;
}

#[tokio::test]
async fn what_a_colleague_published_can_be_seen_and_copied_only() {
    let trial = Trial::company().await;
    let id = theirs(&trial).await;
    let shown = call(&trial, "dashboards.get", &[&id], json!({})).await;
    assert_eq!(
        (&shown["is_creator"], &shown["can_edit"]),
        (&json!(false), &json!(false))
    );
    for (name, fields) in [
        ("dashboards.update", json!({ "title": "Mine" })),
        ("dashboards.delete", json!({})),
        ("dashboards.publish", json!({ "visibility": "private" })),
        (
            "dashboards.send_message",
            json!({ "message": "Show it as bars" }),
        ),
        ("dashboards.stop", json!({})),
        ("dashboards.list_versions", json!({})),
        (
            "dashboards.attach_connection",
            json!({ "connection_id": NOBODY }),
        ),
    ] {
        refuses(&trial, (403, name), &[&id], fields).await;
    }
    refuses(
        &trial,
        (404, "dashboards.list_connections"),
        &[&id],
        json!({}),
    )
    .await;
    let copy = call(&trial, "dashboards.duplicate", &[&id], json!({})).await;
    assert_eq!(
        (&copy["created_by_user_id"], &copy["visibility"]),
        (&json!(trial.me), &json!("private"))
    );
    assert!(
        page(&trial, &text(&copy["id"]))
            .await
            .contains("Failed jobs of the week")
    );
    refuses(&trial, (404, "dashboards.duplicate"), &[NOBODY], json!({})).await;
}

#[tokio::test]
async fn publishing_and_deleting_are_the_creators() {
    let trial = Trial::company().await;
    let id = create(&trial, "Open cases by queue").await;
    let publish = async |fields: Value| call(&trial, "dashboards.publish", &[&id], fields).await;
    let open = publish(json!({ "visibility": "team", "permission": "edit" })).await;
    assert_eq!(
        (&open["visibility"], &open["publish_permission"]),
        (&json!("team"), &json!("edit"))
    );
    assert_eq!(
        publish(json!({ "visibility": "organization" })).await["publish_permission"],
        "view"
    );
    assert_eq!(
        publish(json!({ "visibility": "private" })).await["visibility"],
        "private"
    );
    refuses(
        &trial,
        (400, "dashboards.publish"),
        &[&id],
        json!({ "visibility": "world" }),
    )
    .await;
    call(&trial, "dashboards.delete", &[&id], json!({})).await;
    trial.pass(60);
    refuses(&trial, (404, "dashboards.get"), &[&id], json!({})).await;
    refuses(&trial, (404, "dashboards.delete"), &[&id], json!({})).await;
}

#[tokio::test]
async fn connections_are_attached_and_a_broken_one_fails_the_generation() {
    let trial = Trial::company().await;
    let id = create(&trial, "Open cases by queue").await;
    trial.pass(15);
    let rows = call(&trial, "connections.list", &[], json!({})).await["integrations"]
        .as_array()
        .unwrap()
        .clone();
    let (broken, sound): (Vec<_>, Vec<_>) = rows
        .iter()
        .partition(|row| row["name"] == "Warehouse sheets");
    let attach = async |connection: &Value| {
        trial
            .send(
                "dashboards.attach_connection",
                &[&id],
                json!({ "connection_id": connection }),
            )
            .await
            .status
    };
    assert_eq!(attach(&sound[0]["id"]).await, 201);
    assert_eq!(attach(&sound[0]["id"]).await, 409);
    assert_eq!(attach(&NOBODY.into()).await, 404);
    call(
        &trial,
        "dashboards.send_message",
        &[&id],
        json!({ "message": "Show it as bars" }),
    )
    .await;
    trial.pass(15);
    assert_eq!(status(&trial, &id).await, "completed");
    assert_eq!(attach(&broken[0]["id"]).await, 201);
    assert_eq!(
        call(&trial, "dashboards.list_connections", &[&id], json!({})).await["connections"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    call(&trial, "dashboards.refresh", &[&id], json!({})).await;
    trial.pass(15);
    assert_eq!(status(&trial, &id).await, "failed");
    let broken = text(&broken[0]["id"]);
    call(
        &trial,
        "dashboards.detach_connection",
        &[&id, &broken],
        json!({}),
    )
    .await;
    refuses(
        &trial,
        (404, "dashboards.detach_connection"),
        &[&id, &broken],
        json!({}),
    )
    .await;
}

#[tokio::test]
async fn a_move_keeps_the_latest_version_only() {
    let trial = Trial::company().await;
    let mine = call(&trial, "organizations.list", &[], json!({})).await;
    let organization = text(&mine["memberships"][0]["organization"]["id"]);
    let target = call(
        &trial,
        "organizations.create_team",
        &[&organization],
        json!({ "name": "Logistics" }),
    )
    .await["id"]
        .clone();
    let id = create(&trial, "Open cases by queue").await;
    let to = |team: &Value, dry: bool| json!({ "targetTeamId": team, "dryRun": dry });
    // Being generated.
    refuses(&trial, (409, "dashboards.move"), &[&id], to(&target, false)).await;
    trial.pass(15);
    let connection =
        call(&trial, "connections.list", &[], json!({})).await["integrations"][0]["id"].clone();
    call(
        &trial,
        "dashboards.attach_connection",
        &[&id],
        json!({ "connection_id": connection }),
    )
    .await;
    call(
        &trial,
        "dashboards.publish",
        &[&id],
        json!({ "visibility": "team" }),
    )
    .await;
    let dry = call(&trial, "dashboards.move", &[&id], to(&target, true)).await;
    assert_eq!(
        (&dry["applied"], &dry["visibilityReset"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(
        dry["connections"]["disconnected"][0]["decision"],
        "needs_reconnect"
    );
    assert_eq!(
        call(&trial, "dashboards.list_messages", &[&id], json!({})).await["total"],
        2
    );
    refuses(
        &trial,
        (400, "dashboards.move"),
        &[&id],
        to(&trial.team.as_str().into(), false),
    )
    .await;
    refuses(
        &trial,
        (404, "dashboards.move"),
        &[&id],
        to(&NOBODY.into(), false),
    )
    .await;
    refuses(
        &trial,
        (404, "dashboards.move"),
        &[NOBODY],
        to(&target, false),
    )
    .await;
    call(&trial, "dashboards.move", &[&id], to(&target, false)).await;
    let moved = call(&trial, "dashboards.get", &[&id], json!({})).await;
    assert_eq!(
        (
            &moved["artifact"]["team_id"],
            &moved["artifact"]["visibility"]
        ),
        (&target, &json!("private"))
    );
    assert_eq!(
        call(&trial, "dashboards.list_messages", &[&id], json!({})).await["total"],
        0
    );
    assert_eq!(
        call(&trial, "dashboards.list_connections", &[&id], json!({})).await["connections"],
        json!([])
    );
    // No longer in the team.
    refuses(&trial, (404, "dashboards.move"), &[&id], to(&target, false)).await;
}
