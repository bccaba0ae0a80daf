//! Budgets in simulated time.

use super::*;
use crate::clock::VirtualClock;

const LONG: Duration = Duration::from_secs(3600);

fn budget() -> (VirtualClock, Arc<Budget>) {
    let clock = VirtualClock::new("2026-01-05T08:00:00Z".parse().unwrap());
    let budget = Arc::new(Budget::new(Arc::new(clock.clone())));
    (clock, budget)
}

fn headers(limit: u32, remaining: u32, reset: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("x-ratelimit-limit", limit.into());
    headers.insert("x-ratelimit-remaining", remaining.into());
    let reset: Timestamp = reset.parse().unwrap();
    headers.insert("x-ratelimit-reset", reset.as_second().into());
    headers
}

async fn take(budget: &Budget, times: u32) {
    for _ in 0..times {
        assert!(budget.admit(LONG).await.is_ok());
    }
}

#[tokio::test]
async fn three_hundred_a_minute_until_the_server_speaks() {
    let (clock, budget) = budget();
    take(&budget, 300).await;
    assert_eq!(clock.elapsed(), Duration::ZERO);
    take(&budget, 1).await;
    assert_eq!(clock.elapsed(), MINUTE);
    assert_eq!(budget.view().remaining, 299);
}

#[tokio::test]
async fn the_server_raises_and_lowers_it() {
    let (clock, budget) = budget();
    let permit = budget.admit(LONG).await.unwrap_or_else(|_| unreachable!());
    budget.learn(&headers(100_000, 99_999, "2026-01-05T08:01:00Z"));
    drop(permit);
    take(&budget, 1000).await;
    assert_eq!(clock.elapsed(), Duration::ZERO);
    budget.learn(&headers(100_000, 2, "2026-01-05T08:01:00Z"));
    take(&budget, 3).await;
    assert_eq!(clock.elapsed(), MINUTE);
}

#[tokio::test]
async fn a_high_limit_counts_at_once_whatever_its_reset() {
    let (clock, budget) = budget();
    let permit = budget.admit(LONG).await.unwrap_or_else(|_| unreachable!());
    budget.learn(&headers(100_000, 99_999, "2020-01-01T00:00:00Z"));
    drop(permit);
    take(&budget, 1000).await;
    assert_eq!(clock.elapsed(), Duration::ZERO);
}

#[tokio::test]
async fn a_late_answer_does_not_raise_it() {
    let (_, budget) = budget();
    let permit = budget.admit(LONG).await.unwrap_or_else(|_| unreachable!());
    budget.learn(&headers(300, 10, "2026-01-05T08:01:00Z"));
    drop(permit);
    take(&budget, 4).await;
    budget.learn(&headers(300, 9, "2026-01-05T08:01:00Z"));
    assert_eq!(budget.view().remaining, 6);
}

#[tokio::test]
async fn requests_leave_in_the_order_they_came() {
    let (clock, budget) = budget();
    take(&budget, 300).await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let tasks: Vec<_> = (0..10)
        .map(|number| {
            let (budget, order, awake) = (budget.clone(), order.clone(), clock.join());
            tokio::spawn(async move {
                assert!(budget.admit(LONG).await.is_ok());
                order.lock().unwrap().push(number);
                drop(awake);
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(*order.lock().unwrap(), (0..10).collect::<Vec<_>>());
    assert!(clock.elapsed() >= MINUTE);
}

#[tokio::test]
async fn a_pause_holds_all_and_a_long_one_is_told() {
    let (clock, budget) = budget();
    budget.hold(Duration::from_secs(7));
    budget.hold(Duration::from_secs(3));
    take(&budget, 1).await;
    assert_eq!(clock.elapsed(), Duration::from_secs(7));
    budget.hold(LONG);
    let pause = budget.admit(MINUTE).await.err();
    assert_eq!(pause, Some(LONG));
}

#[tokio::test]
async fn a_dropped_waiter_hands_its_turn_on() {
    let (clock, budget) = budget();
    take(&budget, 300).await;
    let _awake = (clock.join(), clock.join(), clock.join());
    let mut first = Box::pin(budget.admit(LONG));
    let mut second = Box::pin(budget.admit(LONG));
    tokio::select! { biased; _ = &mut first => unreachable!(), _ = &mut second => unreachable!(), () = async {} => {} }
    drop(first);
    let second = async { assert!(second.await.is_ok()) };
    let advance = async {
        tokio::task::yield_now().await;
        clock.advance(MINUTE);
    };
    tokio::join!(second, advance);
    assert_eq!(budget.lock().remaining, 299);
    assert_eq!(budget.lock().in_flight, 0);
}

#[test]
fn odd_headers_do_no_harm() {
    let now: Timestamp = "2026-01-05T08:00:00Z".parse().unwrap();
    let unix = now.as_duration().as_secs_f64();
    assert_eq!(until(30.0, now), Duration::from_secs(30));
    assert_eq!(until(unix + 45.0, now), Duration::from_secs(45));
    assert_eq!(until(unix - 45.0, now), Duration::ZERO);
    assert_eq!(until(unix * 1000.0, now), MINUTE);
    let mut headers = HeaderMap::new();
    for name in [
        "x-ratelimit-limit",
        "ratelimit-remaining",
        "x-ratelimit-reset",
    ] {
        headers.insert(name, "NaN".parse().unwrap());
    }
    let nothing = Said {
        limit: None,
        remaining: None,
        resets_in: None,
    };
    assert_eq!(Said::of(&headers, now), nothing);
}
