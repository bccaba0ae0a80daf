//! The MCP endpoint, as a client of the protocol sees it.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::catalog;
use crate::simulator::behaviour::exam::call;
use crate::simulator::trial::Trial;

async fn rpc(trial: &Trial, method: &str, params: Value) -> Value {
    let message = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params });
    let answer = call(trial, "mcp.send", &[], message).await;
    assert_eq!(
        (&answer["jsonrpc"], &answer["id"]),
        (&json!("2.0"), &json!(7))
    );
    answer
}

async fn tool(trial: &Trial, name: &str, arguments: Value) -> Value {
    let answer = rpc(
        trial,
        "tools/call",
        json!({ "name": name, "arguments": arguments }),
    )
    .await;
    answer["result"].clone()
}

#[tokio::test]
async fn a_client_introduces_itself_and_is_answered() {
    let trial = Trial::company().await;
    let hello = rpc(
        &trial,
        "initialize",
        json!({ "protocolVersion": "2025-03-26", "capabilities": {} }),
    )
    .await;
    assert_eq!(hello["result"]["protocolVersion"], "2025-03-26");
    let hello = rpc(
        &trial,
        "initialize",
        json!({ "protocolVersion": "1999-01-01" }),
    )
    .await;
    assert_eq!(hello["result"]["protocolVersion"], "2025-06-18");
    assert_eq!(rpc(&trial, "ping", json!({})).await["result"], json!({}));
    assert_eq!(
        rpc(&trial, "resources/list", json!({})).await["error"]["code"],
        -32601
    );
    let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    let came = trial.send("mcp.send", &[], ready).await;
    assert_eq!((came.status, came.bytes.len()), (202, 0));
    assert_eq!(trial.send("mcp.stream", &[], json!({})).await.status, 405);
    assert_eq!(
        trial.send("mcp.send", &[], json!({ "id": 1 })).await.status,
        400
    );
    let old = json!({ "jsonrpc": "1.0", "id": 1, "method": "ping" });
    assert_eq!(
        call(&trial, "mcp.send", &[], old).await["error"]["code"],
        -32600
    );
}

#[tokio::test]
async fn every_operation_is_a_tool() {
    let trial = Trial::company().await;
    let list = rpc(&trial, "tools/list", json!({})).await;
    let tools = list["result"]["tools"].as_array().unwrap();
    let names: HashSet<_> = tools
        .iter()
        .filter_map(|tool| tool["name"].as_str())
        .collect();
    assert_eq!(names.len(), tools.len(), "names are unique");
    assert_eq!(
        tools.len(),
        catalog::endpoints().count() - 3,
        "all but the two of MCP and the clearing of queues"
    );
    let start = tools
        .iter()
        .find(|tool| tool["name"] == "startRun")
        .unwrap();
    let schema = &start["inputSchema"];
    assert_eq!(schema["required"], json!(["agent_id"]));
    assert_eq!(schema["properties"]["agent_id"]["format"], "uuid");
    for tool in tools {
        jsonschema::meta::validate(&tool["inputSchema"])
            .unwrap_or_else(|error| panic!("{}: {error}", tool["name"]));
    }
}

#[tokio::test]
async fn a_tool_does_what_the_endpoint_does() {
    let trial = Trial::company().await;
    let made = tool(&trial, "createQueue", json!({ "name": "From a model" })).await;
    assert_eq!(made["isError"], false);
    let id = made["structuredContent"]["queue"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let text: Value = serde_json::from_str(made["content"][0]["text"].as_str().unwrap()).unwrap();
    assert_eq!(text["queue"]["id"], id.as_str());
    assert_eq!(
        call(&trial, "queues.get", &[&id], json!({})).await["queue"]["name"],
        "From a model"
    );
    let found = tool(&trial, "listCases", json!({ "queue_id": id, "limit": 5 })).await;
    assert_eq!(found["structuredContent"]["total"], 0);
    let page = tool(&trial, "listPulseDashboards", json!({})).await;
    let dashboard = page["structuredContent"]["artifacts"][0]["id"].clone();
    let html = tool(
        &trial,
        "getPulseDashboardHtml",
        json!({ "artifactId": dashboard }),
    )
    .await;
    assert!(
        html["content"][0]["text"]
            .as_str()
            .unwrap()
            .starts_with("<!doctype html>")
    );
    let gone = tool(&trial, "deleteQueue", json!({ "queue_id": id })).await;
    assert_eq!(gone["isError"], false);
}

#[tokio::test]
async fn what_is_wrong_is_told() {
    let trial = Trial::company().await;
    let missing = tool(
        &trial,
        "getRun",
        json!({ "run_id": "11111111-1111-4111-8111-111111111111" }),
    )
    .await;
    assert_eq!(
        (&missing["isError"], &missing["structuredContent"]["error"]),
        (&json!(true), &json!("not_found"))
    );
    for (name, arguments) in [
        ("getRun", json!({})),
        ("getRun", json!({ "run_id": 7 })),
        ("startRun", json!({ "message": "no assignment" })),
        ("listRuns", json!({ "limit": "many" })),
        ("getFileContent", json!({ "path": "../../etc/passwd" })),
    ] {
        let Some(endpoint) = catalog::by_operation(name) else {
            continue;
        };
        let refused = tool(&trial, endpoint.operation, arguments).await;
        assert_eq!(refused["isError"], true, "{name}: {refused}");
    }
    let error =
        async |params: Value| rpc(&trial, "tools/call", params).await["error"]["code"].clone();
    assert_eq!(error(json!({ "name": "launchRocket" })).await, -32602);
    assert_eq!(
        error(json!({ "name": "sendMcpMessage" })).await,
        -32602,
        "no tool calls the server itself"
    );
    assert_eq!(
        error(json!({ "name": "getRun", "arguments": [1] })).await,
        -32602
    );
}
