//! Hints to look now: they come early, get lost nowhere, and cost next to nothing.

use std::time::Duration;

use serde_json::json;

use crate::world::{Plan, World, soon, wait};

#[tokio::test]
async fn a_hint_makes_a_look_at_once() {
    let world = World::with(300, &[Plan::of(3600, 10), Plan::of(3600, 10)]).await;
    let director = world.take_part();
    let hinted = world.wait(0, 3600);
    let other = world.wait(1, 3600);
    world.pass(12.0).await;
    world.poller.hasten(Some(&world.jobs[0]));
    drop(director);
    assert_eq!(soon(hinted).await.unwrap().at, Duration::from_secs(12));
    assert_eq!(soon(other).await.unwrap().at, Duration::from_secs(60));
}

#[tokio::test]
async fn a_hint_at_all_makes_a_look_at_all() {
    let world = World::with(300, &[Plan::of(3600, 10); 150]).await;
    let director = world.take_part();
    let waits: Vec<_> = (0..150).map(|job| world.wait(job, 3600)).collect();
    world.pass(12.0).await;
    let before = world.tap.seen().len();
    world.poller.hasten(None);
    drop(director);
    for wait in waits {
        let ended = soon(wait).await.unwrap();
        assert!(ended.at < Duration::from_secs(12 + 60), "{:?}", ended.at);
    }
    // Two pages, and the answer of each.
    assert_eq!(world.tap.seen().len() - before, 2 + 150);
}

#[tokio::test]
async fn a_flood_of_hints_makes_few_looks() {
    let world = World::with(300, &[Plan::of(3600, None)]).await;
    let director = world.take_part();
    let waiting = world.wait(0, 3600);
    world.pass(30.0).await;
    let before = world.tap.seen().len();
    for _ in 0..5_000 {
        world.poller.hasten(Some(&world.jobs[0]));
        world.poller.hasten(None);
        world.poller.hasten(Some("nobody waits for this one"));
    }
    world.pass(10.0).await;
    assert_eq!(world.tap.seen().len() - before, 1);
    for _ in 0..1_000 {
        world.poller.hasten(Some(&world.jobs[0]));
        world.pass(0.01).await;
    }
    let looks = world.tap.seen().len() - before;
    assert!((10..=12).contains(&looks), "{looks} looks");
    waiting.abort();
    drop(director);
}

#[tokio::test]
async fn a_hint_during_a_look_is_followed_after_it() {
    let world = World::with(300, &[Plan::of(3600, 31)]).await;
    let director = world.take_part();
    let waiting = world.wait(0, 3600);
    world.pass(20.0).await;
    world
        .spoil(json!([{ "endpoint": "jobs.get", "kind": "slow", "milliseconds": 1, "times": 1 }]))
        .await;
    world.poller.hasten(None);
    while world.tap.seen().len() < 2 {
        tokio::task::yield_now().await;
    }
    world.poller.hasten(None);
    drop(director);
    assert_eq!(soon(waiting).await.unwrap().at, Duration::from_secs(81));
    let after: Vec<_> = world.tap.times()[1..].to_vec();
    let seconds: Vec<_> = after.iter().map(Duration::as_secs).collect();
    assert_eq!(seconds, [20, 21, 81]);
}

#[tokio::test]
async fn hints_do_not_break_the_limit() {
    let world = World::with(30, &[Plan::of(3600, None); 400]).await;
    let director = world.take_part();
    let waits: Vec<_> = (0..400).map(|job| world.wait(job, 240)).collect();
    for second in 0..200 {
        world.pass(1.0).await;
        world.poller.hasten(if second % 3 == 0 {
            None
        } else {
            Some(&world.jobs[second])
        });
    }
    drop(director);
    for wait in waits {
        assert_eq!(soon(wait).await.unwrap().at, Duration::from_secs(240));
    }
    assert!(
        world.tap.busiest_minute() <= 20,
        "{}",
        world.tap.busiest_minute()
    );
    assert!(soon(world.wait_for(&wait("none", &[], 1))).await.is_ok());
}
