//! Answers to the request of a job: it is no longer open, and who or what has ended it?

use duvoscript::run::Found;
use serde_json::{Value, json};

use crate::edges::reason;
use crate::stub::Stub;

/// Looks up an answer of some seconds ago, to a job that shows these messages: id, role, and seconds.
async fn look_up(messages: &[(&str, &str, i64)], intent: i64, taken: &[&str]) -> Found {
    let stub = Stub::ahead_by(0);
    let run = json!({ "run": { "id": "job" }, "pending_human_request": null });
    stub.says("/v2/runs/job", run);
    let message = |(id, role, at): &(&str, &str, i64)| json!({ "id": id, "type": "text", "role": role, "timestamp": stub.time(*at), "text_content": "..." });
    let rows: Vec<Value> = messages.iter().map(message).collect();
    let answer = json!({ "messages": rows, "total": rows.len() });
    stub.says("/v2/runs/job/messages", answer);
    let path = &["job", "request"][..];
    let call = ("jobs.respond", path, json!({ "approved": true }));
    stub.look_up(call, intent, taken).await.unwrap()
}

#[tokio::test]
async fn a_job_that_went_on_at_once_was_answered() {
    let found = look_up(&[("1", "tool", -59), ("2", "user", -30)], -60, &["2"]).await;
    assert!(matches!(found, Found::Adopt(_)), "{found:?}");
}

#[tokio::test]
async fn somebody_elses_answer_is_not_taken_for_ours() {
    // The request is answered, but an hour after the call was cut off.
    let found = look_up(&[("1", "user", 0)], -3600, &[]).await;
    assert!(!reason(&found).is_empty(), "{found:?}");
}

#[tokio::test]
async fn a_message_of_ours_that_let_a_job_go_on_is_no_answer() {
    for at in [-60, -61, -30] {
        let found = look_up(&[("1", "user", at), ("2", "assistant", -20)], -60, &["1"]).await;
        assert!(!reason(&found).is_empty(), "{at}: {found:?}");
    }
}

#[tokio::test]
async fn a_request_that_is_gone_without_a_trace_is_not_answered_again() {
    let found = look_up(&[("1", "assistant", -600)], -60, &[]).await;
    assert!(!reason(&found).is_empty(), "{found:?}");
}
