//! Connections are made by flows and by calls, go with their server, and are probed.

use serde_json::json;

use crate::simulator::trial::{Trial, text};

#[tokio::test]
async fn are_made_by_opening_the_page_of_a_flow() {
    let trial = Trial::company().await;
    let started = trial
        .call("connections.start_oauth", &["outlook"], json!({}))
        .await;
    let url = text(&started["authorization_url"]);
    let page = url.strip_prefix(trial.simulator.url()).unwrap();
    assert_eq!(trial.raw("GET", page, &[], "").await.status, 200);
    assert_eq!(
        trial.raw("GET", page, &[], "").await.status,
        404,
        "a flow is over once"
    );
    let listed = trial
        .call("connections.list", &[], json!({ "type": "outlook" }))
        .await;
    assert_eq!(listed["total"], 1);
    let broken = trial.find("connections.list", "Warehouse sheets").await;
    assert!(trial.call("connections.get", &[&broken], json!({})).await["broken_at"].is_string());
    let again = json!({ "reconnect_instance_id": broken });
    let started = trial
        .call("connections.start_oauth", &["googlesheets"], again)
        .await;
    let url = text(&started["authorization_url"]);
    trial
        .raw(
            "GET",
            url.strip_prefix(trial.simulator.url()).unwrap(),
            &[],
            "",
        )
        .await;
    assert!(trial.call("connections.get", &[&broken], json!({})).await["broken_at"].is_null());
    assert_eq!(
        trial
            .refused("connections.start_oauth", &["nothing"], json!({}))
            .await
            .0,
        404
    );
}

#[tokio::test]
async fn custom_servers_come_and_go_with_their_connections() {
    let trial = Trial::company().await;
    let server = json!({ "name": "Prices", "auth_method": "headers", "server_url": "https://prices.example/mcp" });
    let made = trial
        .call("connections.create_server", &[], server.clone())
        .await;
    assert_eq!(
        trial
            .refused("connections.create_server", &[], server)
            .await
            .0,
        409
    );
    let server = text(&made["id"]);
    let connection = trial
        .call(
            "connections.create",
            &[],
            json!({
                "name": "Prices of Alex",
                "provider": "user",
                "auth_method": "headers",
                "custom_integration_id": server,
                "headers": { "plaintext": { "X-Team": "a" }, "secret": { "X-Key": "hunter2" } },
            }),
        )
        .await;
    let id = text(&connection["id"]);
    let headers = trial
        .call("connections.get_header_names", &[&id], json!({}))
        .await;
    assert_eq!(headers["headers"], json!({ "X-Key": "", "X-Team": "a" }));
    let shared = trial
        .call("connections.update", &[&id], json!({ "shared": true }))
        .await;
    assert_eq!(shared["shared"], true);
    trial
        .call("connections.delete_server", &[&server], json!({}))
        .await;
    assert_eq!(
        trial.refused("connections.get", &[&id], json!({})).await.0,
        404
    );
}

#[tokio::test]
async fn probes_fail_politely() {
    let trial = Trial::company().await;
    let probe = |url: &'static str| {
        let trial = &trial;
        async move {
            trial
                .call("connections.probe", &[], json!({ "server_url": url }))
                .await["success"]
                .clone()
        }
    };
    assert_eq!(probe("https://fine.example/mcp").await, true);
    assert_eq!(probe("https://unreachable.example/mcp").await, false);
    assert_eq!(
        trial.refused("connections.probe", &[], json!({})).await.0,
        400
    );
}

#[tokio::test]
async fn composio_flows_end_with_a_call() {
    let trial = Trial::company().await;
    let start = json!({ "auth_config_id": "ac_1", "callback_url": "https://app.example/back" });
    let started = trial.call("connections.start_composio", &[], start).await;
    let finish = json!({ "app": "gmail", "integration_name": "Mail", "connected_account_id": started["connected_account_id"] });
    assert_eq!(
        trial
            .refused("connections.finalize_composio", &[], finish.clone())
            .await
            .0,
        409
    );
    let url = text(&started["redirect_url"]);
    let page = trial
        .raw(
            "GET",
            url.strip_prefix(trial.simulator.url()).unwrap(),
            &[],
            "",
        )
        .await;
    assert_eq!(
        (page.status, page.headers["location"].to_str().unwrap()),
        (303, "https://app.example/back")
    );
    let made = trial
        .call("connections.finalize_composio", &[], finish)
        .await;
    trial
        .call(
            "connections.get",
            &[&text(&made["integration_id"])],
            json!({}),
        )
        .await;
}
