//! A tour of the calls that no other test makes: each must succeed in its documented shape.

use serde_json::json;

use crate::simulator::Deprecated;
use crate::simulator::trial::{Trial, text};

#[expect(clippy::too_many_lines, reason = "one story")]
#[tokio::test]
async fn of_queues_cases_and_labels() {
    let trial = Trial::with(|settings| settings.deprecated = Deprecated::Served).await;
    let queue = trial.find("queues.list", "Invoices").await;
    trial.call("queues.get", &[&queue], json!({})).await;
    let renamed = trial
        .call(
            "queues.update",
            &[&queue],
            json!({ "name": "Bills", "description": null }),
        )
        .await;
    assert_eq!(
        (&renamed["queue"]["name"], &renamed["queue"]["description"]),
        (&json!("Bills"), &json!(null))
    );
    let label = trial
        .call(
            "labels.create",
            &[&queue],
            json!({ "key": "k", "value": "v" }),
        )
        .await;
    let label = text(&label["label"]["id"]);
    trial
        .call(
            "labels.update",
            &[&queue, &label],
            json!({ "value": "w", "color_hue": 7 }),
        )
        .await;
    let case = trial
        .call("cases.list", &[&queue], json!({ "status": "failed" }))
        .await;
    let case = text(&case["cases"][0]["id"]);
    let borne = trial
        .call(
            "labels.assign",
            &[&queue, &case],
            json!({ "labels": [{ "key": "k", "value": "w" }] }),
        )
        .await;
    assert_eq!(borne["labels"][0]["id"], label.as_str());
    trial
        .call("labels.delete", &[&queue, &label], json!({}))
        .await;
    let retried = trial
        .call("cases.retry", &[&queue], json!({ "case_ids": [case] }))
        .await;
    assert_eq!(retried["retriedCount"], 1);
    let agent = trial.find("assignments.list", "Invoice matcher").await;
    let given = trial
        .call(
            "cases.delegate",
            &[&queue],
            json!({ "case_ids": [case], "agent_id": agent }),
        )
        .await;
    assert_eq!(given["delegatedCount"], 1);
    trial.call("cases.delete", &[&case], json!({})).await;
    let cleared = trial.call("cases.clear", &[&queue], json!({})).await;
    assert_eq!(
        trial.call("cases.list", &[&queue], json!({})).await["total"],
        0
    );
    assert!(cleared["deletedCount"].as_u64() > Some(0));
}

#[tokio::test]
async fn of_files_skills_and_credentials() {
    let trial = Trial::company().await;
    let path = "reference/tolerances.csv";
    trial.call("files.list", &[], json!({})).await;
    trial.call("files.read", &[path], json!({})).await;
    trial
        .call("files.write", &[path], json!({ "content": "a,b\n" }))
        .await;
    trial
        .call("files.create_download_url", &[path], json!({}))
        .await;
    trial.call("files.delete", &[path], json!({})).await;
    let skill = trial.find("skills.list", "invoice-matching").await;
    trial.call("skills.list_files", &[&skill], json!({})).await;
    trial
        .call("skills.read_file", &[&skill, "SKILL.md"], json!({}))
        .await;
    let secret = text(&trial.call("secrets.list", &[], json!({})).await[0]["id"]);
    trial.call("secrets.get", &[&secret], json!({})).await;
    let login = text(&trial.call("logins.list", &[&trial.me], json!({})).await[0]["id"]);
    trial
        .call("logins.get", &[&trial.me, &login], json!({}))
        .await;
    trial
        .call(
            "logins.update",
            &[&trial.me, &login],
            json!({ "username": "other", "shared": false }),
        )
        .await;
    let mailbox = trial
        .find("connections.list", "Accounts payable mailbox")
        .await;
    trial
        .call("connections.delete", &[&mailbox], json!({}))
        .await;
    let check = json!({ "mcp_server_url": "https://prices.example/mcp" });
    trial.call("connections.check_mcp_oauth", &[], check).await;
    let start = json!({ "mcp_server_url": "https://prices.example/mcp", "name": "Prices" });
    trial.call("connections.start_mcp_oauth", &[], start).await;
}

#[expect(clippy::too_many_lines, reason = "one story")]
#[tokio::test]
async fn of_assignments_and_setups() {
    let trial = Trial::company().await;
    let agent = trial.find("assignments.list", "Invoice matcher").await;
    let with_schedules = trial
        .call(
            "assignments.list",
            &[],
            json!({ "include_schedules": "true" }),
        )
        .await;
    assert!(
        with_schedules["agents"].to_string().contains("every")
            || with_schedules["agents"].to_string().contains("workday")
    );
    trial.call("schedules.list", &[&agent], json!({})).await;
    trial
        .call("event_triggers.list", &[&agent], json!({}))
        .await;
    trial.call("plugins.list", &[], json!({})).await;
    let folder = trial.find("assignments.list_folders", "Supply").await;
    trial
        .call(
            "assignments.update_folder",
            &[&folder],
            json!({ "name": "Logistics" }),
        )
        .await;
    let rubric = json!({ "title": "Asks first", "description": "Did the job ask before it paid more than the limit?" });
    let rubric = trial
        .call("assignments.create_rubric", &[&agent], rubric)
        .await;
    trial
        .call("assignments.get_rubrics", &[&agent], json!({}))
        .await;
    trial
        .call(
            "assignments.delete_rubric",
            &[&agent, &text(&rubric["rubric"]["id"])],
            json!({}),
        )
        .await;
    let setups = trial.call("setups.list", &[&agent], json!({})).await;
    let setup = text(&setups["builds"][0]["id"]);
    let slots = trial
        .call("setups.list_slots", &[&agent, &setup], json!({}))
        .await;
    let slot = text(&slots["integrations"][0]["id"]);
    let queues = trial
        .call(
            "setups.list_slot_queues",
            &[&agent, &setup, &slot],
            json!({}),
        )
        .await;
    assert_eq!(queues["queues"][0]["name"], "Invoices");
    let open = trial.call("suggestions.list", &[&agent], json!({})).await;
    trial
        .call(
            "suggestions.reject",
            &[&text(&open["data"][0]["id"])],
            json!({}),
        )
        .await;
}

