//! What people do over HTTP, and what they see of it.

use serde_json::json;

use crate::ground::{Ground, until};

const ASK: &str = r#"
print("before");
let answer = ask("Go on?", #{ choices: ["yes", "no"], deadline: "1h" });
print(`it is ${answer}`);
write_answer(answer);
fn write_answer(answer) { files::write("answer.txt", answer); }
answer
"#;

#[test]
fn a_question_is_answered_once_and_the_run_goes_on() {
    let ground = Ground::new(&[("ask.rhai", ASK)]);
    let daemon = ground.serve();
    let run = daemon.begin("ask.rhai");
    let item = daemon.item();
    assert_eq!(item["text"], "Go on?");
    assert_eq!(daemon.until(&run, "waiting")["place"]["line"], 3);
    let path = format!("/api/v1/inbox/{}", item["id"].as_str().unwrap());
    let wrong = daemon.post(&path, &json!({ "text": "maybe" }));
    assert_eq!(
        (wrong.status, wrong.json()["error"]["why"].clone()),
        (422, "invalid".into())
    );
    let first = daemon.post(&path, &json!({ "text": "yes" })).json();
    assert_eq!(first["outcome"], "accepted");
    let later = daemon.post(&path, &json!({ "text": "no" })).json();
    assert_eq!(
        (&later["outcome"], &later["value"]),
        (&"too_late".into(), &"yes".into())
    );
    let done = daemon.until(&run, "done");
    assert_eq!(done["result"], "yes");
    assert_eq!(done["events"][0]["by"], "api");
    assert_eq!(ground.read("answer.txt"), "yes");
    let lines = daemon.get(&format!("/api/v1/runs/{run}/lines"));
    let texts: Vec<_> = lines
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["text"].clone())
        .collect();
    assert_eq!(texts, ["before", "it is yes"]);
    let steps = daemon.get(&format!("/api/v1/runs/{run}/steps"));
    assert_eq!(steps[0]["state"], "ok");
}

#[test]
fn a_run_is_signalled_paused_resumed_retried_and_cancelled() {
    let script = r#"let paid = signal::wait("paid", #{ deadline: "1h" }); paid.amount"#;
    let ground = Ground::new(&[("wait.rhai", script)]);
    let daemon = ground.serve();
    let run = daemon.begin("wait.rhai");
    daemon.until(&run, "waiting");
    let order = |run: &str, order| {
        daemon.post(
            &format!("/api/v1/runs/{run}/orders"),
            &json!({ "order": order }),
        )
    };
    assert_eq!(order(&run, "pause").status, 200);
    daemon.until(&run, "paused");
    let path = format!("/api/v1/runs/{run}/signals/paid");
    let sent = daemon
        .post(&path, &json!({ "value": { "amount": 5 } }))
        .json();
    assert_eq!(sent["became"], "accepted");
    let again = daemon.post(&path, &json!({ "value": 6 })).json();
    assert_eq!(
        (&again["became"], &again["value"]["amount"]),
        (&"too_late".into(), &5.into())
    );
    daemon.until(&run, "paused");
    assert_eq!(order(&run, "resume").status, 200);
    assert_eq!(daemon.until(&run, "done")["result"], 5);
    assert_eq!(order(&run, "cancel").status, 409);
    assert_eq!(order(&run, "explode").status, 422);

    let again = daemon
        .post(&format!("/api/v1/runs/{run}/retry"), &json!({}))
        .json();
    let again = again["id"].as_str().unwrap();
    assert_eq!(daemon.until(again, "waiting")["parent"], run);
    assert_eq!(order(again, "cancel").status, 200);
    daemon.until(again, "cancelled");
}

#[test]
fn an_order_reaches_a_run_in_the_midst_of_its_script() {
    let ground = Ground::new(&[(
        "busy.rhai",
        "on_cancel(|| files::write(\"cleaned.txt\", \"1\")); loop { }",
    )]);
    let daemon = ground.serve();
    let run = daemon.begin("busy.rhai");
    daemon.until(&run, "running");
    daemon.post(
        &format!("/api/v1/runs/{run}/orders"),
        &json!({ "order": "cancel" }),
    );
    daemon.until(&run, "cancelled");
    assert_eq!(ground.read("cleaned.txt"), "1");
}

