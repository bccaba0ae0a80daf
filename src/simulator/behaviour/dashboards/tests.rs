//! Dashboards from a wish to a page, over HTTP.

use serde_json::json;

use crate::simulator::trial::{Trial, text};

async fn made(trial: &Trial, wish: &str) -> String {
    let made = trial
        .call("dashboards.create", &[], json!({ "message": wish }))
        .await;
    trial.pass(10);
    text(&made["artifact_id"])
}

#[tokio::test]
async fn are_made_changed_and_restored() {
    let trial = Trial::company().await;
    let made = trial
        .call(
            "dashboards.create",
            &[],
            json!({ "message": "Open invoices <today>" }),
        )
        .await;
    let id = text(&made["artifact_id"]);
    let (status, envelope) = trial
        .refused("dashboards.get_html", &[&id], json!({}))
        .await;
    assert_eq!(
        (status, envelope.as_object().map(serde_json::Map::len)),
        (404, Some(1)),
        "only `error`"
    );
    assert_eq!(
        trial
            .refused("dashboards.send_message", &[&id], json!({ "message": "x" }))
            .await
            .0,
        409
    );
    trial.pass(10);
    let page = trial.send("dashboards.get_html", &[&id], json!({})).await;
    assert!(String::from_utf8_lossy(&page.bytes).contains("Open invoices &lt;today&gt;"));
    trial
        .call(
            "dashboards.send_message",
            &[&id],
            json!({ "message": "By supplier" }),
        )
        .await;
    trial.pass(10);
    let versions = trial
        .call("dashboards.list_versions", &[&id], json!({}))
        .await;
    assert_eq!(versions["current_version"], 2);
    let first = text(&versions["revisions"][1]["id"]);
    let back = trial
        .call("dashboards.restore_version", &[&id, &first], json!({}))
        .await;
    assert_eq!(back["current_version"], 3);
    let page = trial
        .call("dashboards.list_messages", &[&id], json!({ "limit": 3 }))
        .await;
    assert_eq!(
        (&page["total"], &page["has_more"]),
        (&json!(4), &json!(true))
    );
    let oldest = text(&page["data"][0]["id"]);
    let rest = trial
        .call(
            "dashboards.list_messages",
            &[&id],
            json!({ "before": oldest }),
        )
        .await;
    assert_eq!(rest["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn ask_back_stop_and_refresh() {
    let trial = Trial::company().await;
    let id = made(&trial, "What did we pay?").await;
    let one = trial.call("dashboards.get", &[&id], json!({})).await;
    assert_eq!(one["artifact"]["status"], "pending");
    let messages = trial
        .call("dashboards.list_messages", &[&id], json!({}))
        .await;
    let call = text(&messages["data"][1]["message"]["toolCallId"]);
    let wrong = json!({ "toolCallId": "x", "answers": {} });
    assert_eq!(
        trial.refused("dashboards.answer", &[&id], wrong).await.0,
        409
    );
    let answer =
        json!({ "toolCallId": call, "answers": { "Which period shall it cover?": "May" } });
    trial.call("dashboards.answer", &[&id], answer).await;
    trial.pass(10);
    assert_eq!(
        trial.call("dashboards.get", &[&id], json!({})).await["artifact"]["status"],
        "completed"
    );
    assert_eq!(
        trial.call("dashboards.refresh", &[&id], json!({})).await["status"],
        "running"
    );
    let stopped = trial.call("dashboards.stop", &[&id], json!({})).await;
    assert_eq!(stopped["artifact"]["status"], "interrupted");
}

#[expect(clippy::too_many_lines, reason = "one story")]
#[tokio::test]
async fn are_shared_copied_moved_and_deleted() {
    let trial = Trial::company().await;
    let id = made(&trial, "Stock").await;
    let mailbox = trial
        .find("connections.list", "Accounts payable mailbox")
        .await;
    trial
        .call(
            "dashboards.attach_connection",
            &[&id],
            json!({ "connection_id": mailbox }),
        )
        .await;
    let open = json!({ "visibility": "organization", "permission": "edit" });
    assert_eq!(
        trial.refused("dashboards.publish", &[&id], open).await.0,
        400
    );
    trial
        .call(
            "dashboards.publish",
            &[&id],
            json!({ "visibility": "team" }),
        )
        .await;
    let copy = trial.call("dashboards.duplicate", &[&id], json!({})).await;
    assert_eq!(
        (&copy["visibility"], &copy["html_code_present"]),
        (&json!("private"), &json!(true))
    );
    assert_eq!(
        trial.call("dashboards.list", &[], json!({})).await["total"],
        2
    );
    assert_eq!(
        trial
            .call("dashboards.list", &[], json!({ "scope": "team" }))
            .await["total"],
        1
    );
    let mine = trial.call("organizations.list", &[], json!({})).await;
    let organization = text(&mine["memberships"][0]["organization"]["id"]);
    let team = trial
        .call(
            "organizations.create_team",
            &[&organization],
            json!({ "name": "Other" }),
        )
        .await;
    let target = json!({ "targetTeamId": team["id"] });
    let mut dry = target.clone();
    dry["dryRun"] = true.into();
    assert_eq!(
        trial.call("dashboards.move", &[&id], dry).await["applied"],
        false
    );
    let moved = trial.call("dashboards.move", &[&id], target.clone()).await;
    assert_eq!(
        moved["connections"]["disconnected"][0]["instanceName"],
        "Accounts payable mailbox"
    );
    assert_eq!(
        trial.refused("dashboards.move", &[&id], target).await.0,
        404
    );
    trial.call("dashboards.delete", &[&id], json!({})).await;
    assert_eq!(
        trial.refused("dashboards.get", &[&id], json!({})).await.0,
        404
    );
}
