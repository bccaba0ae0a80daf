//! The inbox from the command line, without a daemon: what scripts ask is in the journal and needs no
//! key, what Jobs ask is found in Duvo.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use assert_cmd::Command;
use duvoscript::clock::{Clock, ScaledClock, SystemClock};
use duvoscript::journal::{Journal, NewRun, RunState, WaitRow, Write};
use duvoscript::simulator::{Scenario, Settings, Simulator};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A state directory with a run that asks something.
struct Bed {
    folder: TempDir,
    journal: Journal,
}

impl Bed {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(SystemClock::new());
        let now = clock.now();
        let journal = Journal::open(&folder.path().join(".duvoscript"), clock).unwrap();
        let put = |write| journal.put(write).unwrap();
        let new = NewRun::queued("run-1", "scripts/close.rhai", "1", now);
        put(Write::Run(new));
        let about = json!({
            "text": "Shall the month be closed?",
            "choices": ["close it", "leave it"],
            "step": "4/2.1",
            "then": "the script goes on with `\"leave it\"`",
            "reminders": 2,
        });
        put(Write::Wait(WaitRow {
            run: "run-1".into(),
            ticket: 7,
            kind: "question".into(),
            about: about.to_string(),
            since: now,
            wake_at: None,
        }));
        journal.flush().unwrap();
        Self { folder, journal }
    }

    /// Runs a command of the inbox; returns exit code, stdout and stderr.
    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        self.call("anna", &[], &[&["inbox"], arguments].concat())
    }

    /// Runs the program as somebody, with further variables.
    fn call(
        &self,
        user: &str,
        variables: &[(&str, &str)],
        arguments: &[&str],
    ) -> (i32, String, String) {
        let output = Command::cargo_bin("duvoscript")
            .unwrap()
            .current_dir(self.folder.path())
            .env_clear()
            .env("NO_COLOR", "1")
            .env("USER", user)
            .envs(variables.iter().copied())
            .args(arguments)
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (
            output.status.code().unwrap(),
            text(output.stdout),
            text(output.stderr),
        )
    }
}

#[test]
fn what_a_script_asks_is_listed_and_shown_without_a_key() {
    let bed = Bed::new();
    let (code, out, err) = bed.run(&["list", "--json"]);
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("requests of Jobs are not shown"), "{err}");
    let items: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(items[0]["id"], "run-1:4:2.1");
    assert_eq!(items[0]["kind"], "question");
    assert_eq!(items[0]["asked_by"]["step"], "4/2.1");
    assert_eq!(items[0]["reminders"], 2);
    // The start of an id is enough.
    let (code, out, err) = bed.run(&["show", "run-1"]);
    assert_eq!(code, 0, "{err}");
    for part in [
        "Shall the month be closed?",
        "1) close it",
        "goes on with",
        "run run-1 of scripts/close.rhai",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
}

#[test]
fn the_first_answer_counts_and_a_later_one_is_told_whose_it_was() {
    let bed = Bed::new();
    let (code, _, err) = bed.run(&["answer", "run-1", "burn it"]);
    assert_eq!(code, 2);
    assert!(err.contains("`burn it` is none of the choices"), "{err}");
    // A choice may be given by its beginning.
    let (code, out, err) = bed.run(&["answer", "run-1", "close", "--json"]);
    assert_eq!(code, 0, "{err}");
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(told, json!({ "id": "run-1:4:2.1", "answer": "close it" }));
    let kept = bed.journal.events("run-1").unwrap();
    assert_eq!(
        (kept[0].name.as_str(), kept[0].by.as_deref()),
        ("answer:4/2.1", Some("anna"))
    );
    let (code, _, err) = bed.run(&["answer", "run-1:4:2.1", "leave it"]);
    assert_eq!(code, 2);
    assert!(
        err.contains("was answered before by `anna`") && err.contains("close it"),
        "{err}"
    );
    assert_eq!(bed.run(&["list", "--json"]).1.trim(), "[]");
}