#[test]
fn a_log_is_followed_and_goes_on_where_it_was_cut_off() {
    let script = r#"for n in 0..5 { print(`line ${n}`); sleep("300ms"); }"#;
    let ground = Ground::new(&[("talk.rhai", script)]);
    let daemon = ground.serve();
    let run = daemon.begin("talk.rhai");
    let follow = |after: Option<&str>| {
        let request = daemon.request("GET", &format!("/api/v1/runs/{run}/lines"));
        let request = request.header("accept", "text/event-stream");
        match after {
            Some(after) => request.header("last-event-id", after),
            None => request,
        }
    };
    let whole = daemon.send(follow(None));
    assert!(whole.kind.starts_with("text/event-stream"), "{whole:?}");
    for n in 0..5 {
        assert_eq!(
            whole.text.matches(&format!("\"line {n}\"")).count(),
            1,
            "{}",
            whole.text
        );
    }
    assert!(whole.text.contains("event: end") && whole.text.contains("\"done\""));
    let rest = daemon.send(follow(Some("3"))).text;
    assert!(
        !rest.contains("line 2") && rest.contains("line 3") && rest.contains("id: 5"),
        "{rest}"
    );
}

#[test]
fn changes_are_told_to_whoever_follows_them() {
    let ground = Ground::new(&[("x.rhai", "1")]);
    let daemon = ground.serve();
    let request = daemon.request("GET", "/api/v1/events");
    let mut events = ground.runtime.block_on(request.send()).unwrap();
    daemon.begin("x.rhai");
    let event = ground.runtime.block_on(events.chunk()).unwrap().unwrap();
    assert!(String::from_utf8_lossy(&event).contains("event: change"));
}

#[test]
fn a_run_that_waits_for_a_job_goes_on_when_that_has_ended() {
    let script = r#"
let agent = duvo::assignments::find("Invoice matcher");
let job = duvo::jobs::start(#{ agent_id: agent, message: "Match" });
let waiting = duvo::jobs::wait(job, #{ until: ["waiting"], timeout: "10m" });
waiting.status
"#;
    let ground = Ground::simulated(&[("job.rhai", script)]);
    let daemon = ground.serve();
    let run = daemon.begin("job.rhai");
    let done = daemon.until(&run, "done");
    assert!(done["result"].is_string(), "{done}");
    let steps = daemon.get(&format!("/api/v1/runs/{run}/steps"));
    let starts = steps
        .as_array()
        .unwrap()
        .iter()
        .filter(|step| step["name"] == "jobs.start");
    assert_eq!(starts.count(), 1);
}

#[test]
fn the_metrics_have_their_names() {
    let ground = Ground::simulated(&[("fail.rhai", "throw \"no\"")]);
    let daemon = ground.serve();
    let run = daemon.begin("fail.rhai");
    daemon.until(&run, "failed");
    let answer = daemon.send(daemon.request("GET", "/metrics"));
    for metric in [
        "duvoscript_due 0",
        "duvoscript_late 0",
        "duvoscript_running 0",
        "duvoscript_waiting 0",
        "duvoscript_failed_total 1",
        "duvoscript_retries_total 0",
        "duvoscript_budget_left ",
        "duvoscript_journal_commit_seconds 0.",
    ] {
        assert!(answer.text.contains(metric), "{metric}: {}", answer.text);
    }
    assert!(answer.text.ends_with("# EOF\n"));
}

#[test]
fn a_run_of_another_world_is_left_alone_and_said() {
    let ground = Ground::simulated(&[("wait.rhai", "signal::wait(\"go\", #{ deadline: \"1h\" })")]);
    let daemon = ground.serve();
    let run = daemon.begin("wait.rhai");
    daemon.until(&run, "waiting");
    daemon.kill();
    let elsewhere = Ground {
        folder: ground.folder,
        ..Ground::simulated(&[])
    };
    let daemon = elsewhere.serve();
    let sent = daemon.post(
        &format!("/api/v1/runs/{run}/signals/go"),
        &json!({ "value": 1 }),
    );
    assert_eq!(sent.status, 200, "{sent:?}");
    let alone = || daemon.get("/api/v1/overview")["daemon"]["left_alone"].clone();
    until(
        || alone()[0]["run"] == run.as_str(),
        "the run to be left alone",
    );
    assert!(
        alone()[0]["why"]
            .as_str()
            .unwrap()
            .contains("another world")
    );
    assert_eq!(
        daemon.get(&format!("/api/v1/runs/{run}"))["state"],
        "waiting"
    );
}
