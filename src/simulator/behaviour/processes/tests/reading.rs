//! Lists, captures, and the process of the first version with its labels.

use super::*;
use crate::simulator::behaviour::exam::{NOBODY, call, refuses};
use crate::simulator::trial::{Trial, text};
use serde_json::{Value, json};

#[tokio::test]
async fn the_list_filters_searches_and_pages() {
    let trial = Trial::company().await;
    let names = async |fields: Value| {
        let answer = call(&trial, "processes.list", &[], fields).await;
        let rows = answer["processes"].as_array().unwrap().clone();
        rows.iter()
            .map(|row| text(&row["name"]))
            .collect::<Vec<_>>()
    };
    assert_eq!(names(json!({})).await.len(), 3);
    assert_eq!(
        names(json!({ "search": "INVOICE" })).await,
        ["Invoice approval"]
    );
    assert_eq!(
        names(json!({ "status": "draft" })).await,
        ["Supplier onboarding"]
    );
    assert_eq!(names(json!({ "version": 1 })).await, ["Goods receipt"]);
    let page = call(
        &trial,
        "processes.list",
        &[],
        json!({ "limit": 1, "offset": 2 }),
    )
    .await;
    assert_eq!(
        (page["processes"].as_array().unwrap().len(), &page["total"]),
        (1, &json!(3))
    );
    refuses(
        &trial,
        (400, "processes.list"),
        &[],
        json!({ "status": "fine" }),
    )
    .await;
}

#[tokio::test]
async fn captures_come_full_or_lite() {
    let trial = Trial::company().await;
    let id = process(&trial, "Invoice approval").await;
    let full = read(&trial, &id).await;
    assert_eq!(
        full["captures"][0]["transcript"].as_array().map(Vec::len),
        Some(4)
    );
    assert_eq!(full["captures"][0]["transcriptQuestionCount"], 2);
    let lite = call(
        &trial,
        "processes.get",
        &[&id],
        json!({ "captures": "lite" }),
    )
    .await;
    assert_eq!(lite["captures"][0]["transcript"], Value::Null);
    assert_eq!(lite["captures"][0]["hasTranscript"], true);
    refuses(&trial, (404, "processes.get"), &[NOBODY], json!({})).await;
}

#[tokio::test]
async fn a_process_of_version_1_has_calls_of_its_own() {
    let trial = Trial::company().await;
    let (old, new) = (
        process(&trial, "Goods receipt").await,
        process(&trial, "Invoice approval").await,
    );
    let shown = call(&trial, "processes.get_legacy", &[&old], json!({})).await;
    assert_eq!(
        (&shown["version"], &shown["status"]),
        (&json!(1), &json!("complete"))
    );
    let (status, envelope) = trial
        .refused("processes.get_legacy", &[&new], json!({}))
        .await;
    assert_eq!(
        (status, envelope.as_object().unwrap().len()),
        (404, 1),
        "`error` alone"
    );
    refuses(&trial, (404, "processes.get"), &[&old], json!({})).await;
}

#[tokio::test]
async fn labels_are_put_on_processes_and_taken_off() {
    let trial = Trial::company().await;
    let id = process(&trial, "Supplier onboarding").await;
    let available =
        async || call(&trial, "processes.list_available_labels", &[&id], json!({})).await;
    let known = available().await["data"][0]["id"].clone();
    let both = json!({ "labelIds": [known], "labels": [{ "value": "Pilot" }] });
    let borne = call(&trial, "processes.assign_labels", &[&id], both).await;
    assert_eq!(borne["labels"].as_array().map(Vec::len), Some(2));
    assert_eq!(borne["labels"][1]["colorHue"], 215);
    let same = call(
        &trial,
        "processes.assign_labels",
        &[&id],
        json!({ "labels": [{ "value": "pilot" }] }),
    )
    .await;
    assert_eq!(
        same["labels"].as_array().map(Vec::len),
        Some(2),
        "found by its text"
    );
    assert_eq!(available().await["total"], 1);
    let left = call(
        &trial,
        "processes.unlink_labels",
        &[&id],
        json!({ "labelIds": [known] }),
    )
    .await;
    assert_eq!(left["labels"][0]["value"], "Pilot");
    assert_eq!(
        call(&trial, "processes.list_labels", &[&id], json!({})).await["labels"],
        left["labels"]
    );
    let refused = async |verb: &str, fields: Value| trial.refused(verb, &[&id], fields).await.0;
    assert_eq!(refused("processes.assign_labels", json!({})).await, 400);
    assert_eq!(
        refused("processes.assign_labels", json!({ "labelIds": [NOBODY] })).await,
        404
    );
    assert_eq!(
        refused("processes.unlink_labels", json!({ "labelIds": [NOBODY] })).await,
        404
    );
    refuses(&trial, (404, "processes.list_labels"), &[NOBODY], json!({})).await;
}
