//! Assignments are kept in folders, deleted with all they have, scored by rubrics, and moved.

use serde_json::json;

use crate::simulator::trial::{Trial, text};

#[tokio::test]
async fn are_kept_in_folders() {
    let trial = Trial::company().await;
    let (finance, payables) = (
        trial.find("assignments.list_folders", "Finance").await,
        trial.find("assignments.list_folders", "Payables").await,
    );
    let clash = json!({ "name": "Finance" });
    assert_eq!(
        trial
            .refused("assignments.create_folder", &[], clash)
            .await
            .0,
        409
    );
    let round = json!({ "parent_folder_id": payables });
    assert_eq!(
        trial
            .refused("assignments.update_folder", &[&finance], round)
            .await
            .0,
        409
    );
    let (status, envelope) = trial
        .refused("assignments.delete_folder", &[&payables], json!({}))
        .await;
    assert_eq!((status, envelope["agent_count"].as_u64()), (400, Some(1)));
    trial
        .call(
            "assignments.delete_folder",
            &[&finance],
            json!({ "force": "true" }),
        )
        .await;
    let matcher = trial.find("assignments.list", "Invoice matcher").await;
    let seen = trial.call("assignments.get", &[&matcher], json!({})).await;
    assert!(seen["agent"]["folder_id"].is_null(), "back at the root");
    let supply = trial.find("assignments.list_folders", "Supply").await;
    let moved = json!({ "agent_ids": [matcher], "folder_id": supply });
    assert_eq!(
        trial.call("assignments.move_to_folder", &[], moved).await["moved_count"],
        1
    );
}

#[tokio::test]
async fn take_everything_along_when_they_go() {
    let trial = Trial::company().await;
    let matcher = trial.find("assignments.list", "Invoice matcher").await;
    let renamed = trial
        .call(
            "assignments.update",
            &[&matcher],
            json!({ "name": "Matcher", "pinned": true }),
        )
        .await;
    assert!(renamed["user_context"]["pinned_at"].is_string());
    let job = trial
        .call("jobs.start", &[], json!({ "agent_id": matcher }))
        .await;
    trial
        .call("assignments.delete", &[&matcher], json!({}))
        .await;
    let job = trial
        .call("jobs.get", &[&text(&job["run"]["id"])], json!({}))
        .await;
    assert_eq!(job["run"]["status"], "interrupted");
    assert_eq!(
        trial.refused("setups.list", &[&matcher], json!({})).await.0,
        404
    );
}

#[tokio::test]
async fn five_rubrics_score_a_setup() {
    let trial = Trial::company().await;
    let matcher = trial.find("assignments.list", "Invoice matcher").await;
    let rubric = json!({ "title": "Asks first", "description": "Did the job ask before it paid more than the limit?" });
    let mut last = String::new();
    for _ in 0..5 {
        last = text(
            &trial
                .call("assignments.create_rubric", &[&matcher], rubric.clone())
                .await["rubric"]["id"],
        );
    }
    assert_eq!(
        trial
            .refused("assignments.create_rubric", &[&matcher], rubric.clone())
            .await
            .0,
        409
    );
    let new = trial
        .call(
            "assignments.update_rubric",
            &[&matcher, &last],
            json!({ "title": "Always asks" }),
        )
        .await;
    assert_ne!(text(&new["rubric"]["id"]), last);
    let all = trial
        .call(
            "assignments.replace_rubrics",
            &[&matcher],
            json!({ "rubrics": [rubric] }),
        )
        .await;
    assert_eq!(all["rubrics"].as_array().map(Vec::len), Some(1));
    let scores = trial
        .call(
            "assignments.get_eval_scores",
            &[&matcher],
            json!({ "since": "2026-01-01T00:00:00Z" }),
        )
        .await;
    assert_eq!(scores["total_evaluated"], 0);
}

#[tokio::test]
async fn wired_ones_stay_unless_the_gate_is_bypassed() {
    let trial = Trial::company().await;
    let mine = trial.call("organizations.list", &[], json!({})).await;
    let organization = text(&mine["memberships"][0]["organization"]["id"]);
    let team = trial
        .call(
            "organizations.create_team",
            &[&organization],
            json!({ "name": "Other" }),
        )
        .await;
    let clerk = trial.find("assignments.list", "Purchase order clerk").await;
    let target = json!({ "target_team_id": team["id"] });
    let (status, envelope) = trial
        .refused("assignments.move", &[&clerk], target.clone())
        .await;
    assert_eq!(
        (status, envelope["code"].as_str()),
        (400, Some("ASSIGNMENT_NOT_STANDALONE"))
    );
    assert_eq!(envelope["blockers"]["queues"][0]["name"], "Purchase orders");
    let mut bypass = target;
    bypass["bypass_standalone_gate"] = true.into();
    let mut dry = bypass.clone();
    dry["dry_run"] = true.into();
    let planned = trial.call("assignments.move", &[&clerk], dry).await;
    assert_eq!(
        (&planned["applied"], &planned["total_case_items"]),
        (&json!(false), &json!(2))
    );
    trial.call("assignments.move", &[&clerk], bypass).await;
    let moved = trial.call("assignments.get", &[&clerk], json!({})).await;
    assert_eq!(moved["agent"]["team_id"], team["id"]);
}
