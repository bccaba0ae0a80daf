//! Generations: their stages, their stop, their failures, and what they are asked for.

#![expect(
    clippy::too_many_lines,
    reason = "each test tells one story, from its start to its end"
)]

use super::*;
use crate::simulator::behaviour::exam::{NOBODY, call, refuses};
use crate::simulator::trial::{Trial, text};
use serde_json::{Value, json};

#[tokio::test]
async fn a_generation_takes_its_stages_and_ends_live() {
    let trial = Trial::company().await;
    let id = process(&trial, "Invoice approval").await;
    let before = live(&trial, &id, CURRENT).await;
    call(
        &trial,
        "processes.generate_snapshot",
        &[&id, CURRENT],
        json!({}),
    )
    .await;
    trial.pass(6);
    let busy = read(&trial, &id).await;
    assert_eq!(busy["process"]["status"], "generating-current-process");
    let steps = &busy["process"]["generation_progress"]["steps"];
    assert_eq!(
        (steps[0]["status"].as_str(), steps[1]["status"].as_str()),
        (Some("complete"), Some("in_progress"))
    );
    assert_eq!(snapshots(&trial, &id, CURRENT).await[0].0, "generating");
    for kind in [CURRENT, PROPOSAL] {
        refuses(
            &trial,
            (409, "processes.generate_snapshot"),
            &[&id, kind],
            json!({}),
        )
        .await;
    }
    refuses(
        &trial,
        (409, "processes.promote_snapshot"),
        &[&id, CURRENT, &before],
        json!({}),
    )
    .await;
    // The other kind.
    refuses(
        &trial,
        (409, "processes.stop_snapshot"),
        &[&id, PROPOSAL],
        json!({}),
    )
    .await;
    trial.pass(15);
    let done = read(&trial, &id).await;
    assert_eq!(done["process"]["status"], "review");
    assert_eq!(done["process"]["generation_progress"], Value::Null);
    assert_ne!(live(&trial, &id, CURRENT).await, before);
    assert!(
        snapshots(&trial, &id, CURRENT)
            .await
            .contains(&("historic".into(), before))
    );
}

#[tokio::test]
async fn a_stopped_generation_leaves_nothing_behind() {
    let trial = Trial::company().await;
    let id = process(&trial, "Invoice approval").await;
    call(
        &trial,
        "processes.generate_snapshot",
        &[&id, PROPOSAL],
        json!({ "transformation_aggressiveness": "none" }),
    )
    .await;
    trial.pass(6);
    assert_eq!(
        read(&trial, &id).await["process"]["status"],
        "generating-transformation-proposal"
    );
    call(
        &trial,
        "processes.stop_snapshot",
        &[&id, PROPOSAL],
        json!({}),
    )
    .await;
    assert_eq!(read(&trial, &id).await["process"]["status"], "review");
    trial.pass(60);
    assert_eq!(snapshots(&trial, &id, PROPOSAL).await.len(), 1);
    refuses(
        &trial,
        (409, "processes.stop_snapshot"),
        &[&id, PROPOSAL],
        json!({}),
    )
    .await;
}

#[tokio::test]
async fn without_captures_a_generation_fails_with_a_reason() {
    let trial = Trial::company().await;
    let id = process(&trial, "Supplier onboarding").await;
    let refused = trial
        .refused("processes.generate_snapshot", &[&id, PROPOSAL], json!({}))
        .await;
    assert_eq!(refused.0, 400, "there is no current process");
    call(
        &trial,
        "processes.generate_snapshot",
        &[&id, CURRENT],
        json!({}),
    )
    .await;
    trial.pass(60);
    let failed = read(&trial, &id).await;
    assert_eq!(failed["process"]["status"], "generation_failed");
    assert!(failed["process"]["generation_error"].is_string());
    assert!(snapshots(&trial, &id, CURRENT).await.is_empty());
}

