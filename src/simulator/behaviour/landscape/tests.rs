//! The landscape, over HTTP.

use serde_json::json;

use crate::simulator::trial::{Trial, text};

async fn own(trial: &Trial) -> String {
    let mine = trial.call("organizations.list", &[], json!({})).await;
    text(&mine["memberships"][0]["organization"]["id"])
}

async fn area(trial: &Trial, own: &str, name: &str, parent: Option<&str>) -> String {
    let wanted = json!({ "name": name, "parentId": parent });
    text(&trial.call("landscape.create_node", &[own], wanted).await["id"])
}

#[tokio::test]
async fn grows_by_hand_and_by_generation() {
    let trial = Trial::company().await;
    let own = own(&trial).await;
    let finance = area(&trial, &own, "Finance", None).await;
    let payables = area(&trial, &own, "Payables", Some(&finance)).await;
    let round = json!({ "parentId": payables });
    assert_eq!(
        trial
            .refused("landscape.place_node", &[&own, &finance], round)
            .await
            .0,
        409
    );
    let before = trial.call("landscape.get", &[&own], json!({})).await;
    assert_eq!(before["stats"]["unsortedProcesses"], 2);
    trial.call("landscape.generate", &[&own], json!({})).await;
    assert_eq!(
        trial
            .refused("landscape.generate", &[&own], json!({}))
            .await
            .0,
        422
    );
    trial.pass(15);
    let after = trial.call("landscape.get", &[&own], json!({})).await;
    assert_eq!(
        (
            &after["stats"]["processNodes"],
            &after["generation"]["status"]
        ),
        (&json!(2), &json!("completed"))
    );
    let proposed = trial
        .call(
            "landscape.propose_process",
            &[&own],
            json!({ "name": "Dunning", "parentId": payables }),
        )
        .await;
    assert_eq!(proposed["existence"], "proposed");
    let tree = trial
        .call("landscape.get_tree", &[&own], json!({ "rootId": finance }))
        .await;
    assert_eq!(tree["nodes"].as_array().map(Vec::len), Some(3));
    let gone = trial
        .call("landscape.delete_node", &[&own, &finance], json!({}))
        .await;
    assert_eq!(gone["deletedCount"], 3);
}

#[tokio::test]
async fn nodes_are_linked_once() {
    let trial = Trial::company().await;
    let own = own(&trial).await;
    let (one, two) = (
        area(&trial, &own, "One", None).await,
        area(&trial, &own, "Two", None).await,
    );
    let wanted = json!({ "source_node_id": one, "target_node_id": two, "type": "hands_off_to" });
    let first = trial
        .call("landscape.create_link", &[&own], wanted.clone())
        .await;
    let again = trial.call("landscape.create_link", &[&own], wanted).await;
    assert_eq!(
        (&first["created"], &again["created"]),
        (&json!(true), &json!(false))
    );
    let link = text(&first["process_link"]["id"]);
    let to_itself = json!({ "target_node_id": one });
    assert_eq!(
        trial
            .refused("landscape.update_link", &[&own, &link], to_itself)
            .await
            .0,
        422
    );
    trial
        .call("landscape.delete_link", &[&own, &link], json!({}))
        .await;
    assert_eq!(
        trial
            .call("landscape.list_links", &[&own], json!({ "node_id": one }))
            .await["total"],
        0
    );
}

#[tokio::test]
async fn processes_bear_labels() {
    let trial = Trial::company().await;
    let own = own(&trial).await;
    let process = trial.find("processes.list", "Invoice approval").await;
    trial
        .call(
            "landscape.create_label",
            &[&own],
            json!({ "value": "core" }),
        )
        .await;
    assert_eq!(
        trial
            .refused(
                "landscape.create_label",
                &[&own],
                json!({ "value": "core" })
            )
            .await
            .0,
        409
    );
    let wanted = json!({ "labels": [{ "value": "core" }, { "value": "slow" }] });
    let borne = trial
        .call("processes.assign_labels", &[&process], wanted)
        .await;
    assert_eq!(borne["labels"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        trial
            .call("processes.list_available_labels", &[&process], json!({}))
            .await["total"],
        0
    );
    let label = text(&borne["labels"][0]["id"]);
    let left = trial
        .call(
            "processes.unlink_labels",
            &[&process],
            json!({ "labelIds": [label] }),
        )
        .await;
    assert_eq!(left["labels"].as_array().map(Vec::len), Some(1));
    trial
        .call("landscape.delete_label", &[&own, &label], json!({}))
        .await;
    assert_eq!(
        trial
            .call("landscape.list_labels", &[&own], json!({}))
            .await["total"],
        1
    );
}
