//! Every kind of fault, and what the real client makes of it: whether it tries again, with what it
//! fails, and how often the work was done by the witness of the ledger.

use std::sync::Arc;
use std::time::Duration;

use duvoscript::api::{Client, Settings, Timeouts};
use duvoscript::catalog::{self, Call};
use duvoscript::clock::{Clock, SystemClock};
use duvoscript::ids::Chance;
use duvoscript::report::{Failure, FailureKind};
use duvoscript::secret::Secret;
use duvoscript::simulator::Scenario;
use serde_json::{Value, json};

use super::place::Place;

/// A call that only reads, one that may be repeated, and one that must be made once.
const READ: &str = "queues.get";
const IDEMPOTENT: &str = "queues.update";
const ONCE: &str = "queues.create";

fn client(place: &Place, clock: Arc<dyn Clock>, timeouts: Timeouts) -> Client {
    let url = place.simulator.url().parse().unwrap();
    let mut settings = Settings::new(url, Secret::new(place.simulator.key().to_owned()));
    settings.team = Some(place.team.clone());
    settings.timeouts = timeouts;
    Client::new(settings, clock, Arc::new(Chance::from_seed(1))).unwrap()
}

/// What became of a call.
struct Outcome {
    answer: Result<Value, Failure>,
    /// Requests that reached the simulator.
    tries: u64,
    /// How often the work was done.
    done: usize,
}

impl Outcome {
    fn kind(&self) -> Option<FailureKind> {
        self.answer.as_ref().err().map(|failure| failure.kind)
    }
}

/// Makes a call by a client where one fault lies in wait.
async fn call(name: &str, rule: Value) -> Outcome {
    let place = Place::company().await;
    // Both on one clock: pauses between tries take no real time.
    let client = client(&place, Arc::new(place.clock.clone()), Timeouts::default());
    try_it(&place, &client, name, rule).await
}

/// Makes a call in real time, by a client that waits 100 ms for anything.
async fn call_impatiently(name: &str, rule: Value) -> Outcome {
    let real = Arc::new(SystemClock::new());
    let clock = Arc::clone(&real);
    let place = Place::with(move |settings| settings.clock = clock).await;
    let wait = Duration::from_millis(100);
    let timeouts = Timeouts {
        connect: Duration::from_secs(5),
        headers: wait,
        idle: wait,
    };
    let client = client(&place, real, timeouts);
    try_it(&place, &client, name, rule).await
}

async fn try_it(place: &Place, client: &Client, name: &str, mut rule: Value) -> Outcome {
    let queue = place.find("queues.list", "Invoices").await;
    rule["endpoint"] = name.into();
    place.spoil(rule).await;
    let answer = made(client, name, &queue, "key-1").await;
    let rules = place.send("GET", "/_sim/faults", &[], "").await.json();
    let ledger = place.ledger();
    let done = ledger.iter().filter(|entry| entry["effects"] != json!([]));
    Outcome {
        answer,
        tries: rules["rules"][0]["seen"].as_u64().unwrap(),
        done: done.count(),
    }
}

async fn made(client: &Client, name: &str, queue: &str, key: &str) -> Result<Value, Failure> {
    let endpoint = catalog::by_name(name).unwrap();
    let path = endpoint.given_params().map(|_| queue.to_owned()).collect();
    let fields = match name {
        READ => json!({}),
        IDEMPOTENT => json!({ "description": "Changed" }),
        _ => json!({ "name": "Returns" }),
    };
    let fields = fields.as_object().cloned().unwrap();
    let call = Call {
        endpoint,
        path,
        fields,
    };
    let response = client.call(&call, None, key).await?;
    Ok(serde_json::from_slice(&response.body).unwrap())
}

