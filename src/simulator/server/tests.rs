//! What holds for all endpoints: who may come in, what is refused, what is written down.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::simulator::trial::{Trial, text};

#[tokio::test]
async fn the_key_is_wanted_before_anything_else() {
    let trial = Trial::company().await;
    for header in ["", "Bearer", "Bearer nonsense", "Basic x"] {
        let came = trial
            .raw("GET", "/v2/teams", &[("authorization", header)], "")
            .await;
        assert_eq!(
            (came.status, came.json()["error"].as_str()),
            (401, Some("invalid_token")),
            "{header}"
        );
        assert!(
            came.headers["x-request-id"]
                .to_str()
                .unwrap()
                .starts_with("req_")
        );
    }
}

#[tokio::test]
async fn odd_requests_get_a_4xx_and_the_server_goes_on() {
    let trial = Trial::company().await;
    let team = &trial.team;
    let (runs, files) = (
        format!("/v2/teams/{team}/runs"),
        format!("/v2/teams/{team}/files/content"),
    );
    let deep = "[".repeat(100_000);
    let large = format!("{{\"message\": \"{}\"}}", "x".repeat(17 * 1024 * 1024));
    let posts: [(&str, Vec<u8>, u16); 7] = [
        (&runs, b"{".to_vec(), 400),
        (&runs, b"[]".to_vec(), 400),
        (&runs, b"{\"agent_id\": 7}".to_vec(), 400),
        (&runs, b"{\"agent_id\": \"\xff\xfe\"}".to_vec(), 400),
        (&runs, deep.into_bytes(), 400),
        (&runs, large.into_bytes(), 413),
        ("/v2/sandboxes/x/files", b"no form".to_vec(), 400),
    ];
    for (path, body, status) in posts {
        let start = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        // A server that answers before it has read everything may break the connection.
        if let Ok(came) = trial.attempt("POST", path, &[], body).await {
            assert_eq!(came.status, status, "{path} {start}");
        }
    }
    let gets = [
        format!("{files}/../../x"),
        format!("{files}/%2e%2e/x"),
        format!("{files}/a%2fb"),
        format!("{files}/a%00"),
        format!("{files}/%ff"),
        "/v2/runs/not-an-id".into(),
        "/v2/runs/%2e%2e".into(),
        "/v2/nothing".into(),
        "//".into(),
        format!("{runs}?limit=x"),
        format!("{runs}?search=%ff"),
        format!("{runs}?search=%00"),
    ];
    for path in gets {
        let came = trial.raw("GET", &path, &[], "").await;
        assert!((400..500).contains(&came.status), "{path}: {}", came.status);
    }
    assert_eq!(trial.raw("BREW", "/v2/teams", &[], "").await.status, 404);
    trial.call("teams.list", &[], json!({})).await;
}

#[tokio::test]
async fn the_rate_limit_is_announced_and_kept() {
    let trial = Trial::with(|settings| settings.rate_limit = Some(5)).await;
    let came = trial.send("teams.list", &[], json!({})).await;
    assert_eq!(came.headers["x-ratelimit-limit"], "5");
    assert_eq!(
        came.headers["x-ratelimit-remaining"], "2",
        "two calls came before"
    );
    trial.send("teams.list", &[], json!({})).await;
    trial.send("teams.list", &[], json!({})).await;
    let over = trial.send("teams.list", &[], json!({})).await;
    assert_eq!(
        (over.status, over.json()["error"].as_str()),
        (429, Some("rate_limited"))
    );
    let wait: u64 = over.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    trial.pass(wait);
    assert_eq!(trial.send("teams.list", &[], json!({})).await.status, 200);
}

#[tokio::test]
async fn answers_tell_the_simulated_time() {
    let trial = Trial::company().await;
    trial.pass(3600);
    for path in ["/v2/teams", "/v2/nothing"] {
        let came = trial.raw("GET", path, &[], "").await;
        assert_eq!(came.headers["date"], "Mon, 05 Jan 2026 09:00:00 GMT");
    }
}