#[test]
fn what_does_not_wait_is_said_clearly() {
    let bed = Bed::new();
    let (code, _, err) = bed.run(&["answer", "run-1:4:2.2", "close it"]);
    assert_eq!(code, 2);
    assert!(err.contains("did you mean `run-1:4:2.1`?"), "{err}");
    // Whether Duvo has a request of that id cannot be known without a key.
    let (code, _, err) = bed.run(&["show", "2c1f7a0e"]);
    assert_ne!(code, 0);
    assert!(err.to_lowercase().contains("key"), "{err}");
    let end = Write::End {
        run: "run-1".into(),
        state: RunState::Cancelled,
        at: SystemClock::new().now(),
        exit: 130,
        result: None,
        problem: None,
    };
    bed.journal.put(end).unwrap();
    bed.journal.flush().unwrap();
    let (code, _, err) = bed.run(&["answer", "run-1:4:2.1", "close it"]);
    assert_eq!(code, 2);
    assert!(err.contains("the run run-1 has ended: cancelled"), "{err}");
}

/// A team whose Jobs ask for an approval, or, told `question`, for a month.
const TEAM: &str = include_str!("../page/project/company.toml");

/// Starts a Job, and returns the id of what it asks.
fn asked(bed: &Bed, duvo: &[(&str, &str)], message: &str) -> String {
    let script = format!(
        "let agent = duvo::assignments::find(\"Invoice matcher\");\n\
         duvo::jobs::start(#{{ agent_id: agent, message: \"{message}\" }}).id"
    );
    std::fs::write(bed.folder.path().join("start.rhai"), script).unwrap();
    let (code, _, err) = bed.call("anna", duvo, &["run", "--ephemeral", "start.rhai"]);
    assert_eq!(code, 0, "{err}");
    loop {
        let (code, out, err) = bed.call("anna", duvo, &["inbox", "list", "--json"]);
        assert_eq!(code, 0, "{err}");
        let items: Vec<Value> = serde_json::from_str(&out).unwrap();
        let request = items.iter().find(|item| item["kind"] == "human_request");
        if let Some(request) = request {
            return request["id"].as_str().unwrap().to_owned();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_of_a_job_is_answered_once_and_it_is_kept_by_whom() {
    let clock: Arc<dyn Clock> = Arc::new(ScaledClock::new(SystemClock::new().now(), 200.0));
    let settings = Settings {
        clock,
        scenario: Scenario::parse("company.toml", TEAM).unwrap(),
        ..Settings::new()
    };
    let simulator = Simulator::start(settings).await.unwrap();
    let (url, key) = (simulator.url().to_string(), simulator.key().to_owned());
    let work = move || {
        let bed = Bed::new();
        let duvo = [
            ("DUVO_API_BASE_URL", url.as_str()),
            ("DUVO_API_KEY", key.as_str()),
        ];
        let answer = |user, id: &str, text| bed.call(user, &duvo, &["inbox", "answer", id, text]);
        let id = asked(&bed, &duvo, "Match");
        let (code, _, err) = answer("anna", &id, "approve");
        assert_eq!(code, 0, "{err}");
        let (code, _, err) = answer("bert", &id, "deny");
        assert_eq!(code, 2, "{err}");
        assert!(err.contains("was answered before by `anna`"), "{err}");
        assert!(err.contains("\"approved\":true"), "{err}");
        // A request may ask questions instead.
        let id = asked(&bed, &duvo, "a question");
        let (code, _, err) = answer("anna", &id, "Next month");
        assert_eq!(code, 2, "{err}");
        assert!(err.contains("`Last month`"), "{err}");
        let (code, _, err) = answer("anna", &id, "Last month");
        assert_eq!(code, 0, "{err}");
        let (_, _, err) = answer("bert", &id, "This month");
        assert!(err.contains("\"Which month?\":\"Last month\""), "{err}");
    };
    tokio::task::spawn_blocking(work).await.unwrap();
}
