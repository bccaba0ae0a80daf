//! Cases from their queue to their end, over HTTP.

use serde_json::{Value, json};

use crate::simulator::trial::{Trial, text};

async fn counts(trial: &Trial, queue: &str, status: &str) -> u64 {
    let listed = trial
        .call(
            "cases.list",
            &[queue],
            json!({ "status": status, "limit": 1 }),
        )
        .await;
    listed["total"].as_u64().unwrap()
}

async fn case(trial: &Trial, id: &str) -> Value {
    trial.call("cases.get", &[id], json!({})).await
}

async fn created(trial: &Trial, queue: &str, fields: Value) -> Vec<String> {
    let added = trial.call("cases.create", &[queue], fields).await;
    added["added_cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| text(&row["id"]))
        .collect()
}

#[tokio::test]
async fn are_dispatched_worked_on_and_retried() {
    let trial = Trial::company().await;
    let queue = trial.find("queues.list", "Invoices").await;
    let ids = created(&trial, &queue, json!({ "cases": [
        { "title": "Invoice 1", "data": "{\"amount\": 10, \"po\": \"PO-1\"}" },
        { "title": "Invoice 2", "data": "{\"amount\": 20, \"po\": \"PO-2\", \"note\": \"price mismatch\"}" },
        { "title": "Invoice 3", "data": "{\"amount\": 5000, \"po\": \"PO-3\", \"supplier\": \"Nordwind\"}" },
    ]})).await;
    assert_eq!(
        case(&trial, &ids[0]).await["case"]["display_status"],
        "pending"
    );
    trial.pass(3);
    let held = case(&trial, &ids[0]).await;
    assert_eq!(held["case"]["display_status"], "in_progress");
    assert_eq!(held["events"][1]["type"], "claimed");
    trial.pass(20);
    assert_eq!(case(&trial, &ids[0]).await["case"]["status"], "completed");
    let failed = case(&trial, &ids[1]).await;
    assert_eq!(failed["case"]["status"], "failed");
    assert_eq!(
        failed["events"].as_array().unwrap().last().unwrap()["reason"],
        "mismatch with PO-2"
    );
    let asking = case(&trial, &ids[2]).await;
    assert_eq!(asking["case"]["display_status"], "needs_input");
    let (job, request) = (
        text(&asking["case"]["claimed_by_run_id"]),
        text(&asking["case"]["pending_human_request_id"]),
    );
    trial
        .call(
            "jobs.respond",
            &[&job, &request],
            json!({ "approved": true }),
        )
        .await;
    let again = trial
        .call(
            "cases.reprocess",
            &[&queue],
            json!({ "case_ids": [ids[1]] }),
        )
        .await;
    assert_eq!(
        (
            again["reprocessedCount"].as_u64(),
            again["skippedCount"].as_u64()
        ),
        (Some(1), Some(0))
    );
    trial.pass(20);
    assert_eq!(case(&trial, &ids[2]).await["case"]["status"], "completed");
    assert_eq!(
        case(&trial, &ids[1]).await["case"]["status"],
        "completed",
        "the second attempt succeeds"
    );
    had_two_jobs(&trial, &ids[1]).await;
}

async fn had_two_jobs(trial: &Trial, id: &str) {
    let jobs = trial.call("cases.list_jobs", &[id], json!({})).await;
    assert_eq!(jobs["runs"].as_array().unwrap().len(), 2);
    let first = text(&jobs["runs"][1]["id"]);
    let recent = trial
        .call("cases.list_job_messages", &[id, &first], json!({}))
        .await;
    assert_eq!(recent["messages"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn never_more_than_ten_at_a_time_and_urgent_ones_first() {
    let trial = Trial::company().await;
    let queue = trial.find("queues.list", "Invoices").await;
    let many: Vec<_> = (0..30)
        .map(|n| json!({ "title": format!("Bulk {n}"), "data": "{\"amount\": 1}" }))
        .collect();
    created(&trial, &queue, json!({ "cases": many })).await;
    let urgent = created(
        &trial,
        &queue,
        json!({ "case": { "title": "Urgent", "priority": "high" } }),
    )
    .await;
    trial.pass(3);
    assert_eq!(counts(&trial, &queue, "claimed,needs_input").await, 10);
    assert_eq!(
        case(&trial, &urgent[0]).await["case"]["display_status"],
        "in_progress"
    );
    trial.pass(120);
    assert_eq!(counts(&trial, &queue, "pending").await, 0);
    assert_eq!(counts(&trial, &queue, "claimed").await, 0);
}

#[tokio::test]
async fn are_put_off_and_come_back() {
    let trial = Trial::company().await;
    let queue = trial.find("queues.list", "Purchase orders").await;
    let agent = trial.find("assignments.list", "Purchase order clerk").await;
    let listed = trial
        .call("cases.list", &[&queue], json!({ "search": "PO-2205" }))
        .await;
    assert_eq!(listed["cases"].as_array().unwrap().len(), 1);
    let id = text(&listed["cases"][0]["id"]);
    trial.pass(60);
    assert_eq!(
        case(&trial, &id).await["case"]["display_status"],
        "pending",
        "the trigger is off"
    );
    trial
        .call(
            "cases.reprocess",
            &[&queue],
            json!({ "case_ids": [id], "agent_id": agent }),
        )
        .await;
    trial.pass(20);
    let off = case(&trial, &id).await;
    assert_eq!(off["case"]["display_status"], "postponed");
    let trigger = trial.call("triggers.list", &[&agent], json!({})).await;
    let trigger = text(&trigger["case_triggers"][0]["id"]);
    trial
        .call(
            "triggers.update",
            &[&agent, &trigger],
            json!({ "enabled": true }),
        )
        .await;
    trial.pass(25 * 3600);
    assert_eq!(
        case(&trial, &id).await["case"]["display_status"],
        "completed"
    );
}

#[tokio::test]
async fn bulk_calls_take_ids_or_filters_and_nothing_else() {
    let trial = Trial::company().await;
    let queue = trial.find("queues.list", "Invoices").await;
    let other = trial.find("queues.list", "Stock exceptions").await;
    let foreign = text(&trial.call("cases.list", &[&other], json!({})).await["cases"][0]["id"]);
    let failed = trial
        .call(
            "cases.search",
            &[&queue],
            json!({ "filters": { "status": ["failed"] } }),
        )
        .await;
    let id = text(&failed["cases"][0]["id"]);
    let done = trial
        .call(
            "cases.update_status",
            &[&queue],
            json!({ "case_ids": [id, foreign], "status": "completed" }),
        )
        .await;
    assert_eq!(
        (done["updatedCount"].as_u64(), done["skippedCount"].as_u64()),
        (Some(1), Some(1))
    );
    for wrong in [
        json!({ "status": "failed" }),
        json!({ "status": "failed", "case_ids": [id], "all_matching": true }),
    ] {
        assert_eq!(
            trial
                .refused("cases.update_status", &[&queue], wrong.clone())
                .await
                .0,
            400,
            "{wrong}"
        );
    }
    let all =
        json!({ "all_matching": true, "filters": { "status": ["pending"] }, "priority": "medium" });
    let raised = trial.call("cases.update_priority", &[&queue], all).await;
    assert_eq!(
        raised["updatedCount"],
        counts(&trial, &queue, "pending").await
    );
    let clerk = trial.find("assignments.list", "Purchase order clerk").await;
    let stray = trial
        .refused(
            "cases.reprocess",
            &[&queue],
            json!({ "case_ids": [id], "agent_id": clerk }),
        )
        .await;
    assert_eq!(stray.0, 409, "no consumer of this queue");
}

#[tokio::test]
async fn deleting_many_interrupts_their_jobs() {
    let trial = Trial::company().await;
    let queue = trial.find("queues.list", "Invoices").await;
    trial.pass(3);
    let gone = trial
        .call(
            "cases.delete_many",
            &[&queue],
            json!({ "all_matching": true, "filters": { "status": ["claimed"] } }),
        )
        .await;
    assert_eq!(
        gone["deletedCount"].as_u64(),
        Some(gone["interruptedRunIds"].as_array().unwrap().len() as u64)
    );
    assert!(gone["deletedCount"].as_u64() > Some(0));
}

#[tokio::test]
async fn removed_calls_point_to_their_successor() {
    let trial = Trial::company().await;
    let queue = trial.find("queues.list", "Invoices").await;
    let came = trial
        .send("cases.retry", &[&queue], json!({ "case_ids": [queue] }))
        .await;
    assert_eq!(came.status, 308);
    assert_eq!(
        came.headers["location"],
        format!("/v2/queues/{queue}/cases/bulk-reprocess")
    );
    let gone =
        Trial::with(|settings| settings.deprecated = crate::simulator::Deprecated::Gone).await;
    let queue = gone.find("queues.list", "Invoices").await;
    assert_eq!(
        gone.refused("cases.retry", &[&queue], json!({ "case_ids": [queue] }))
            .await
            .0,
        404
    );
}

#[tokio::test]
async fn deleting_a_queue_interrupts_its_jobs() {
    let trial = Trial::company().await;
    let queue = trial.find("queues.list", "Invoices").await;
    trial.pass(3);
    let total = trial.call("cases.list", &[&queue], json!({})).await["total"].clone();
    let gone = trial.call("queues.delete", &[&queue], json!({})).await;
    assert_eq!(gone["deleted_case_count"], total);
    let jobs = gone["interrupted_run_ids"].as_array().unwrap();
    assert!(!jobs.is_empty());
    for job in jobs {
        let job = trial
            .call("jobs.get", &[job.as_str().unwrap()], json!({}))
            .await;
        assert_eq!(job["run"]["status"], "interrupted");
    }
    assert_eq!(
        trial.refused("cases.list", &[&queue], json!({})).await.0,
        404
    );
}

#[tokio::test]
async fn a_slot_without_the_queue_makes_cases_fail() {
    let trial = Trial::company().await;
    let queue = trial.find("queues.list", "Invoices").await;
    let agent = trial.find("assignments.list", "Invoice matcher").await;
    let setups = trial.call("setups.list", &[&agent], json!({})).await;
    let live = text(&setups["builds"][0]["id"]);
    let slots = trial
        .call("setups.list_slots", &[&agent, &live], json!({}))
        .await;
    let slots = slots["integrations"].as_array().unwrap();
    let slot = text(
        &slots
            .iter()
            .find(|slot| slot["integration_type"] == "case-queue-consumer")
            .unwrap()["id"],
    );
    trial
        .call(
            "setups.replace_slot_queues",
            &[&agent, &live, &slot],
            json!({ "queue_ids": [] }),
        )
        .await;
    let ids = created(
        &trial,
        &queue,
        json!({ "case": { "title": "Lost", "priority": "high" } }),
    )
    .await;
    trial.pass(60);
    assert_eq!(case(&trial, &ids[0]).await["case"]["status"], "failed");
}

#[tokio::test]
async fn are_found_by_label_text_and_time() {
    let trial = Trial::company().await;
    let queue = trial.find("queues.list", "Purchase orders").await;
    let labels = json!([{ "key": "import", "value": "b1" }, { "value": "late" }]);
    let ids = created(
        &trial,
        &queue,
        json!({ "case": { "title": "PO-7", "data": "forty crates of Butter", "labels": labels } }),
    )
    .await;
    let path = [queue.as_str()];
    let found = |fields: Value| trial.call("cases.search", &path, fields);
    assert_eq!(
        found(json!({ "filters": { "labels": { "import": ["b1", "b2"] } } })).await["total"],
        1
    );
    assert_eq!(
        found(json!({ "filters": { "labels": { "import": ["b2"] } } })).await["total"],
        0
    );
    let by_text = found(json!({ "search": "crates of b" })).await;
    assert_eq!(
        by_text["cases"][0]["search_match_data_snippet"]["match"],
        "crates of B"
    );
    assert_eq!(
        found(json!({ "filters": { "created_at_from": "2026-01-05T08:00:00Z" } })).await["total"],
        1
    );
    for wrong in [
        json!({ "status": "processing" }),
        json!({ "created_at_from": "yesterday" }),
    ] {
        assert_eq!(
            trial
                .refused("cases.list", &[&queue], wrong.clone())
                .await
                .0,
            400,
            "{wrong}"
        );
    }
    unlinked(&trial, &queue, &ids[0]).await;
}

async fn unlinked(trial: &Trial, queue: &str, id: &str) {
    let counted = trial.call("labels.list", &[queue], json!({})).await;
    let counted = counted["labels"]
        .as_array()
        .unwrap()
        .iter()
        .find(|label| label["value"] == "late")
        .unwrap()
        .clone();
    assert_eq!(counted["case_count"], 1);
    let label = text(&counted["id"]);
    trial
        .call(
            "labels.unlink",
            &[queue, id],
            json!({ "label_ids": [label] }),
        )
        .await;
    let left = trial
        .call("labels.list_on_case", &[queue, id], json!({}))
        .await;
    assert_eq!(left["labels"].as_array().unwrap().len(), 1);
}