#[tokio::test]
async fn an_idempotency_key_does_the_work_once() {
    let trial = Trial::company().await;
    let path = format!("/v2/teams/{}/queues", trial.team);
    let send = |name: &'static str| {
        let (trial, path) = (&trial, &path);
        async move {
            let body = json!({ "name": name }).to_string();
            trial
                .raw("POST", path, &[("idempotency-key", "k1")], body)
                .await
        }
    };
    let first = send("Returns").await;
    let second = send("Returns").await;
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!(first.json(), second.json());
    assert_eq!(send("Others").await.status, 400);
    trial.pass(25 * 3600);
    assert_eq!(
        send("Returns").await.status,
        409,
        "after a day the name clashes"
    );
    let ledger = trial.simulator.ledger();
    let replayed: Vec<_> = ledger
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["replayed"].clone())
        .collect();
    assert_eq!(replayed, [false, true, false, false]);
    let effects = &ledger[0]["effects"];
    assert_eq!(effects[0]["what"], "queue");
    assert_eq!(effects[0]["id"], first.json()["queue"]["id"]);
    assert_eq!(
        ledger[0]["request_id"].as_str(),
        first.headers["x-request-id"].to_str().ok()
    );
}

#[tokio::test]
async fn the_ledger_keeps_mutations_without_secrets() {
    let trial = Trial::company().await;
    trial
        .call(
            "secrets.create",
            &[],
            json!({ "name": "S", "values": { "TOKEN": "hunter2" } }),
        )
        .await;
    trial.call("secrets.list", &[], json!({})).await;
    let came = trial.raw("GET", "/_sim/ledger", &[], "").await;
    assert!(!String::from_utf8_lossy(&came.bytes).contains("hunter2"));
    let entries = came.json()["entries"].take();
    assert_eq!(entries.as_array().map(Vec::len), Some(1));
    assert_eq!(entries[0]["endpoint"], "secrets.create");
    assert_eq!(entries[0]["status"], 201);
}

#[tokio::test]
async fn the_same_seed_and_calls_give_the_same_world() {
    let mut states = Vec::new();
    for _ in 0..2 {
        let trial = Trial::company().await;
        let queue = trial.find("queues.list", "Invoices").await;
        trial
            .call(
                "cases.create",
                &[&queue],
                json!({ "case": { "title": "One more" } }),
            )
            .await;
        trial.pass(600);
        let mut state = trial.simulator.state();
        state["files"]["tickets"] = Value::Null;
        states.push(state.to_string());
    }
    assert_eq!(states[0], states[1]);
}

#[tokio::test]
async fn a_saved_state_goes_on_where_it_stopped() {
    let trial = Trial::company().await;
    trial.pass(4);
    trial.call("teams.list", &[], json!({})).await;
    let saved = trial.raw("GET", "/_sim/state", &[], "").await.bytes;
    trial.pass(600);
    let later = trial.simulator.state();
    let other = Trial::company().await;
    assert_eq!(
        other.raw("PUT", "/_sim/state", &[], saved).await.status,
        200
    );
    other.pass(604);
    assert_eq!(other.simulator.state().to_string(), later.to_string());
    assert_eq!(other.raw("POST", "/_sim/reset", &[], "").await.status, 200);
    assert_ne!(other.simulator.state().to_string(), later.to_string());
}

