//! The landscape, told as stories: one test is one, from its start to its end.

#![expect(
    clippy::too_many_lines,
    reason = "each test tells one story, from its start to its end"
)]

use serde_json::{Value, json};

use crate::simulator::behaviour::exam::{NOBODY, call, refuses};
use crate::simulator::trial::{Trial, text};

async fn organization(trial: &Trial) -> String {
    let mine = call(trial, "organizations.list", &[], json!({})).await;
    text(&mine["memberships"][0]["organization"]["id"])
}

/// The tree as lines of depth and name.
async fn tree(trial: &Trial, organization: &str) -> Vec<String> {
    let tree = call(trial, "landscape.get_tree", &[organization], json!({})).await;
    let nodes = tree["nodes"].as_array().unwrap();
    nodes
        .iter()
        .map(|node| {
            format!(
                "{}{}",
                "-".repeat(usize::try_from(node["depth"].as_u64().unwrap()).unwrap()),
                text(&node["name"])
            )
        })
        .collect()
}

async fn node(trial: &Trial, organization: &str, name: &str) -> String {
    let tree = call(trial, "landscape.get_tree", &[organization], json!({})).await;
    let nodes = tree["nodes"].as_array().unwrap();
    text(&nodes.iter().find(|node| node["name"] == name).unwrap()["id"])
}

