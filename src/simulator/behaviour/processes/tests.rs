//! Processes from their captures to an assignment, over HTTP.

use serde_json::{Value, json};

use crate::simulator::trial::{Trial, text};

async fn first_of(trial: &Trial) -> String {
    trial.find("processes.list", "Invoice approval").await
}

async fn live(trial: &Trial, process: &str, kind: &str) -> String {
    let listed = trial
        .call("processes.list_snapshots", &[process, kind], json!({}))
        .await;
    let rows = listed["snapshots"].as_array().unwrap();
    text(&rows.iter().find(|row| row["status"] == "live").unwrap()["id"])
}

async fn generated(trial: &Trial, process: &str, kind: &str) -> String {
    trial
        .call("processes.generate_snapshot", &[process, kind], json!({}))
        .await;
    trial.pass(20);
    live(trial, process, kind).await
}

async fn status(trial: &Trial, process: &str) -> String {
    text(&trial.call("processes.get", &[process], json!({})).await["process"]["status"])
}

#[tokio::test]
async fn generations_take_time_and_one_is_live() {
    let trial = Trial::company().await;
    let process = first_of(&trial).await;
    let path = [process.as_str(), "current_process"];
    trial
        .call("processes.generate_snapshot", &path, json!({}))
        .await;
    assert_eq!(
        trial
            .refused("processes.generate_snapshot", &path, json!({}))
            .await
            .0,
        409
    );
    trial.pass(5);
    let busy = trial
        .call("processes.get", &[&process], json!({ "captures": "lite" }))
        .await;
    assert_eq!(busy["process"]["status"], "generating-current-process");
    assert_eq!(
        busy["process"]["generation_progress"]["steps"][1]["status"],
        "in_progress"
    );
    assert!(busy["captures"][0]["transcript"].is_null());
    trial.pass(20);
    let one = live(&trial, &process, "current_process").await;
    let two = generated(&trial, &process, "current_process").await;
    let old = trial
        .call(
            "processes.get_snapshot",
            &[&process, "current_process", &one],
            json!({}),
        )
        .await;
    assert_eq!(old["snapshot"]["status"], "historic");
    trial
        .call("processes.revert_current", &[&process, &two], json!({}))
        .await;
    assert_eq!(live(&trial, &process, "current_process").await, one);
    assert_eq!(
        trial
            .refused("processes.promote_current", &[&process, &one], json!({}))
            .await
            .0,
        409
    );
}

#[tokio::test]
async fn a_generation_can_be_stopped() {
    let trial = Trial::company().await;
    let process = first_of(&trial).await;
    let path = [process.as_str(), "current_process"];
    assert_eq!(
        trial
            .refused("processes.stop_snapshot", &path, json!({}))
            .await
            .0,
        409
    );
    trial
        .call("processes.generate_snapshot", &path, json!({}))
        .await;
    trial
        .call("processes.stop_snapshot", &path, json!({}))
        .await;
    assert_eq!(status(&trial, &process).await, "review");
    trial.pass(60);
    assert_eq!(
        trial
            .call("processes.list_snapshots", &path, json!({}))
            .await["total"],
        0
    );
    let without = trial
        .refused("processes.generate_proposal", &[&process], json!({}))
        .await;
    assert_eq!(without.0, 400, "a proposal needs a current process");
}

#[tokio::test]
async fn a_proposal_asks_for_more_and_becomes_an_assignment() {
    let trial = Trial::company().await;
    let process = first_of(&trial).await;
    generated(&trial, &process, "current_process").await;
    let proposal = generated(&trial, &process, "transformation_proposal").await;
    trial
        .call("processes.get_proposal", &[&process, &proposal], json!({}))
        .await;
    let asked = trial
        .call(
            "processes.list_capture_requests",
            &[&process, &proposal],
            json!({}),
        )
        .await;
    let request = text(&asked["requests"][0]["id"]);
    let given = trial
        .call(
            "processes.assign_capture_request",
            &[&process, &proposal, &request],
            json!({ "user_id": trial.me }),
        )
        .await;
    assert_eq!(given["request"]["requested_user_id"], trial.me.as_str());
    drawn(&trial, &process, &request).await;
    let asked = trial
        .call(
            "processes.list_capture_requests",
            &[&process, &proposal],
            json!({}),
        )
        .await;
    assert_eq!(asked["requests"][0]["status"], "captured");
    trial
        .call("processes.build_automation", &[&process], json!({}))
        .await;
    trial.pass(30);
    assert_eq!(status(&trial, &process).await, "complete");
    trial
        .find("assignments.list", "Invoice approval (built)")
        .await;
    let summaries = trial.call("processes.list_summaries", &[], json!({})).await;
    assert_eq!(summaries["total"], 1);
}

