//! The example of a scenario file in the simulator's documentation does what it says.

use std::time::Duration;

use duvoscript::simulator::Scenario;
use serde_json::{Value, json};

use super::place::Place;

/// Returns the example of the module's documentation.
fn example() -> String {
    let source = include_str!("../../src/simulator/mod.rs");
    let docs: Vec<_> = source
        .lines()
        .filter_map(|line| line.strip_prefix("//!"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect();
    let docs = docs.join("\n");
    let (_, rest) = docs.split_once("r#\"").unwrap();
    rest.split_once("\"#").unwrap().0.to_owned()
}

/// Lets the job of the only case get to its question; returns both ids.
async fn asked(place: &Place) -> (String, String) {
    place.pass(Duration::from_secs(20));
    let jobs = place.done("jobs.list", &[], json!({})).await;
    assert_eq!(jobs["total"], 1, "{jobs}");
    let job = jobs["data"][0]["id"].as_str().unwrap();
    let read = place.done("jobs.get", &[job], json!({})).await;
    let request = &read["pending_human_request"];
    assert_eq!(request["title"], "Refund 1,250.00 EUR", "{read}");
    (job.to_owned(), request["id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn the_documented_example_is_loaded_and_lived() {
    for (approved, status) in [(true, "completed"), (false, "failed")] {
        let scenario = Scenario::parse("example.toml", &example()).unwrap();
        let place = Place::with(|settings| settings.scenario = scenario).await;
        let queue = place.find("queues.list", "Claims").await;
        let (job, request) = asked(&place).await;
        let answer = json!({ "approved": approved });
        place.done("jobs.respond", &[&job, &request], answer).await;
        place.pass(Duration::from_secs(20));
        let cases = place.done("cases.list", &[&queue], json!({})).await;
        assert_eq!(cases["cases"][0]["status"], status);
        let read = place.done("jobs.get", &[&job], json!({})).await;
        assert_eq!(read["pending_human_request"], Value::Null);
    }
}

#[tokio::test]
async fn a_scenario_is_read_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("example.toml");
    std::fs::write(&file, example()).unwrap();
    let scenario = Scenario::read(&file).unwrap();
    let place = Place::with(|settings| settings.scenario = scenario).await;
    asked(&place).await;
}