#[tokio::test]
async fn the_clock_moves_by_hand() {
    let trial = Trial::company().await;
    let came = trial
        .raw("POST", "/_sim/clock", &[], r#"{"seconds": 3600}"#)
        .await;
    assert_eq!(came.json()["now"], "2026-01-05T09:00:00Z");
    assert_eq!(
        trial
            .raw("POST", "/_sim/clock", &[], r#"{"seconds": -1}"#)
            .await
            .status,
        400
    );
}

async fn with_fault(rule: Value) -> Trial {
    let trial = Trial::company().await;
    assert_eq!(
        trial
            .raw("POST", "/_sim/faults", &[], rule.to_string())
            .await
            .status,
        200
    );
    trial
}

async fn create(trial: &Trial, name: &str) -> Result<crate::simulator::trial::Came, hyper::Error> {
    let path = format!("/v2/teams/{}/queues", trial.team);
    trial
        .attempt("POST", &path, &[], json!({ "name": name }).to_string())
        .await
}

#[tokio::test]
async fn a_reset_comes_before_or_after_the_change() {
    let before =
        with_fault(json!({ "endpoint": "queues.create", "kind": "reset_before", "times": 1 }))
            .await;
    assert!(create(&before, "Returns").await.is_err());
    assert!(before.simulator.ledger().as_array().unwrap().is_empty());
    assert_eq!(create(&before, "Returns").await.unwrap().status, 201);
    let after =
        with_fault(json!({ "endpoint": "queues.create", "kind": "reset_after", "times": 1 })).await;
    assert!(create(&after, "Returns").await.is_err());
    assert_eq!(after.simulator.ledger()[0]["fault"], "reset_after");
    assert_eq!(
        create(&after, "Returns").await.unwrap().status,
        409,
        "the change was made"
    );
}

#[tokio::test]
async fn answers_are_spoiled_as_the_rules_say() {
    let limited = with_fault(json!({ "kind": "rate_limited", "nth": 1, "retry_after": 7 })).await;
    let came = limited.send("teams.list", &[], json!({})).await;
    assert_eq!(
        (came.status, came.headers["retry-after"].to_str().unwrap()),
        (429, "7")
    );
    assert_eq!(limited.send("teams.list", &[], json!({})).await.status, 200);
    let failing = with_fault(json!({ "kind": "error", "status": 502 })).await;
    assert_eq!(failing.send("teams.list", &[], json!({})).await.status, 502);
    let cut = with_fault(json!({ "kind": "truncate" })).await;
    assert!(cut.attempt("GET", "/v2/teams", &[], "").await.is_err());
    let slow = with_fault(json!({ "kind": "slow", "milliseconds": 50 })).await;
    slow.call("teams.list", &[], json!({})).await;
    let odd = with_fault(json!({ "endpoint": "queues.*", "kind": "add_field" })).await;
    let came = odd
        .send("queues.create", &[], json!({ "name": "Odd" }))
        .await
        .json();
    assert_eq!(came["queue"]["brand_new_field"]["simulated"], true);
}

#[tokio::test]
async fn callbacks_go_out() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let heard = Arc::new(std::sync::Mutex::new(Vec::new()));
    let ears = Arc::clone(&heard);
    tokio::spawn(async move {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut bytes = vec![0; 4096];
            let mut length = 0;
            while !String::from_utf8_lossy(&bytes[..length]).ends_with('}') {
                length += stream.read(&mut bytes[length..]).await.unwrap();
            }
            let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
            let body: Value = serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap();
            ears.lock().unwrap().push(text_of(&body));
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
                .await
                .unwrap();
        }
    });
    let trial = Trial::company().await;
    let agent = trial.find("assignments.list", "Invoice matcher").await;
    let hook = format!("http://{address}/hook");
    let job = trial
        .call(
            "jobs.start",
            &[],
            json!({ "agent_id": agent, "webhook_url": hook }),
        )
        .await;
    let job = text(&job["run"]["id"]);
    trial.pass(30);
    trial.call("jobs.stop", &[&job], json!({})).await;
    for _ in 0..200 {
        if heard.lock().unwrap().len() == 2 {
            break;
        }
        tokio::time::timeout(Duration::from_millis(10), std::future::pending::<()>())
            .await
            .unwrap_err();
    }
    assert_eq!(*heard.lock().unwrap(), ["human_request", "run_interrupted"]);
}

fn text_of(body: &Value) -> String {
    text(&body["event"])
}
