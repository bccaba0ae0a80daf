//! Case approvals from their opening to their end, over HTTP.

use serde_json::{Value, json};

use crate::simulator::Scenario;
use crate::simulator::trial::{Trial, text};

const COMPANY: &str = r#"
[[team]]
name = "Payments"
[[member]]
name = "Kim"
email = "kim@example.com"
role = "admin"
[[member]]
name = "Lou"
email = "lou@example.com"
[[queue]]
name = "Releases"
[[queue]]
name = "Unasked"
case = [{ title = "Nothing to decide" }]
[[assignment]]
name = "Payer"
consumes = ["Releases"]
trigger = true
[[assignment.course]]
on = "case"
when = "silent"
steps = [{ review = "Release {title}", rows = [
  { prompt = "Pay?", member = "Kim", decision = "approved", after = "10m" },
  { prompt = "Pay?", member = "Lou" },
] }, { say = "Going on." }]
[[assignment.course]]
on = "case"
when = "refused"
steps = [{ review = "Release {title}", rows = [
  { prompt = "Pay?", member = "Lou", decision = "rejected", after = "10m" },
  { prompt = "In budget?", member = "Kim", decision = "approved", after = "20m" },
  { prompt = "In time?", member = "Kim", decision = "approved", after = "20m" },
], approved = [{ case = "complete" }], rejected = [{ case = "fail", reason = "not released" }] }]
[[assignment.course]]
on = "case"
steps = [{ review = "Release {title}", rows = [
  { prompt = "Pay {money.amount} EUR?", member = "Lou", decision = "approved", after = "30m" },
  { prompt = "In budget?", member = "Kim", decision = "approved", after = "10m" },
], approved = [{ case = "complete" }, { say = "Paid." }], rejected = [{ case = "fail" }] }]
"#;

/// A company with one case that is under review.
struct Review {
    trial: Trial,
    queue: String,
    case: String,
}

impl Review {
    async fn of(title: &str) -> Self {
        let scenario = Scenario::parse("payments.toml", COMPANY).unwrap();
        let trial = Trial::with(|settings| settings.scenario = scenario).await;
        let queue = trial.find("queues.list", "Releases").await;
        let case = json!({ "case": { "title": title, "data": "{\"amount\": 1200}" } });
        let added = trial.call("cases.create", &[&queue], case).await;
        let case = text(&added["added_cases"][0]["id"]);
        trial.pass(10);
        Self { trial, queue, case }
    }

    async fn seen(&self) -> Value {
        let seen = self.trial.call("cases.get", &[&self.case], json!({})).await;
        let queue = [self.queue.as_str()];
        for (word, count) in [("needs_input", 1), ("claimed", 0)] {
            if seen["case"]["display_status"] == "needs_input" {
                let found = self
                    .trial
                    .call("cases.list", &queue, json!({ "status": word }));
                assert_eq!(found.await["total"], count, "{word}");
            }
        }
        seen
    }

    async fn job(&self) -> Value {
        let seen = self
            .trial
            .call("cases.list_jobs", &[&self.case], json!({}))
            .await;
        let id = text(&seen["runs"][0]["id"]);
        self.trial.call("jobs.get", &[&id], json!({})).await
    }

    fn minutes(&self, minutes: u64) {
        self.trial.pass(minutes * 60);
    }
}

fn kinds(seen: &Value) -> Vec<&str> {
    let events = seen["events"].as_array().unwrap();
    events
        .iter()
        .filter_map(|event| event["type"].as_str())
        .collect()
}

