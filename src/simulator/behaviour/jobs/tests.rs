//! Jobs from start to end, over HTTP.

use serde_json::{Value, json};

use crate::simulator::trial::{Trial, text};

async fn started(trial: &Trial, message: &str) -> String {
    let agent = trial.find("assignments.list", "Invoice matcher").await;
    let job = trial
        .call(
            "jobs.start",
            &[],
            json!({ "agent_id": agent, "message": message }),
        )
        .await;
    assert_eq!(job["run"]["status"], "pending");
    text(&job["run"]["id"])
}

async fn status(trial: &Trial, job: &str) -> String {
    text(&trial.call("jobs.get", &[job], json!({})).await["run"]["status"])
}

async fn last_text(trial: &Trial, job: &str) -> String {
    let listed = trial
        .call("jobs.list_messages", &[job], json!({ "limit": 50 }))
        .await;
    let rows = listed["messages"].as_array().unwrap();
    assert_eq!(listed["total"], rows.len());
    let mut texts = rows
        .iter()
        .filter(|row| row["role"] == "assistant" && row["type"] == "text");
    text(&texts.next_back().unwrap()["text_content"])
}

#[tokio::test]
async fn goes_through_all_states_and_waits_for_a_person() {
    let trial = Trial::company().await;
    let job = started(&trial, "Reconcile the invoices").await;
    let mut seen = vec![status(&trial, &job).await];
    for _ in 0..40 {
        trial.clock_step();
        let now = status(&trial, &job).await;
        if seen.last() != Some(&now) {
            seen.push(now);
        }
    }
    assert_eq!(seen, ["pending", "starting", "running", "waiting"]);
    let asked = trial.call("jobs.get", &[&job], json!({})).await["pending_human_request"].take();
    assert_eq!(asked["type"], "approval");
    assert_eq!(
        asked["title"],
        "Approve payment of 1,250.00 EUR to Nordwind GmbH"
    );
    let request = text(&asked["id"]);
    let (refused, _) = trial
        .refused("jobs.respond", &[&job, &request], json!({}))
        .await;
    assert_eq!(refused, 400, "an approval needs `approved`");
    let answer = trial
        .call(
            "jobs.respond",
            &[&job, &request],
            json!({ "approved": true }),
        )
        .await;
    assert_eq!(answer["human_request"]["response"], "approved");
    let (again, _) = trial
        .refused(
            "jobs.respond",
            &[&job, &request],
            json!({ "approved": false }),
        )
        .await;
    assert_eq!(again, 400, "a second answer is refused");
    trial.pass(20);
    let done = trial.call("jobs.get", &[&job], json!({})).await;
    assert_eq!(done["run"]["status"], "completed");
    assert_eq!(done["pending_human_request"], Value::Null);
    assert!(last_text(&trial, &job).await.contains("3 posted"));
    let report = trial
        .call("files.read", &["reports/reconciliation.md"], json!({}))
        .await;
    assert!(text(&report["content"]).starts_with("# Reconciliation"));
    let agent = text(&done["run"]["agent_id"]);
    let evaluation = trial
        .call("jobs.get_evaluation", &[&agent, &job], json!({}))
        .await;
    assert_eq!(evaluation["data"]["run_id"], job.as_str());
}

#[tokio::test]
async fn a_denial_does_not_fail_the_job() {
    let trial = Trial::company().await;
    let job = started(&trial, "Reconcile the invoices").await;
    trial.pass(60);
    let request =
        text(&trial.call("jobs.get", &[&job], json!({})).await["pending_human_request"]["id"]);
    trial
        .call(
            "jobs.respond",
            &[&job, &request],
            json!({ "approved": false }),
        )
        .await;
    trial.pass(60);
    assert_eq!(status(&trial, &job).await, "completed");
    assert!(last_text(&trial, &job).await.contains("as you asked"));
}

