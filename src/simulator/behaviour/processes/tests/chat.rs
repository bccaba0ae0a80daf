//! The chat about a snapshot: patches, questions and answers.

#![expect(
    clippy::too_many_lines,
    reason = "each test tells one story, from its start to its end"
)]

use super::*;
use crate::simulator::behaviour::exam::{NOBODY, call, refuses};
use crate::simulator::trial::{Trial, text};
use serde_json::{Value, json};

#[tokio::test]
async fn a_chat_proposes_a_patch_that_is_accepted_or_declined() {
    let trial = Trial::company().await;
    let id = process(&trial, "Invoice approval").await;
    let baseline = live(&trial, &id, CURRENT).await;
    let message = |chat: &Value, content: &str| json!({ "conversation_id": chat, "snapshot_kind": CURRENT, "baseline_snapshot_id": baseline, "content": content });
    let sent = call(
        &trial,
        "processes.send_chat_message",
        &[&id],
        message(&Value::Null, "Mention the weekly payment run too"),
    )
    .await;
    let chat = sent["conversation"]["id"].clone();
    assert_eq!(sent["conversation"]["status"], "running");
    let again = message(&chat, "And something else as well");
    // In a turn.
    refuses(
        &trial,
        (409, "processes.send_chat_message"),
        &[&id],
        again.clone(),
    )
    .await;
    trial.pass(10);
    let shown = async || {
        call(
            &trial,
            "processes.list_chat_messages",
            &[&id, chat.as_str().unwrap()],
            json!({}),
        )
        .await
    };
    let state = shown().await;
    assert_eq!(state["conversation"]["status"], "waiting_for_patch");
    // Waits for a decision.
    refuses(
        &trial,
        (409, "processes.send_chat_message"),
        &[&id],
        again.clone(),
    )
    .await;
    let patch = text(&state["messages"][1]["id"]);
    let draft = text(&state["messages"][1]["body"]["draft_snapshot_id"]);
    assert!(
        snapshots(&trial, &id, CURRENT)
            .await
            .contains(&("draft".into(), draft.clone()))
    );
    refuses(
        &trial,
        (409, "processes.revert_snapshot"),
        &[&id, CURRENT, &draft],
        json!({}),
    )
    .await;

    let decide = async |message: &str, word: &str| {
        trial
            .send(
                "processes.decide_chat_patch",
                &[&id, message],
                json!({ "decision": word }),
            )
            .await
            .status
    };
    assert_eq!(decide(&patch, "maybe").await, 400);
    assert_eq!(decide(NOBODY, "accept").await, 404);
    assert_eq!(
        decide(&text(&sent["message"]["id"]), "accept").await,
        400,
        "no patch"
    );
    let decided = call(
        &trial,
        "processes.decide_chat_patch",
        &[&id, &patch],
        json!({ "decision": "accept" }),
    )
    .await;
    assert_eq!(decided["message"]["body"]["snapshot_id"], draft.as_str());
    assert_eq!(decided["conversation"]["status"], "open");
    assert_eq!(decide(&patch, "decline").await, 409, "decided");
    assert_eq!(live(&trial, &id, CURRENT).await, draft);
    let new = call(
        &trial,
        "processes.get_snapshot",
        &[&id, CURRENT, &draft],
        json!({}),
    )
    .await;
    assert!(text(&new["snapshot"]["data"]["summary"]).ends_with("weekly payment run too"));

    call(&trial, "processes.send_chat_message", &[&id], again).await;
    trial.pass(10);
    let patch = text(&shown().await["messages"][3]["id"]);
    call(
        &trial,
        "processes.decide_chat_patch",
        &[&id, &patch],
        json!({ "decision": "decline" }),
    )
    .await;
    assert_eq!(live(&trial, &id, CURRENT).await, draft);
    assert!(
        !snapshots(&trial, &id, CURRENT)
            .await
            .iter()
            .any(|(status, _)| status == "draft")
    );
}

#[tokio::test]
async fn a_chat_answers_questions_and_asks_its_own() {
    let trial = Trial::company().await;
    let id = process(&trial, "Invoice approval").await;
    let baseline = live(&trial, &id, PROPOSAL).await;
    let base = json!({ "conversation_id": null, "snapshot_kind": PROPOSAL, "baseline_snapshot_id": baseline });
    let with = |name: &str, value: Value, chat: &Value| {
        let mut fields = base.clone();
        fields["conversation_id"] = chat.clone();
        fields[name] = value;
        fields
    };
    let sent = call(
        &trial,
        "processes.send_chat_message",
        &[&id],
        with("content", "Why so many steps?".into(), &Value::Null),
    )
    .await;
    let chat = sent["conversation"]["id"].clone();
    trial.pass(10);
    let shown = async || {
        call(
            &trial,
            "processes.list_chat_messages",
            &[&id, chat.as_str().unwrap()],
            json!({}),
        )
        .await
    };
    assert_eq!(shown().await["conversation"]["status"], "open");
    assert_eq!(shown().await["messages"][1]["kind"], "text");
    let answers = json!({ "Which part do you mean?": "The summary" });
    let refused = async |fields: Value| {
        trial
            .refused("processes.send_chat_message", &[&id], fields)
            .await
            .0
    };
    assert_eq!(
        refused(with("answers", answers.clone(), &chat)).await,
        409,
        "nothing was asked"
    );
    assert_eq!(refused(base.clone()).await, 400, "neither text nor answers");
    assert_eq!(
        refused(with("answers", answers.clone(), &Value::Null)).await,
        400,
        "no conversation"
    );
    assert_eq!(
        refused(with("content", "x".into(), &NOBODY.into())).await,
        404
    );

    call(
        &trial,
        "processes.send_chat_message",
        &[&id],
        with("content", "Shorter please".into(), &chat),
    )
    .await;
    trial.pass(10);
    assert_eq!(shown().await["conversation"]["status"], "waiting_for_hitl");
    assert_eq!(
        refused(with("content", "The summary of it".into(), &chat)).await,
        409
    );
    assert_eq!(
        refused(with("answers", json!({ "What?": "x" }), &chat)).await,
        400
    );
    call(
        &trial,
        "processes.send_chat_message",
        &[&id],
        with("answers", answers, &chat),
    )
    .await;
    trial.pass(10);
    assert_eq!(shown().await["conversation"]["status"], "waiting_for_patch");

    let list = async |kind: &str| {
        call(
            &trial,
            "processes.list_conversations",
            &[&id],
            json!({ "snapshot_kind": kind }),
        )
        .await
    };
    assert_eq!(
        list(PROPOSAL).await["conversations"][0]["title"],
        "Why so many steps?"
    );
    assert_eq!(list(CURRENT).await["conversations"], json!([]));
    refuses(
        &trial,
        (400, "processes.list_conversations"),
        &[&id],
        json!({}),
    )
    .await;
    refuses(
        &trial,
        (404, "processes.list_chat_messages"),
        &[&id, NOBODY],
        json!({}),
    )
    .await;
}