#[tokio::test]
async fn a_batch_is_decided_row_by_row_at_its_time_and_then_leads_on() {
    let review = Review::of("R-1").await;
    let seen = review.seen().await;
    let (case, batch) = (&seen["case"], &seen["approvalBatches"][0]);
    assert_eq!(case["display_status"], "needs_input");
    assert_eq!(case["pending_approval_batch_id"], batch["id"]);
    assert_eq!(case["pending_human_request_id"], Value::Null);
    let asked = case["pending_approval_assignee_user_ids"]
        .as_array()
        .unwrap();
    assert_eq!(asked.len(), 2);
    assert_eq!(batch["title"], "Release R-1");
    assert_eq!(batch["agent_run_id"], case["claimed_by_run_id"]);
    assert_eq!(batch["rows"][0]["prompt"], "Pay 1,200.00 EUR?");
    assert_eq!(batch["rows"][0]["assignee_email"], "lou@example.com");
    assert_eq!(review.job().await["run"]["status"], "waiting");
    review.minutes(15);
    let seen = review.seen().await;
    let (case, rows) = (&seen["case"], &seen["approvalBatches"][0]["rows"]);
    assert_eq!(case["display_status"], "needs_input");
    assert_eq!(
        case["pending_approval_assignee_user_ids"],
        json!([rows[0]["assignee_user_id"]])
    );
    assert_eq!(case["approval_approved_count"], 1);
    assert_eq!(rows[0]["decision"], Value::Null);
    assert_eq!(rows[1]["decision"], "approved");
    assert_eq!(rows[1]["responded_by_name"], "Kim");
    assert_eq!(rows[1]["responded_by_user_id"], review.trial.me);
    review.minutes(20);
    let seen = review.seen().await;
    assert_eq!(seen["case"]["status"], "completed");
    assert_eq!(seen["case"]["pending_approval_batch_id"], Value::Null);
    assert_eq!(seen["case"]["approval_approved_count"], 2);
    let batch = &seen["approvalBatches"][0];
    assert_eq!(batch["resolved_at"], batch["rows"][0]["responded_at"]);
    assert_eq!(batch["cancelled_at"], Value::Null);
    let expected = [
        "created",
        "claimed",
        "approvals_requested",
        "approvals_resolved",
        "completed",
    ];
    assert_eq!(kinds(&seen), expected);
    assert_eq!(review.job().await["run"]["status"], "completed");
}

#[tokio::test]
async fn one_rejection_rejects_the_batch() {
    let review = Review::of("refused").await;
    review.minutes(11);
    let seen = review.seen().await;
    assert_eq!(seen["case"]["approval_rejected_count"], 1);
    assert_eq!(
        seen["case"]["display_status"], "needs_input",
        "Kim is still asked"
    );
    assert_eq!(
        seen["case"]["pending_approval_assignee_user_ids"],
        json!([review.trial.me])
    );
    review.minutes(10);
    let seen = review.seen().await;
    let case = &seen["case"];
    assert_eq!(case["status"], "failed");
    assert_eq!(
        (
            &case["approval_approved_count"],
            &case["approval_rejected_count"]
        ),
        (&json!(2), &json!(1))
    );
    assert_eq!(
        seen["events"].as_array().unwrap().last().unwrap()["reason"],
        "not released"
    );
    assert_eq!(review.job().await["run"]["status"], "completed");
}

#[tokio::test]
async fn nobody_answers_through_the_api() {
    let review = Review::of("R-1").await;
    let seen = review.seen().await;
    let (batch, job) = (
        &seen["approvalBatches"][0],
        text(&seen["case"]["claimed_by_run_id"]),
    );
    for id in [&batch["id"], &batch["rows"][0]["id"]] {
        let answer = json!({ "approved": true });
        let refused = review
            .trial
            .refused("jobs.respond", &[&job, &text(id)], answer)
            .await;
        assert_eq!(refused.0, 404);
    }
    assert_eq!(review.job().await["pending_human_request"], Value::Null);
    assert_eq!(
        review.seen().await["approvalBatches"],
        seen["approvalBatches"]
    );
}

#[tokio::test]
async fn a_batch_is_cancelled_when_its_job_stops() {
    let review = Review::of("silent").await;
    review.minutes(600);
    assert_eq!(
        review.seen().await["case"]["display_status"],
        "needs_input",
        "nobody is forced"
    );
    let job = text(&review.seen().await["case"]["claimed_by_run_id"]);
    review.trial.call("jobs.stop", &[&job], json!({})).await;
    let seen = review.seen().await;
    assert_eq!(seen["case"]["status"], "failed");
    assert_eq!(
        seen["case"]["pending_approval_assignee_user_ids"],
        json!([])
    );
    let batch = &seen["approvalBatches"][0];
    assert_eq!(batch["resolved_at"], Value::Null);
    assert_eq!(batch["cancellation_reason"], "the job was interrupted");
    let (decided, open) = (&batch["rows"][0], &batch["rows"][1]);
    assert_eq!(decided["cancelled_at"], Value::Null, "a decision stands");
    assert_eq!(open["cancelled_at"], batch["cancelled_at"]);
    assert_eq!(seen["case"]["approval_approved_count"], 1);
}

