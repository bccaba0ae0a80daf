//! Processes, told as stories: one test is one, from its start to its end.

mod chat;
mod generation;
mod imports;
mod reading;
mod snapshots;

use crate::simulator::behaviour::exam::call;
use crate::simulator::trial::{Trial, text};
use serde_json::{Value, json};

pub(super) const CURRENT: &str = "current_process";
pub(super) const PROPOSAL: &str = "transformation_proposal";

pub(super) async fn process(trial: &Trial, name: &str) -> String {
    trial.find("processes.list", name).await
}

pub(super) async fn read(trial: &Trial, id: &str) -> Value {
    call(trial, "processes.get", &[id], json!({})).await
}

/// The snapshots of one kind: status and id.
pub(super) async fn snapshots(trial: &Trial, id: &str, kind: &str) -> Vec<(String, String)> {
    let answer = call(trial, "processes.list_snapshots", &[id, kind], json!({})).await;
    let rows = answer["snapshots"].as_array().unwrap();
    rows.iter()
        .map(|row| (text(&row["status"]), text(&row["id"])))
        .collect()
}

pub(super) async fn live(trial: &Trial, id: &str, kind: &str) -> String {
    let all = snapshots(trial, id, kind).await;
    let mut live = all
        .into_iter()
        .filter(|(status, _)| status == "live")
        .map(|(_, id)| id);
    let one = live.next().unwrap();
    assert_eq!(live.next(), None, "one live snapshot a kind");
    one
}
