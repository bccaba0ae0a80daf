//! What is sent again and when, the shared gate, time limits, and what a dropped call leaves behind.

use super::*;
use crate::api::{Patience, Timeouts};
use crate::report::FailureKind;

fn down() -> Answer {
    answer(
        503,
        json!({"error": "Service Unavailable", "message": "we are down"}),
    )
}

fn limited(headers: &[(&'static str, &str)]) -> Answer {
    with(answer(429, json!({"error": "rate_limited"})), headers)
}

#[tokio::test]
async fn reads_and_idempotent_calls_are_sent_again_and_once_is_not() {
    let server = Server::start([down(), answer(500, json!({})), job()]).await;
    let caller = Caller::of(&server);
    caller.get().await.unwrap();
    assert_eq!(server.seen().len(), 3);
    assert!(
        caller.waited() >= Duration::from_millis(750),
        "{:?}",
        caller.waited()
    );

    let server = Server::start([down()]).await;
    let failure = Caller::of(&server).start().await.unwrap_err();
    assert_eq!(server.seen().len(), 1);
    assert_eq!(
        (failure.kind, failure.retryable),
        (FailureKind::Unavailable, false)
    );
    assert_eq!(failure.message, "we are down");
    assert!(failure.hint.unwrap().contains("look before"));
}

#[tokio::test]
async fn a_server_that_stays_down_ends_the_patience() {
    let server = Server::start((0..100).map(|_| down())).await;
    let caller = Caller::of(&server);
    let failure = caller.get().await.unwrap_err();
    assert!(failure.retryable);
    assert!(failure.message.contains("tried"), "{failure}");
    let waited = caller.waited().as_secs();
    assert!((60..=120).contains(&waited), "{waited}");
    assert!(
        (8..20).contains(&server.seen().len()),
        "{}",
        server.seen().len()
    );
}

#[tokio::test]
async fn a_single_attempt_is_not_repeated_but_its_pause_holds_the_others() {
    let server = Server::start([down(), limited(&[("retry-after", "7")]), job()]).await;
    let caller = Caller::of(&server);
    let look = call("jobs.get", &[ID], json!({}));
    let failure = caller.client.attempt(&look).await.unwrap_err();
    assert_eq!(
        (failure.kind, failure.endpoint.as_deref()),
        (FailureKind::Unavailable, Some("jobs.get"))
    );
    let failure = caller.client.attempt(&look).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::RateLimited);
    assert_eq!(caller.waited(), Duration::ZERO);
    caller.get().await.unwrap();
    assert_eq!(caller.waited(), Duration::from_secs(7));
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_pause_is_kept_exactly_by_every_class_of_call() {
    let cases = [
        (vec![("retry-after", "7")], 7),
        (vec![("retry-after", "Mon, 05 Jan 2026 08:01:30 GMT")], 90),
        (
            vec![
                ("x-ratelimit-reset", "1767600030"),
                ("x-ratelimit-remaining", "0"),
            ],
            30,
        ),
        (
            vec![
                ("retry-after", "5"),
                ("x-ratelimit-reset", "1767600030"),
                ("x-ratelimit-remaining", "0"),
            ],
            5,
        ),
    ];
    for (headers, seconds) in cases {
        let server = Server::start([limited(&headers), answer(201, json!({"run": {}}))]).await;
        let caller = Caller::of(&server);
        caller.start().await.unwrap();
        assert_eq!(caller.waited(), Duration::from_secs(seconds), "{headers:?}");
        let keys: Vec<_> = server
            .seen()
            .iter()
            .map(|seen| seen.header("idempotency-key").to_owned())
            .collect();
        assert_eq!(keys, ["idem-1", "idem-1"]);
    }
}

#[tokio::test]
async fn no_pause_at_all_is_not_taken_at_its_word() {
    let server = Server::start((0..1000).map(|_| limited(&[("retry-after", "0")]))).await;
    let caller = Caller::of(&server);
    let failure = caller.get().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::RateLimited);
    assert!(server.seen().len() < 60, "{}", server.seen().len());
}

#[tokio::test]
async fn a_pause_longer_than_the_patience_is_told_at_once_and_holds_the_others() {
    let server = Server::start([limited(&[("retry-after", "3600")])]).await;
    let caller = Caller::of(&server);
    for _ in 0..2 {
        let failure = caller.get().await.unwrap_err();
        assert_eq!(
            (failure.kind, failure.retryable),
            (FailureKind::RateLimited, true)
        );
    }
    assert_eq!(server.seen().len(), 1);
    assert_eq!(caller.waited(), Duration::ZERO);
}

#[tokio::test]
async fn one_refusal_holds_every_clone() {
    let server = Server::start([limited(&[("retry-after", "30")]), job(), job(), job()]).await;
    let caller = Arc::new(Caller::of(&server));
    let _test = caller.clock.join();
    let get = || {
        let (caller, awake) = (Arc::clone(&caller), caller.clock.join());
        tokio::spawn(async move {
            let outcome = caller.get().await;
            drop(awake);
            outcome
        })
    };
    let mut calls = vec![get()];
    until(|| caller.client.budget().reset.as_second() == 1_767_600_030).await;
    calls.extend([get(), get()]);
    caller.clock.advance(Duration::from_secs(29));
    tokio::time::timeout(Duration::from_millis(50), std::future::pending::<()>())
        .await
        .ok();
    assert_eq!(
        server.seen().len(),
        1,
        "nobody leaves while the gate is closed"
    );
    caller.clock.advance(Duration::from_secs(1));
    for call in calls {
        // Whoever stands further back in the queue looks again every second.
        let advance = async {
            loop {
                tokio::task::yield_now().await;
                caller.clock.advance(Duration::from_secs(1));
            }
        };
        tokio::select! { outcome = call => { outcome.unwrap().unwrap(); }, () = advance => {} }
    }
    assert_eq!(server.seen().len(), 4);
}

async fn until(mut is_true: impl FnMut() -> bool) {
    let wait = async {
        while !is_true() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), wait)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_used_up_budget_waits_for_the_reset_instead_of_a_refusal() {
    let spent = with(
        job(),
        &[
            ("x-ratelimit-limit", "300"),
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "1767600020"),
        ],
    );
    let server = Server::start([spent, job()]).await;
    let caller = Caller::of(&server);
    caller.get().await.unwrap();
    let budget = caller.client.budget();
    assert_eq!((budget.limit, budget.remaining), (300, 0));
    assert_eq!(budget.reset.as_second(), 1_767_600_020);
    caller.get().await.unwrap();
    assert_eq!(caller.waited(), Duration::from_secs(20));
}