#[tokio::test]
async fn a_reset_case_is_reviewed_anew() {
    for (endpoint, more) in [
        ("cases.reprocess", json!({})),
        ("cases.update_status", json!({ "status": "pending" })),
    ] {
        let review = Review::of("R-1").await;
        review.minutes(15);
        let mut fields = more;
        fields["case_ids"] = json!([review.case]);
        review.trial.call(endpoint, &[&review.queue], fields).await;
        let seen = review.seen().await;
        assert_eq!(seen["case"]["display_status"], "pending", "{endpoint}");
        assert!(
            seen["approvalBatches"][0]["cancelled_at"].is_string(),
            "{endpoint}"
        );
        // The first batch's members would decide now; those of the second have just been asked.
        review.minutes(20);
        let seen = review.seen().await;
        let batches = seen["approvalBatches"].as_array().unwrap();
        assert_eq!(batches.len(), 2, "{endpoint}");
        assert_eq!(
            seen["case"]["pending_approval_batch_id"], batches[0]["id"],
            "newest first"
        );
        assert_eq!(batches[1]["rows"][0]["decision"], Value::Null, "{endpoint}");
        review.minutes(20);
        assert_eq!(
            review.seen().await["case"]["status"],
            "completed",
            "{endpoint}"
        );
    }
}

#[tokio::test]
async fn a_message_takes_the_job_up_without_the_members() {
    let review = Review::of("silent").await;
    let job = text(&review.seen().await["case"]["claimed_by_run_id"]);
    let fields = json!({ "message": "Do not wait for Lou." });
    review
        .trial
        .call("jobs.send_message", &[&job], fields)
        .await;
    let seen = review.seen().await;
    assert_eq!(seen["case"]["display_status"], "in_progress");
    assert_eq!(
        seen["approvalBatches"][0]["cancellation_reason"],
        "answered by a message"
    );
    review.minutes(15);
    let seen = review.seen().await;
    assert_eq!(
        seen["approvalBatches"][0]["rows"][0]["decision"],
        Value::Null
    );
    assert_eq!(review.job().await["run"]["status"], "completed");
}

#[tokio::test]
async fn a_queue_has_approvals_when_a_case_of_it_has() {
    let review = Review::of("R-1").await;
    let listed = review.trial.call("queues.list", &[], json!({})).await;
    let queues = listed["queues"].as_array().unwrap();
    let has = |name: &str| {
        queues.iter().find(|queue| queue["name"] == name).unwrap()["has_approvals"].clone()
    };
    assert_eq!(
        (has("Releases"), has("Unasked")),
        (json!(true), json!(false))
    );
}

#[tokio::test]
async fn an_open_batch_goes_on_in_a_loaded_state() {
    let review = Review::of("R-1").await;
    review.minutes(15);
    let before = review.seen().await;
    let saved = review.trial.raw("GET", "/_sim/state", &[], "").await.bytes;
    review.minutes(20);
    // Only the state comes along: the other simulator does not know the scenario.
    let trial = Trial::company().await;
    let loaded = trial.raw("PUT", "/_sim/state", &[], saved).await;
    assert_eq!(loaded.status, 200, "{}", loaded.json());
    let after = trial.call("cases.get", &[&review.case], json!({})).await;
    assert_eq!(after, before);
    trial.pass(35 * 60 + 10);
    let resolved = trial.call("cases.get", &[&review.case], json!({})).await;
    let expected = review.seen().await;
    assert_eq!(resolved["approvalBatches"], expected["approvalBatches"]);
    assert_eq!(resolved["case"], expected["case"]);
    assert_eq!(resolved["case"]["status"], "completed");
}

#[tokio::test]
async fn the_built_in_company_reviews_large_orders() {
    let trial = Trial::company().await;
    let queue = trial.find("queues.list", "Purchase orders").await;
    let clerk = trial.find("assignments.list", "Purchase order clerk").await;
    let found = trial
        .call("cases.list", &[&queue], json!({ "search": "PO-2204" }))
        .await;
    let id = text(&found["cases"][0]["id"]);
    let fields = json!({ "case_ids": [id], "agent_id": clerk });
    trial.call("cases.reprocess", &[&queue], fields).await;
    trial.pass(30 * 60);
    let seen = trial.call("cases.get", &[&id], json!({})).await;
    assert_eq!(seen["case"]["display_status"], "needs_input");
    assert_eq!(seen["case"]["approval_approved_count"], 1);
    trial.pass(20 * 60);
    let seen = trial.call("cases.get", &[&id], json!({})).await;
    assert_eq!(seen["case"]["status"], "completed");
}