async fn drawn(trial: &Trial, process: &str, request: &str) {
    let drawing = json!({ "file_name": "flow.svg", "content_type": "image/svg+xml" });
    let mut wanted = drawing.clone();
    wanted["extra_capture_request_id"] = request.into();
    let ticket = trial
        .call("processes.create_import_url", &[process], wanted)
        .await;
    let capture = text(&ticket["capture_id"]);
    assert_eq!(
        trial
            .refused(
                "processes.complete_import",
                &[process, &capture],
                drawing.clone()
            )
            .await
            .0,
        400
    );
    let url = text(&ticket["signed_url"]);
    let target = url.strip_prefix(trial.simulator.url()).unwrap();
    let put = trial
        .raw(
            "PUT",
            target,
            &[("content-type", "image/svg+xml")],
            "<svg/>",
        )
        .await;
    assert_eq!(put.status, 200);
    let done = trial
        .call("processes.complete_import", &[process, &capture], drawing)
        .await;
    assert_eq!(done["capture"]["status"], "complete");
}

#[expect(clippy::too_many_lines, reason = "one story")]
#[tokio::test]
async fn snapshots_are_edited_and_chatted_about() {
    let trial = Trial::company().await;
    let process = first_of(&trial).await;
    let base = generated(&trial, &process, "current_process").await;
    let path = [process.as_str(), "current_process"];
    let mut steps = trial
        .call(
            "processes.get_snapshot",
            &[&process, "current_process", &base],
            json!({}),
        )
        .await["snapshot"]["data"]["steps"]
        .take();
    steps[1]["title"] = "Compare".into();
    let edit = json!({ "steps": steps, "baselineSnapshotId": base });
    let saved = trial
        .call("processes.save_snapshot", &path, edit.clone())
        .await;
    assert_eq!(
        (
            &saved["snapshot"]["status"],
            &saved["snapshot"]["creator_type"]
        ),
        (&json!("live"), &json!("human"))
    );
    assert_eq!(
        trial
            .refused("processes.save_snapshot", &path, edit)
            .await
            .0,
        409,
        "the base is historic now"
    );
    let base = text(&saved["snapshot"]["id"]);
    let said = |content: &str, conversation: Value| json!({ "conversation_id": conversation, "snapshot_kind": "current_process", "baseline_snapshot_id": base, "content": content });
    let sent = trial
        .call(
            "processes.send_chat_message",
            &[&process],
            said("Check twice", Value::Null),
        )
        .await;
    assert_eq!(sent["conversation"]["status"], "running");
    let conversation = text(&sent["conversation"]["id"]);
    let early = trial
        .refused(
            "processes.send_chat_message",
            &[&process],
            said("More", conversation.clone().into()),
        )
        .await;
    assert_eq!(early.0, 409);
    trial.pass(10);
    let messages = trial
        .call(
            "processes.list_chat_messages",
            &[&process, &conversation],
            json!({}),
        )
        .await;
    let change = text(&messages["messages"][1]["id"]);
    let decided = trial
        .call(
            "processes.decide_chat_patch",
            &[&process, &change],
            json!({ "decision": "accept" }),
        )
        .await;
    assert_eq!(decided["conversation"]["status"], "open");
    let new = live(&trial, &process, "current_process").await;
    assert_eq!(decided["message"]["body"]["snapshot_id"], new.as_str());
    assert_eq!(
        trial
            .refused(
                "processes.decide_chat_patch",
                &[&process, &change],
                json!({ "decision": "decline" })
            )
            .await
            .0,
        409
    );
}
