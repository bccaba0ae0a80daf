//! Schedules: fired, triggered, paused, and read again.

use serde_json::{Value, json};

use crate::ground::{Daemon, Ground, until};

const OFTEN: &str = "// /// duvoscript\n// [schedule]\n// every = \"1s\"\n// overlap = \"allow\"\n// ///\nfiles::append(\"ran.txt\", \"x\");";
const RARELY: &str =
    "// /// duvoscript\n// [schedule]\n// cron = \"0 0 1 1 *\"\n// ///\nprint(\"hello\");";

fn slots(daemon: &Daemon<'_>, schedule: &str) -> Vec<Value> {
    let slots = daemon.get(&format!("/api/v1/slots?schedule={schedule}"));
    slots.as_array().unwrap().clone()
}

#[test]
fn slots_run_by_themselves_each_once() {
    let ground = Ground::new(&[("scripts/often.rhai", OFTEN)]);
    let daemon = ground.serve();
    until(|| ground.read("ran.txt").len() >= 3, "three slots");
    let schedule = daemon.get("/api/v1/schedules/often");
    assert_eq!(schedule["timing"], "every 1s");
    assert_eq!(schedule["next"].as_array().unwrap().len(), 5);
    let slots = slots(&daemon, "often");
    let mut instants: Vec<_> = slots
        .iter()
        .map(|slot| slot["at"].as_str().unwrap())
        .collect();
    instants.dedup();
    assert_eq!(instants.len(), slots.len());
    assert!(slots.iter().all(|slot| slot["fate"] == "ran"), "{slots:?}");
}

#[test]
fn a_schedule_is_triggered_paused_and_resumed() {
    let ground = Ground::new(&[("scripts/rarely.rhai", RARELY)]);
    let daemon = ground.serve();
    let path = "/api/v1/schedules/rarely";
    let slot = daemon.post(&format!("{path}/trigger"), &json!({})).json();
    assert_eq!(slot["kind"], "triggered");
    until(
        || slots(&daemon, "rarely")[0]["run_state"] == "done",
        "the triggered run",
    );
    let run = slots(&daemon, "rarely")[0]["run"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        daemon.get(&format!("/api/v1/runs/{run}"))["schedule"],
        "rarely"
    );
    let runs = daemon.get("/api/v1/runs?schedule=rarely&state=done");
    assert_eq!(runs.as_array().unwrap().len(), 1);
    assert_eq!(daemon.get("/api/v1/runs?schedule=other"), json!([]));

    let paused = daemon
        .post(&format!("{path}/pause"), &json!({ "reason": "holidays" }))
        .json();
    assert_eq!(paused["paused"]["reason"], "holidays");
    assert_eq!(
        daemon
            .post(&format!("{path}/pause"), &json!({ "reason": "x" }))
            .status,
        409
    );
    assert_eq!(
        daemon
            .post(&format!("{path}/pause"), &json!({ "reason": "" }))
            .status,
        422
    );
    let resumed = daemon.post(&format!("{path}/resume"), &json!({})).json();
    assert_eq!(resumed["paused"], Value::Null);
    assert_eq!(
        daemon.post(&format!("{path}/resume"), &json!({})).status,
        409
    );
    let missing = daemon.post("/api/v1/schedules/rarly/trigger", &json!({}));
    assert_eq!(missing.status, 404);
    assert!(missing.text.contains("rarely"), "{missing:?}");
}

#[test]
fn declarations_are_read_again_when_they_change_and_faults_are_shown() {
    let ground = Ground::new(&[("scripts/rarely.rhai", RARELY)]);
    let daemon = ground.serve();
    let names = || {
        let schedules = daemon.get("/api/v1/schedules");
        let schedules = schedules.as_array().unwrap().iter();
        let served = schedules.filter(|schedule| schedule["timing"].is_string());
        served
            .map(|schedule| schedule["name"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(), ["rarely"]);
    ground.write("scripts/yearly.rhai", RARELY);
    until(|| names() == ["rarely", "yearly"], "the new schedule");
    ground.write("scripts/yearly.rhai", &RARELY.replace("cron", "crom"));
    let faults = || daemon.get("/api/v1/overview")["daemon"]["faults"].clone();
    until(|| faults().as_array().unwrap().len() == 1, "the fault");
    assert!(
        faults()[0]["shown"].as_str().unwrap().contains("crom"),
        "{}",
        faults()
    );
    assert_eq!(
        names(),
        ["rarely", "yearly"],
        "what was right before is still served"
    );
    assert!(
        slots(&daemon, "yearly").is_empty(),
        "nothing is fired for the past"
    );
    std::fs::remove_file(ground.folder.path().join("scripts/yearly.rhai")).unwrap();
    daemon.signal("HUP");
    until(|| names() == ["rarely"], "the schedule to go");
    assert_eq!(faults(), json!([]));
}