#[expect(clippy::too_many_lines, reason = "one story")]
#[tokio::test]
async fn of_processes_and_dashboards() {
    let trial = Trial::company().await;
    let process = trial.find("processes.list", "Invoice approval").await;
    trial
        .call("processes.create_invite_link", &[&process], json!({}))
        .await;
    trial
        .call("processes.get_legacy", &[&process], json!({}))
        .await;
    trial
        .call("processes.list_labels", &[&process], json!({}))
        .await;
    trial
        .call(
            "processes.list_conversations",
            &[&process],
            json!({ "snapshot_kind": "current_process" }),
        )
        .await;
    for _ in 0..2 {
        trial
            .call("processes.generate_current", &[&process], json!({}))
            .await;
        trial.pass(20);
    }
    let path = [process.as_str(), "current_process"];
    let snapshots = trial
        .call("processes.list_snapshots", &path, json!({}))
        .await;
    let (new, old) = (
        text(&snapshots["snapshots"][0]["id"]),
        text(&snapshots["snapshots"][1]["id"]),
    );
    trial
        .call("processes.get_current", &[&process, &new], json!({}))
        .await;
    trial
        .call(
            "processes.promote_snapshot",
            &[path[0], path[1], &old],
            json!({}),
        )
        .await;
    trial
        .call("processes.promote_current", &[&process, &new], json!({}))
        .await;
    let again = json!({ "type": "current_process", "current_process_id": new });
    trial
        .call("processes.postprocess", &[&process], again)
        .await;
    trial.pass(10);
    trial
        .call(
            "processes.revert_snapshot",
            &[path[0], path[1], &old],
            json!({}),
        )
        .await;
    let made = trial
        .call("dashboards.create", &[], json!({ "message": "Stock" }))
        .await;
    let dashboard = text(&made["artifact_id"]);
    trial.pass(10);
    let named = trial
        .call(
            "dashboards.update",
            &[&dashboard],
            json!({ "title": "Stock", "refresh_frequency": "daily" }),
        )
        .await;
    assert_eq!(named["refresh_frequency"], "daily");
    assert!(
        trial
            .send("dashboards.export_pdf", &[&dashboard], json!({}))
            .await
            .bytes
            .starts_with(b"%PDF")
    );
    assert_eq!(
        trial
            .send("dashboards.export_html", &[&dashboard], json!({}))
            .await
            .status,
        200
    );
    let versions = trial
        .call("dashboards.list_versions", &[&dashboard], json!({}))
        .await;
    let version = text(&versions["revisions"][0]["id"]);
    assert_eq!(
        trial
            .send(
                "dashboards.get_version_html",
                &[&dashboard, &version],
                json!({})
            )
            .await
            .status,
        200
    );
    let mailbox = trial
        .find("connections.list", "Accounts payable mailbox")
        .await;
    trial
        .call(
            "dashboards.attach_connection",
            &[&dashboard],
            json!({ "connection_id": mailbox }),
        )
        .await;
    trial
        .call("dashboards.list_connections", &[&dashboard], json!({}))
        .await;
    trial
        .call(
            "dashboards.detach_connection",
            &[&dashboard, &mailbox],
            json!({}),
        )
        .await;
}

#[tokio::test]
async fn of_the_landscape() {
    let trial = Trial::company().await;
    let mine = trial.call("organizations.list", &[], json!({})).await;
    let own = text(&mine["memberships"][0]["organization"]["id"]);
    trial
        .call("landscape.list_captures", &[&own], json!({}))
        .await;
    let mut nodes = Vec::new();
    for name in ["One", "Two"] {
        nodes.push(text(
            &trial
                .call("landscape.create_node", &[&own], json!({ "name": name }))
                .await["id"],
        ));
    }
    trial
        .call(
            "landscape.update_node",
            &[&own, &nodes[0]],
            json!({ "ownerLabel": "Marta" }),
        )
        .await;
    trial
        .call(
            "landscape.place_node",
            &[&own, &nodes[1]],
            json!({ "parentId": nodes[0] }),
        )
        .await;
    let link =
        json!({ "source_node_id": nodes[0], "target_node_id": nodes[1], "type": "variant_of" });
    let link = trial.call("landscape.create_link", &[&own], link).await;
    let link = text(&link["process_link"]["id"]);
    trial
        .call(
            "landscape.update_link",
            &[&own, &link],
            json!({ "state": "suggested", "confidence": 0.5 }),
        )
        .await;
    let label = trial
        .call(
            "landscape.create_label",
            &[&own],
            json!({ "value": "core" }),
        )
        .await;
    trial
        .call(
            "landscape.update_label",
            &[&own, &text(&label["label"]["id"])],
            json!({ "colorHue": 3 }),
        )
        .await;
}
