//! Looks that fail: what a wait survives, and what ends it.

use std::time::Duration;

use duvoscript::report::FailureKind;
use serde_json::{Value, json};

use crate::world::{Plan, World, soon};

fn rule(endpoint: &str, kind: &str, more: &Value) -> Value {
    let mut rule = json!({ "endpoint": endpoint, "kind": kind });
    let more = more.as_object().cloned().unwrap_or_default();
    rule.as_object_mut().unwrap().extend(more);
    json!([rule])
}

#[tokio::test]
async fn troubles_that_pass_end_no_wait() {
    let troubles = [
        ("error", json!({ "status": 500, "times": 3 })),
        ("error", json!({ "status": 503, "times": 3 })),
        ("rate_limited", json!({ "retry_after": 7, "times": 2 })),
        ("reset_before", json!({ "times": 3 })),
        ("reset_after", json!({ "times": 3 })),
        ("truncate", json!({ "times": 3 })),
    ];
    for (kind, more) in troubles {
        let world = World::with(300, &[Plan::of(0, 12); 6]).await;
        world.spoil(rule("jobs.*", kind, &more)).await;
        for ended in world.wait_for_all(600).await {
            assert!(ended.outcome.is_ok(), "{kind}: {:?}", ended.outcome);
            assert!(ended.at < Duration::from_secs(40), "{kind}: {:?}", ended.at);
        }
    }
}

#[tokio::test]
async fn a_server_that_stays_down_is_asked_now_and_then_until_time_is_up() {
    let world = World::with(300, &[Plan::of(0, 12); 50]).await;
    world.spoil(rule("*", "error", &json!({}))).await;
    for ended in world.wait_for_all(600).await {
        assert_eq!(ended.at, Duration::from_secs(600));
        let failure = ended.outcome.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Timeout);
        assert!(
            failure.message.contains("could not be seen in 10m"),
            "{failure}"
        );
    }
    let looks = world.tap.seen().len();
    assert!((150..=180).contains(&looks), "{looks} looks");
}

#[tokio::test]
async fn a_list_that_cannot_be_had_is_done_without() {
    let troubles = [400, 403, 404, 500].map(|status| json!({ "status": status }));
    for more in troubles {
        let world = World::with(300, &[Plan::of(900, 70); 20]).await;
        world.spoil(rule("jobs.list", "error", &more)).await;
        for ended in world.wait_for_all(600).await {
            assert!(ended.outcome.is_ok());
            assert!(ended.at <= Duration::from_secs(130), "{:?}", ended.at);
        }
        let pages = world
            .tap
            .seen()
            .iter()
            .filter(|request| request.is_page())
            .count();
        assert!(pages <= 2, "{pages} pages");
    }
}

#[tokio::test]
async fn a_wrong_key_ends_all_waits() {
    let world = World::with(300, &[Plan::of(0, 3600); 20]).await;
    let director = world.take_part();
    let waits: Vec<_> = (0..20).map(|job| world.wait(job, 7200)).collect();
    world.pass(31.0).await;
    world
        .spoil(rule("jobs.*", "error", &json!({ "status": 401 })))
        .await;
    drop(director);
    for wait in waits {
        let ended = soon(wait).await.unwrap();
        assert_eq!(ended.at, Duration::from_secs(35));
        assert_eq!(ended.outcome.unwrap_err().kind, FailureKind::Auth);
    }
}

#[tokio::test]
async fn a_job_that_the_key_may_not_see_ends_its_own_waits_only() {
    let world = World::with(300, &[Plan::of(0, 12); 3]).await;
    world
        .spoil(rule(
            "jobs.get",
            "error",
            &json!({ "status": 403, "nth": 2 }),
        ))
        .await;
    let ended = world.wait_for_all(600).await;
    let kinds: Vec<_> = ended
        .iter()
        .map(|ended| ended.outcome.as_ref().err().map(|failure| failure.kind))
        .collect();
    assert_eq!(kinds, [None, Some(FailureKind::Permission), None]);
}

#[tokio::test]
async fn an_unknown_state_ends_no_wait() {
    for jobs in [1, 20] {
        let world = World::with(300, &vec![Plan::of(900, 30); jobs]).await;
        world
            .spoil(rule("jobs.get", "change_enum", &json!({})))
            .await;
        for ended in world.wait_for_all(200).await {
            assert_eq!(ended.at, Duration::from_secs(200));
            let failure = ended.outcome.unwrap_err();
            assert!(
                failure.message.contains("is still `brand_new_value`"),
                "{failure}"
            );
        }
    }
}

#[tokio::test]
async fn what_fails_is_told() {
    let world = World::with(300, &[Plan::of(0, 12)]).await;
    world
        .spoil(rule("jobs.get", "error", &json!({ "nth": 2 })))
        .await;
    let awake = duvoscript::clock::Clock::join(&world.clock);
    let told = std::sync::Mutex::new(Vec::new());
    let progress = |text: &str| told.lock().unwrap().push(text.to_owned());
    let wanted = crate::world::wait(&world.jobs[0], &[], 60);
    assert!(soon(world.poller.wait(&wanted, &progress)).await.is_ok());
    drop(awake);
    let job = &world.jobs[0];
    let words = [
        "running",
        "the last look failed: a simulated failure",
        "running",
    ];
    let words = words.map(|what| format!("waiting for job {job} ({what})"));
    assert_eq!(*told.lock().unwrap(), words);
}