#[tokio::test]
async fn nobody_there_is_tried_again_by_every_class_for_a_short_while() {
    let caller = Caller::with(nobody(), |_| {});
    for outcome in [caller.get().await, caller.start().await] {
        let failure = outcome.unwrap_err();
        assert_eq!(
            (failure.kind, failure.retryable),
            (FailureKind::Network, true)
        );
        assert!(
            failure.message.contains("could not reach `127.0.0.1:"),
            "{failure}"
        );
        assert!(failure.message.contains("tried"), "{failure}");
    }
    assert!(
        (20..=60).contains(&caller.waited().as_secs()),
        "{:?}",
        caller.waited()
    );
}

#[tokio::test]
async fn a_broken_connection_is_repeated_only_where_a_repeat_is_harmless() {
    let fine = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{\"run\": 1}".to_owned();
    let (address, count) = socket(vec![Act::Close, Act::Say(fine)]).await;
    Caller::with(address, |_| {}).get().await.unwrap();
    assert_eq!(*count.lock().unwrap(), 2);

    let (address, count) = socket(vec![Act::Close]).await;
    let failure = Caller::with(address, |_| {}).start().await.unwrap_err();
    assert_eq!(
        (failure.kind, failure.retryable),
        (FailureKind::Network, false)
    );
    assert_eq!(*count.lock().unwrap(), 1);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_read_anew() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{\"ru".to_owned();
    let whole = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{\"run\": 1}".to_owned();
    let (address, _) = socket(vec![Act::Say(half.clone()), Act::Say(whole)]).await;
    let response = Caller::with(address, |_| {}).get().await.unwrap();
    assert_eq!(response.body, r#"{"run": 1}"#);

    let (address, count) = socket(vec![Act::Say(half)]).await;
    assert!(Caller::with(address, |_| {}).start().await.is_err());
    assert_eq!(*count.lock().unwrap(), 1);
}

#[tokio::test]
async fn silence_ends_in_a_timeout_before_and_inside_the_body() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{\"ru".to_owned();
    for act in [Act::Silent, Act::SayAndWait(half)] {
        let (address, count) = socket(vec![act]).await;
        let caller = Caller::with(address, |settings| {
            settings.timeouts = Timeouts {
                headers: Duration::from_millis(60),
                idle: Duration::from_millis(60),
                ..Timeouts::default()
            };
            settings.patience = Patience {
                failing: Duration::from_secs(1),
                ..Patience::default()
            };
        });
        let failure = caller.get().await.unwrap_err();
        assert_eq!(
            (failure.kind, failure.retryable),
            (FailureKind::Timeout, true)
        );
        assert!(*count.lock().unwrap() > 1);
        let failure = caller.start().await.unwrap_err();
        assert_eq!(
            (failure.kind, failure.retryable),
            (FailureKind::Timeout, false)
        );
    }
}

#[tokio::test]
async fn a_dropped_call_gives_its_place_back() {
    let (address, _) = socket(vec![Act::Silent]).await;
    let caller = Caller::with(address, |_| {});
    let call = tokio::time::timeout(Duration::from_millis(30), caller.get());
    assert!(call.await.is_err());
    let view = caller.client.budget();
    assert_eq!(view.remaining, 299);
    assert!(format!("{:?}", caller.client.0.budget).contains("in_flight: 0"));
}

#[tokio::test]
async fn a_deletion_that_was_sent_before_and_finds_nothing_is_done() {
    let missing = || {
        answer(
            404,
            json!({"error": "not_found", "message": "no such file"}),
        )
    };
    let delete = async |answers: Vec<Answer>, name: &str, path: &[&str]| {
        let server = Server::start(answers).await;
        Caller::of(&server).call(name, path, json!({})).await
    };
    let gone = delete(vec![down(), missing()], "cases.delete", &[ID]);
    assert_eq!(gone.await.unwrap().body, r#"{"success":true}"#);
    let gone = delete(vec![down(), missing()], "logins.delete", &[ID, ID]);
    assert!(gone.await.unwrap().body.is_empty());

    // Nothing was sent before, or it certainly did nothing.
    for first in [vec![], vec![limited(&[])]] {
        let answers = first.into_iter().chain([missing()]).collect();
        let failure = delete(answers, "cases.delete", &[ID]).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::NotFound);
    }
    let server = Server::start([down(), missing()]).await;
    let failure = Caller::of(&server).get().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);

    let server = Server::start([down(), missing()]).await;
    let client = Caller::of(&server).client;
    let path = format!("/v2/cases/{ID}");
    let sent = client.request(catalog::Method::Delete, &path, &[], None, "idem-1");
    assert_eq!(sent.await.unwrap().body, r#"{"success":true}"#);
}