#[tokio::test]
async fn the_map_joins_nodes_processes_links_and_labels() {
    let trial = Trial::company().await;
    let id = organization(&trial).await;
    let map = call(&trial, "landscape.get", &[&id], json!({})).await;
    assert_eq!(map["stats"]["totalNodes"], 4);
    assert_eq!(map["stats"]["proposedNodes"], 1);
    let placed = map["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|node| node["name"] == "Invoice approval")
        .unwrap();
    assert_eq!(placed["process"]["captureCounts"]["interview"], 1);
    assert_eq!(placed["labels"][0]["value"], "High volume");
    assert_eq!(map["links"][0]["sourceNodeId"], placed["id"]);
    assert_eq!(map["unlinkedProcesses"].as_array().map(Vec::len), Some(2));
    assert_eq!(map["generation"]["status"], "idle");
    let finance = node(&trial, &id, "Finance").await;
    let part = call(
        &trial,
        "landscape.get",
        &[&id],
        json!({ "rootId": finance }),
    )
    .await;
    assert_eq!(part["stats"]["totalNodes"], 3);
    refuses(&trial, (404, "landscape.get"), &[NOBODY], json!({})).await;
    refuses(
        &trial,
        (404, "landscape.get_tree"),
        &[&id],
        json!({ "rootId": NOBODY }),
    )
    .await;
    refuses(&trial, (404, "landscape.get_tree"), &[NOBODY], json!({})).await;
}

#[tokio::test]
async fn nodes_are_added_renamed_and_moved_but_never_under_themselves() {
    let trial = Trial::company().await;
    let id = organization(&trial).await;
    assert_eq!(
        tree(&trial, &id).await,
        ["Finance", "-Payment run", "-Invoice approval", "Supply"]
    );
    let (finance, supply) = (
        node(&trial, &id, "Finance").await,
        node(&trial, &id, "Supply").await,
    );
    let area = call(
        &trial,
        "landscape.create_node",
        &[&id],
        json!({ "name": "Stock", "parentId": supply, "ownerLabel": "Kim" }),
    )
    .await;
    let stock = text(&area["id"]);
    let renamed = call(
        &trial,
        "landscape.update_node",
        &[&id, &stock],
        json!({ "name": "Stocks", "ownerLabel": null }),
    )
    .await;
    assert_eq!(
        (&renamed["name"], &renamed["ownerLabel"]),
        (&json!("Stocks"), &Value::Null)
    );
    call(
        &trial,
        "landscape.place_node",
        &[&id, &finance],
        json!({ "parentId": stock }),
    )
    .await;
    assert_eq!(
        tree(&trial, &id).await,
        [
            "Supply",
            "-Stocks",
            "--Finance",
            "---Payment run",
            "---Invoice approval"
        ]
    );

    let place = async |node: &str, parent: &str| {
        let fields = json!({ "parentId": parent });
        trial
            .refused("landscape.place_node", &[&id, node], fields)
            .await
            .0
    };
    assert_eq!(place(&supply, &finance).await, 422, "a cycle");
    assert_eq!(place(&supply, &supply).await, 422);
    assert_eq!(place(&supply, NOBODY).await, 404);
    assert_eq!(place(NOBODY, &supply).await, 404);
    call(
        &trial,
        "landscape.place_node",
        &[&id, &finance],
        json!({ "parentId": null }),
    )
    .await;
    assert_eq!(tree(&trial, &id).await[2], "Finance");

    let mut parent = stock;
    for _ in 0..6 {
        let deeper = call(
            &trial,
            "landscape.create_node",
            &[&id],
            json!({ "name": "Deeper", "parentId": parent }),
        )
        .await;
        parent = text(&deeper["id"]);
    }
    let create = async |fields: Value| {
        trial
            .refused("landscape.create_node", &[&id], fields)
            .await
            .0
    };
    assert_eq!(
        create(json!({ "name": "Too deep", "parentId": parent })).await,
        422
    );
    assert_eq!(place(&finance, &parent).await, 422);
    assert_eq!(create(json!({ "name": " " })).await, 422);
    assert_eq!(create(json!({ "name": "" })).await, 400);
    assert_eq!(
        create(json!({ "name": "X", "parentId": NOBODY })).await,
        404
    );
    refuses(
        &trial,
        (404, "landscape.update_node"),
        &[&id, NOBODY],
        json!({ "name": "X" }),
    )
    .await;
}

#[tokio::test]
async fn deleting_takes_the_process_and_leaves_nested_ones_unsorted() {
    let trial = Trial::company().await;
    let id = organization(&trial).await;
    let invoices = node(&trial, &id, "Invoice approval").await;
    let nested = json!({ "name": "Dunning", "parentId": invoices, "teamId": trial.team });
    let nested = call(&trial, "landscape.propose_process", &[&id], nested).await;
    assert_eq!(
        (&nested["existence"], &nested["team"]["id"]),
        (&json!("active"), &json!(trial.team))
    );
    let process = trial.find("processes.list", "Invoice approval").await;
    call(
        &trial,
        "processes.generate_snapshot",
        &[&process, "current_process"],
        json!({}),
    )
    .await;
    // Busy.
    refuses(
        &trial,
        (409, "landscape.delete_node"),
        &[&id, &invoices],
        json!({}),
    )
    .await;
    trial.pass(60);
    let gone = call(
        &trial,
        "landscape.delete_node",
        &[&id, &invoices],
        json!({}),
    )
    .await;
    assert_eq!(gone, json!({ "deletedCount": 2, "detachedCount": 1 }));
    refuses(&trial, (404, "processes.get"), &[&process], json!({})).await;
    let map = call(&trial, "landscape.get", &[&id], json!({})).await;
    assert!(map["unlinkedProcesses"].to_string().contains("Dunning"));
    assert_eq!(map["links"], json!([]));
    refuses(
        &trial,
        (404, "landscape.delete_node"),
        &[&id, &invoices],
        json!({}),
    )
    .await;
}

#[tokio::test]
async fn proposals_are_for_teams_of_the_organization() {
    let trial = Trial::company().await;
    let id = organization(&trial).await;
    let proposal = call(
        &trial,
        "landscape.propose_process",
        &[&id],
        json!({ "name": "Returns", "description": "Seen in interviews" }),
    )
    .await;
    assert_eq!(
        (&proposal["existence"], &proposal["processId"]),
        (&json!("proposed"), &Value::Null)
    );
    let propose = async |fields: Value| {
        trial
            .refused("landscape.propose_process", &[&id], fields)
            .await
            .0
    };
    assert_eq!(propose(json!({ "name": "X", "teamId": NOBODY })).await, 404);
    assert_eq!(
        propose(json!({ "name": "X", "parentId": NOBODY })).await,
        404
    );
    assert_eq!(propose(json!({ "name": "  " })).await, 422);
}

#[tokio::test]
async fn a_link_is_made_once_and_joins_processes_only() {
    let trial = Trial::company().await;
    let id = organization(&trial).await;
    let (from, to) = (
        node(&trial, &id, "Payment run").await,
        node(&trial, &id, "Invoice approval").await,
    );
    let finance = node(&trial, &id, "Finance").await;
    let fields = |from: &str, to: &str, kind: &str| json!({ "source_node_id": from, "target_node_id": to, "type": kind });
    let first = trial
        .send(
            "landscape.create_link",
            &[&id],
            fields(&from, &to, "variant_of"),
        )
        .await;
    let second = trial
        .send(
            "landscape.create_link",
            &[&id],
            fields(&from, &to, "variant_of"),
        )
        .await;
    assert_eq!((first.status, second.status), (201, 200));
    assert_eq!(
        (
            first.json()["created"].as_bool(),
            second.json()["created"].as_bool()
        ),
        (Some(true), Some(false))
    );
    let link = text(&first.json()["process_link"]["id"]);
    assert_eq!(link, text(&second.json()["process_link"]["id"]));

    let create = async |fields: Value| {
        trial
            .refused("landscape.create_link", &[&id], fields)
            .await
            .0
    };
    assert_eq!(create(fields(&from, &from, "variant_of")).await, 422);
    assert_eq!(
        create(fields(&finance, &to, "variant_of")).await,
        422,
        "an area"
    );
    assert_eq!(create(fields(NOBODY, &to, "variant_of")).await, 404);
    assert_eq!(create(fields(&from, &to, "likes")).await, 400);

    let other = call(
        &trial,
        "landscape.create_link",
        &[&id],
        fields(&from, &to, "hands_off_to"),
    )
    .await;
    let other = text(&other["process_link"]["id"]);
    let clash = trial
        .refused(
            "landscape.update_link",
            &[&id, &other],
            json!({ "type": "variant_of" }),
        )
        .await;
    assert_eq!(clash.0, 409);
    let changed = json!({ "state": "suggested", "confidence": 0.5 });
    let changed = call(&trial, "landscape.update_link", &[&id, &other], changed).await;
    assert_eq!(changed["process_link"]["confidence"], 0.5);
    let cleared = call(
        &trial,
        "landscape.update_link",
        &[&id, &other],
        json!({ "confidence": null }),
    )
    .await;
    assert_eq!(cleared["process_link"]["confidence"], Value::Null);
    refuses(
        &trial,
        (404, "landscape.update_link"),
        &[&id, NOBODY],
        json!({}),
    )
    .await;

    let list = async |fields: Value| {
        call(&trial, "landscape.list_links", &[&id], fields).await["total"].clone()
    };
    assert_eq!(list(json!({})).await, 3);
    assert_eq!(list(json!({ "node_id": from })).await, 3);
    refuses(
        &trial,
        (404, "landscape.list_links"),
        &[&id],
        json!({ "node_id": NOBODY }),
    )
    .await;
    call(&trial, "landscape.delete_link", &[&id, &link], json!({})).await;
    assert_eq!(list(json!({})).await, 2);
    refuses(
        &trial,
        (404, "landscape.delete_link"),
        &[&id, &link],
        json!({}),
    )
    .await;
}

#[tokio::test]
async fn a_text_is_given_to_one_label_only() {
    let trial = Trial::company().await;
    let id = organization(&trial).await;
    let label = call(
        &trial,
        "landscape.create_label",
        &[&id],
        json!({ "value": "Pilot" }),
    )
    .await;
    assert_eq!(label["label"]["colorHue"], 215);
    let pilot = text(&label["label"]["id"]);
    refuses(
        &trial,
        (409, "landscape.create_label"),
        &[&id],
        json!({ "value": "PILOT" }),
    )
    .await;
    refuses(
        &trial,
        (400, "landscape.create_label"),
        &[&id],
        json!({ "value": "" }),
    )
    .await;
    let update = async |label: &str, value: &str| {
        trial
            .send(
                "landscape.update_label",
                &[&id, label],
                json!({ "value": value, "colorHue": 3 }),
            )
            .await
            .status
    };
    assert_eq!(update(&pilot, "High volume").await, 409);
    assert_eq!(update(&pilot, "Wave 1").await, 200);
    assert_eq!(update(NOBODY, "X").await, 404);
    let list = async |search: &str| {
        call(
            &trial,
            "landscape.list_labels",
            &[&id],
            json!({ "search": search }),
        )
        .await
    };
    assert_eq!(list("high").await["data"][0]["processCount"], 1);
    let high = text(&list("high").await["data"][0]["id"]);
    call(&trial, "landscape.delete_label", &[&id, &high], json!({})).await;
    assert_eq!(list("high").await["total"], 0);
    let process = trial.find("processes.list", "Invoice approval").await;
    assert_eq!(
        call(&trial, "processes.list_labels", &[&process], json!({})).await["labels"],
        json!([])
    );
    refuses(
        &trial,
        (404, "landscape.delete_label"),
        &[&id, &high],
        json!({}),
    )
    .await;
    refuses(&trial, (404, "landscape.list_labels"), &[NOBODY], json!({})).await;
}

#[tokio::test]
async fn a_generation_proposes_what_was_captured_and_files_the_rest() {
    let trial = Trial::company().await;
    let id = organization(&trial).await;
    let captures =
        async |fields: Value| call(&trial, "landscape.list_captures", &[&id], fields).await;
    let full = captures(json!({ "includeTranscripts": "true" })).await;
    assert_eq!(
        full["captures"][0]["transcript"].as_array().map(Vec::len),
        Some(2)
    );
    assert_eq!(
        captures(json!({})).await["captures"][0].get("transcript"),
        None
    );
    let started = call(&trial, "landscape.generate", &[&id], json!({})).await;
    assert_eq!(
        (
            &started["eligibleCaptureCount"],
            &started["eligibleProcessCount"]
        ),
        (&json!(1), &json!(2))
    );
    let status = async || {
        call(&trial, "landscape.get", &[&id], json!({})).await["generation"]["status"].clone()
    };
    assert_eq!(status().await, "starting");
    // Under way.
    refuses(&trial, (422, "landscape.generate"), &[&id], json!({})).await;
    trial.pass(5);
    assert_eq!(status().await, "running");
    trial.pass(30);
    assert_eq!(status().await, "completed");
    let tree = tree(&trial, &id).await;
    assert!(
        tree.contains(&"Credit notes".into()) && tree.contains(&"-Supplier onboarding".into()),
        "{tree:?}"
    );
    assert_eq!(captures(json!({})).await["total"], 0);
    // Nothing to go by.
    refuses(&trial, (422, "landscape.generate"), &[&id], json!({})).await;
    refuses(&trial, (404, "landscape.generate"), &[NOBODY], json!({})).await;
    refuses(
        &trial,
        (404, "landscape.list_captures"),
        &[NOBODY],
        json!({}),
    )
    .await;
}