#[tokio::test]
async fn the_wishes_for_a_proposal_show_in_it() {
    let trial = Trial::company().await;
    let id = process(&trial, "Invoice approval").await;
    let automated = async |wish: &str| {
        let fields =
            json!({ "transformation_aggressiveness": wish, "custom_guidance": "keep the mailbox" });
        call(
            &trial,
            "processes.generate_snapshot",
            &[&id, PROPOSAL],
            fields,
        )
        .await;
        trial.pass(60);
        let snapshot = live(&trial, &id, PROPOSAL).await;
        let shown = call(
            &trial,
            "processes.get_snapshot",
            &[&id, PROPOSAL, &snapshot],
            json!({}),
        )
        .await;
        let data = &shown["snapshot"]["data"];
        assert!(text(&data["summary"]).contains("keep the mailbox"));
        data["steps"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|step| step["nodeSubtype"] == "service")
            .count()
    };
    assert_eq!(
        (
            automated("none").await,
            automated("conservative").await,
            automated("aggressive").await
        ),
        (0, 2, 3)
    );
    let with_body = json!({ "custom_guidance": "x" });
    refuses(
        &trial,
        (400, "processes.generate_snapshot"),
        &[&id, CURRENT],
        with_body,
    )
    .await;
    let lost = json!({ "source_snapshot_id": NOBODY });
    refuses(
        &trial,
        (404, "processes.generate_snapshot"),
        &[&id, PROPOSAL],
        lost,
    )
    .await;
    refuses(
        &trial,
        (400, "processes.generate_snapshot"),
        &[&id, "draft"],
        json!({}),
    )
    .await;
}

#[tokio::test]
async fn follow_up_and_automation_take_time() {
    let trial = Trial::company().await;
    let id = process(&trial, "Invoice approval").await;
    let snapshot = live(&trial, &id, CURRENT).await;
    let fields = json!({ "type": CURRENT, "current_process_id": snapshot });
    call(&trial, "processes.postprocess", &[&id], fields.clone()).await;
    assert_eq!(read(&trial, &id).await["process"]["status"], "generating");
    // Busy; there is no 409 here.
    refuses(&trial, (400, "processes.postprocess"), &[&id], fields).await;
    trial.pass(30);
    assert_eq!(read(&trial, &id).await["process"]["status"], "review");
    refuses(
        &trial,
        (400, "processes.postprocess"),
        &[&id],
        json!({ "type": CURRENT }),
    )
    .await;
    let lost = json!({ "type": PROPOSAL, "transformation_proposal_id": NOBODY });
    refuses(&trial, (404, "processes.postprocess"), &[&id], lost).await;

    let run = call(&trial, "processes.build_automation", &[&id], json!({})).await;
    assert_eq!(run["automation_run"]["status"], "generating");
    let names = async || {
        call(&trial, "assignments.list", &[], json!({ "limit": 100 }))
            .await
            .to_string()
    };
    assert!(!names().await.contains("Invoice approval"));
    trial.pass(30);
    assert!(names().await.contains("Invoice approval"));
    assert_eq!(read(&trial, &id).await["process"]["status"], "complete");
    let empty = process(&trial, "Supplier onboarding").await;
    refuses(
        &trial,
        (400, "processes.build_automation"),
        &[&empty],
        json!({}),
    )
    .await;
}

#[tokio::test]
async fn summaries_are_of_finished_processes() {
    let trial = Trial::company().await;
    let all = call(&trial, "processes.list_summaries", &[], json!({})).await;
    assert_eq!(all["total"], 1);
    let one = &all["processes"][0];
    assert_eq!(one["roles"], json!(["Clerk", "Manager"]));
    assert_eq!(one["proposal"]["steps"].as_array().map(Vec::len), Some(7));
    let short = call(
        &trial,
        "processes.list_summaries",
        &[],
        json!({ "detail": "summary" }),
    )
    .await;
    assert_eq!(short["processes"][0]["proposal"]["steps"], json!([]));
    refuses(
        &trial,
        (400, "processes.list_summaries"),
        &[],
        json!({ "limit": 11 }),
    )
    .await;
}