#[tokio::test]
async fn questions_want_an_answer_by_their_text() {
    let trial = Trial::company().await;
    let job = started(&trial, "I have a question for you").await;
    trial.pass(60);
    let asked = trial.call("jobs.get", &[&job], json!({})).await["pending_human_request"].take();
    assert_eq!(asked["questions"][0]["options"][1]["label"], "Last month");
    let request = text(&asked["id"]);
    let wrong = json!({ "answers": { "Which year?": "2026" } });
    assert_eq!(
        trial
            .refused("jobs.respond", &[&job, &request], wrong)
            .await
            .0,
        400
    );
    let answers = json!({ "answers": { "Which month?": "Last month" } });
    trial.call("jobs.respond", &[&job, &request], answers).await;
    trial.pass(60);
    assert_eq!(last_text(&trial, &job).await, "Closed: Last month.");
}

#[tokio::test]
async fn stops_resumes_and_refuses_what_has_failed() {
    let trial = Trial::company().await;
    let job = started(&trial, "Reconcile").await;
    trial.pass(1);
    trial.call("jobs.stop", &[&job], json!({})).await;
    assert_eq!(status(&trial, &job).await, "interrupted");
    let again = trial.call("jobs.stop", &[&job], json!({})).await;
    assert_eq!(again["message"], "the job was not running");
    let sent = trial
        .call("jobs.send_message", &[&job], json!({ "message": "Go on" }))
        .await;
    assert_eq!(sent["message"]["text_content"], "Go on");
    assert_eq!(status(&trial, &job).await, "running");
    trial.pass(30);
    assert_eq!(status(&trial, &job).await, "completed");
    let broken = trial.find("assignments.list", "Warehouse report").await;
    let failed = trial
        .call("jobs.start", &[], json!({ "agent_id": broken }))
        .await;
    let failed = text(&failed["run"]["id"]);
    trial.pass(30);
    assert_eq!(status(&trial, &failed).await, "failed");
    let refused = trial
        .refused(
            "jobs.send_message",
            &[&failed],
            json!({ "message": "Go on" }),
        )
        .await;
    assert_eq!(refused.0, 400);
}

#[tokio::test]
async fn lists_by_every_filter_and_page() {
    let trial = Trial::company().await;
    for number in 1..=5 {
        started(&trial, &format!("Batch {number}")).await;
        trial.pass(60);
    }
    let page = trial
        .call(
            "jobs.list",
            &[],
            json!({ "search": "batch", "limit": 2, "offset": 1 }),
        )
        .await;
    assert_eq!(page["total"], 5);
    let titles: Vec<_> = page["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| text(&row["title"]))
        .collect();
    assert_eq!(titles, ["Batch 4", "Batch 3"]);
    let asked = |fields: Value| trial.call("jobs.list", &[], fields);
    assert_eq!(
        asked(json!({ "search": "batch", "status": "waiting" })).await["total"],
        5
    );
    assert_eq!(
        asked(json!({ "search": "batch", "status": "needs_attention" })).await["total"],
        5
    );
    assert_eq!(
        asked(json!({ "search": "batch", "status": "completed" })).await["total"],
        0
    );
    assert_eq!(
        asked(json!({ "search": "batch", "since": "2026-01-05T08:02:30Z" })).await["total"],
        2
    );
    assert_eq!(
        asked(json!({ "search": "batch", "source": "api" })).await["total"],
        5
    );
    let first = asked(json!({ "search": "batch", "sort_order": "asc", "limit": 1 })).await;
    assert_eq!(first["data"][0]["title"], "Batch 1");
    for wrong in [
        json!({ "limit": 0 }),
        json!({ "limit": 101 }),
        json!({ "status": "odd" }),
        json!({ "since": "now" }),
    ] {
        assert_eq!(
            trial.refused("jobs.list", &[], wrong.clone()).await.0,
            400,
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn needs_an_assignment_with_a_live_setup() {
    let trial = Trial::company().await;
    let nobody = "7f3a1c52-5c1f-4c39-9d3e-0d2b8a1f0c11";
    assert_eq!(
        trial
            .refused("jobs.start", &[], json!({ "agent_id": nobody }))
            .await
            .0,
        404
    );
    assert_eq!(trial.refused("jobs.start", &[], json!({})).await.0, 400);
    let bare = trial
        .call("assignments.create", &[], json!({ "name": "Bare" }))
        .await;
    let bare = text(&bare["agent"]["id"]);
    assert_eq!(
        trial
            .refused("jobs.start", &[], json!({ "agent_id": bare }))
            .await
            .0,
        400
    );
}