#[tokio::test]
async fn after_a_429_every_call_is_made_again_and_done_once() {
    for name in [READ, IDEMPOTENT, ONCE] {
        let rule = json!({ "kind": "rate_limited", "times": 2, "retry_after": 9 });
        let outcome = call(name, rule).await;
        assert!(outcome.answer.is_ok(), "{name}: {:?}", outcome.answer);
        assert_eq!(
            (outcome.tries, outcome.done),
            (3, usize::from(name != READ)),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_429_that_lasts_fails_in_the_end() {
    let outcome = call(READ, json!({ "kind": "rate_limited", "retry_after": 100 })).await;
    assert_eq!(outcome.kind(), Some(FailureKind::RateLimited));
    assert!(outcome.answer.unwrap_err().retryable);
    assert!((2..=10).contains(&outcome.tries), "{}", outcome.tries);
}

#[tokio::test]
async fn after_a_5xx_only_what_may_be_repeated_is_made_again() {
    for status in [500, 502, 503, 504] {
        let rule = || json!({ "kind": "error", "status": status, "times": 1 });
        for name in [READ, IDEMPOTENT] {
            let outcome = call(name, rule()).await;
            assert!(outcome.answer.is_ok(), "{name} {status}");
            assert_eq!(
                (outcome.tries, outcome.done),
                (2, usize::from(name != READ)),
                "{name}"
            );
        }
        let outcome = call(ONCE, rule()).await;
        assert_eq!(outcome.kind(), Some(FailureKind::Unavailable));
        assert_eq!((outcome.tries, outcome.done), (1, 0));
        let failure = outcome.answer.unwrap_err();
        assert_eq!((failure.status, failure.retryable), (Some(status), false));
    }
}

#[tokio::test]
async fn other_errors_are_not_tried_again() {
    for (status, kind) in [
        (501, FailureKind::Unavailable),
        (409, FailureKind::Conflict),
    ] {
        let outcome = call(
            READ,
            json!({ "kind": "error", "status": status, "times": 1 }),
        )
        .await;
        assert_eq!((outcome.kind(), outcome.tries), (Some(kind), 1));
    }
}

#[tokio::test]
async fn a_reset_before_the_request_is_read_does_nothing() {
    for name in [READ, IDEMPOTENT] {
        let outcome = call(name, json!({ "kind": "reset_before", "times": 1 })).await;
        assert!(outcome.answer.is_ok(), "{name}: {:?}", outcome.answer);
        assert_eq!(
            (outcome.tries, outcome.done),
            (2, usize::from(name != READ)),
            "{name}"
        );
    }
    let outcome = call(ONCE, json!({ "kind": "reset_before", "times": 1 })).await;
    assert_eq!(outcome.kind(), Some(FailureKind::Network));
    assert_eq!((outcome.tries, outcome.done), (1, 0));
}

#[tokio::test]
async fn a_reset_after_the_change_does_once_what_must_be_done_once() {
    let outcome = call(IDEMPOTENT, json!({ "kind": "reset_after", "times": 1 })).await;
    assert!(outcome.answer.is_ok());
    // The repeat has the idempotency key of the first try, if it is sent with one.
    assert!((1..=2).contains(&outcome.done), "{}", outcome.done);
    assert_eq!(outcome.tries, 2);
    let outcome = call(ONCE, json!({ "kind": "reset_after", "times": 1 })).await;
    assert_eq!(outcome.kind(), Some(FailureKind::Network));
    assert_eq!((outcome.tries, outcome.done), (1, 1));
    assert!(!outcome.answer.unwrap_err().retryable);
}

#[tokio::test]
async fn what_was_done_before_a_reset_is_found_again_under_its_idempotency_key() {
    let place = Place::company().await;
    let client = client(&place, Arc::new(place.clock.clone()), Timeouts::default());
    place
        .spoil(json!({ "endpoint": ONCE, "kind": "reset_after", "times": 1 }))
        .await;
    made(&client, ONCE, "", "key-1").await.unwrap_err();
    let answer = made(&client, ONCE, "", "key-1").await.unwrap();
    let ledger = place.ledger();
    let done: Vec<_> = ledger
        .iter()
        .filter(|entry| entry["effects"] != json!([]))
        .collect();
    assert_eq!(done.len(), 1);
    assert_eq!(done[0]["fault"], "reset_after");
    assert_eq!(done[0]["effects"][0]["id"], answer["queue"]["id"]);
    assert_eq!(ledger[1]["replayed"], true);
}

#[tokio::test]
async fn a_truncated_answer_is_no_answer() {
    let outcome = call(READ, json!({ "kind": "truncate", "times": 1 })).await;
    assert!(outcome.answer.is_ok());
    assert_eq!(outcome.tries, 2);
    let outcome = call(ONCE, json!({ "kind": "truncate", "times": 1 })).await;
    assert_eq!(outcome.kind(), Some(FailureKind::Network));
    assert_eq!((outcome.tries, outcome.done), (1, 1));
}

#[tokio::test]
async fn late_and_slow_answers_are_waited_for_within_limits() {
    for kind in ["latency", "slow"] {
        let rule =
            |milliseconds: u64| json!({ "kind": kind, "milliseconds": milliseconds, "times": 1 });
        let outcome = call_impatiently(ONCE, rule(40)).await;
        assert!(outcome.answer.is_ok(), "{kind}: {:?}", outcome.answer);
        assert_eq!((outcome.tries, outcome.done), (1, 1), "{kind}");
        let outcome = call_impatiently(READ, rule(4000)).await;
        assert!(outcome.answer.is_ok(), "{kind}: {:?}", outcome.answer);
        assert_eq!(outcome.tries, 2, "{kind}");
        let outcome = call_impatiently(ONCE, rule(4000)).await;
        assert_eq!(outcome.kind(), Some(FailureKind::Timeout), "{kind}");
        assert_eq!(outcome.tries, 1, "{kind}");
        assert!(outcome.done <= 1, "{kind}");
    }
}

#[tokio::test]
async fn answers_of_a_newer_api_are_taken_as_they_are() {
    let outcome = call(READ, json!({ "kind": "add_field" })).await;
    let queue = outcome.answer.unwrap()["queue"].take();
    assert_eq!(queue["brand_new_field"]["simulated"], true);
    let outcome = call(READ, json!({ "kind": "drop_field" })).await;
    let queue = outcome.answer.unwrap()["queue"].take();
    assert!(
        queue.get("automation_id").is_none() && queue["name"] == "Invoices",
        "{queue}"
    );
    let place = Place::company().await;
    let agent = place.find("assignments.list", "Invoice matcher").await;
    let job = place
        .done("jobs.start", &[], json!({ "agent_id": agent }))
        .await;
    place
        .spoil(json!({ "endpoint": "jobs.get", "kind": "change_enum" }))
        .await;
    let client = client(&place, Arc::new(place.clock.clone()), Timeouts::default());
    let id = job["run"]["id"].as_str().unwrap();
    let answer = made(&client, "jobs.get", id, "").await.unwrap();
    assert_eq!(answer["run"]["status"], "brand_new_value");
}

#[tokio::test]
async fn rules_strike_at_one_endpoint_at_the_nth_call_or_at_a_share_of_the_calls() {
    let place = Place::company().await;
    place
        .spoil(json!([
            { "endpoint": "queues.*", "nth": 3, "kind": "error" },
            { "endpoint": "teams.profile", "share": 0.3, "kind": "error", "status": 500 },
        ]))
        .await;
    let mut queues = Vec::new();
    for _ in 0..5 {
        queues.push(place.call("queues.list", &[], json!({})).await.status);
        assert_eq!(place.call("teams.list", &[], json!({})).await.status, 200);
    }
    assert_eq!(queues, [200, 200, 503, 200, 200]);
    let struck = pattern(&place).await;
    let count = struck.iter().filter(|struck| **struck).count();
    assert!((35..=85).contains(&count), "{count} of 200");
    // The same seed strikes at the same calls, another one at others.
    let again = |seed| async move {
        let place = Place::with(|settings| settings.seed = seed).await;
        place
            .spoil(json!({ "endpoint": "teams.profile", "share": 0.3, "kind": "error" }))
            .await;
        pattern(&place).await
    };
    assert_eq!(again(1).await, struck);
    assert_ne!(again(2).await, struck);
    place.send("DELETE", "/_sim/faults", &[], "").await;
    assert!(!pattern(&place).await.contains(&true));
}

async fn pattern(place: &Place) -> Vec<bool> {
    let mut struck = Vec::new();
    for _ in 0..200 {
        struck.push(place.call("teams.profile", &[], json!({})).await.status >= 500);
    }
    struck
}

#[tokio::test]
async fn a_scenario_brings_its_faults() {
    let text = r#"
        [[team]]
        name = "Returns"
        [[member]]
        name = "Kim"
        email = "kim@example.com"
        [[fault]]
        endpoint = "queues.list"
        nth = 1
        kind = "error"
        status = 502
    "#;
    let scenario = Scenario::parse("returns.toml", text).unwrap();
    let place = Place::with(|settings| settings.scenario = scenario).await;
    for status in [502, 200] {
        assert_eq!(
            place.call("queues.list", &[], json!({})).await.status,
            status
        );
    }
    place.send("POST", "/_sim/reset", &[], "").await;
    assert_eq!(place.call("queues.list", &[], json!({})).await.status, 502);
    let wrong = Scenario::parse("wrong.toml", &text.replace("502", "999"));
    assert!(wrong.unwrap_err().to_string().contains("from 400 to 599"));
}
