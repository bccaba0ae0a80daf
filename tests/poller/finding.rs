//! How few requests find many Jobs, and how evenly they are looked at when the limit is too low.

use std::collections::BTreeMap;
use std::time::Duration;

use duvoscript::clock::Clock as _;

use crate::dice::Dice;
use crate::tap::Request;
use crate::world::{Plan, World, call, soon};

/// Waits for some Jobs in some order until all have been looked at; returns the number of requests.
async fn found(plans: &[Plan], order: &[usize]) -> usize {
    let world = World::with(300, plans).await;
    let _director = world.take_part();
    let waits: Vec<_> = order.iter().map(|job| world.wait(*job, 3600)).collect();
    world.pass(30.0).await;
    waits.iter().for_each(tokio::task::JoinHandle::abort);
    world.tap.seen().len()
}

#[tokio::test]
async fn a_thousand_jobs_are_found_by_their_pages_in_whatever_order_they_are_named() {
    let plans: Vec<_> = (0..1000)
        .map(|number| Plan::of(5000 - number, None))
        .collect();
    let mut order: Vec<_> = (0..1000).collect();
    let named = found(&plans, &order).await;
    assert!(named <= 12, "{named} requests");
    order.reverse();
    let reversed = found(&plans, &order).await;
    assert!(reversed <= 16, "{reversed} requests");
    Dice::of(1).shuffle(&mut order);
    let shuffled = found(&plans, &order).await;
    assert!(shuffled <= 40, "{shuffled} requests");
}

#[tokio::test]
async fn jobs_of_one_moment_are_found_too() {
    let order: Vec<_> = (0..550).collect();
    let requests = found(&vec![Plan::of(900, None); 550], &order).await;
    assert!(requests <= 8, "{requests} requests");
}

#[tokio::test]
async fn jobs_far_apart_are_asked_for_one_by_one() {
    let plans: Vec<_> = (0..2000)
        .map(|number| Plan::of(9000 - number, None))
        .collect();
    let order: Vec<_> = (0..2000).step_by(200).collect();
    let world = World::with(300, &plans).await;
    let _director = world.take_part();
    let waits: Vec<_> = order.iter().map(|job| world.wait(*job, 3600)).collect();
    world.pass(61.0).await;
    let before = world.tap.seen().len();
    world.pass(60.0).await;
    let seen = world.tap.seen().split_off(before);
    assert_eq!(seen.len(), 10);
    assert!(seen.iter().all(|request| !request.is_page()));
    waits.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn jobs_that_no_list_shows_are_asked_for() {
    let mut plans = vec![Plan::of(900, 70); 30];
    for plan in plans.iter_mut().step_by(3) {
        plan.is_unlisted = true;
    }
    let world = World::with(300, &plans).await;
    for ended in world.wait_for_all(600).await {
        assert!(ended.outcome.is_ok());
        assert!(ended.at <= Duration::from_secs(125), "{:?}", ended.at);
    }
}

#[tokio::test]
async fn too_many_looks_stretch_evenly_and_leave_a_third_for_work() {
    // Five pages every 5 s would be twice the limit, and three times what looks may use.
    let plans: Vec<_> = (0..500)
        .map(|number| Plan::of(number / 100, None))
        .collect();
    let world = World::with(30, &plans).await;
    let director = world.take_part();
    let waits: Vec<_> = (0..500).map(|job| world.wait(job, 110)).collect();
    let mut waited = Vec::new();
    for _ in 0..17 {
        world.pass(6.0).await;
        let before = world.clock.elapsed();
        let work = call("jobs.get", &[&world.jobs[7]]);
        soon(world.client.call(&work, None, "")).await.unwrap();
        waited.push(world.clock.elapsed().checked_sub(before).unwrap());
    }
    drop(director);
    for wait in waits {
        assert_eq!(soon(wait).await.unwrap().at, Duration::from_secs(110));
    }
    assert!(waited.iter().all(Duration::is_zero), "{waited:?}");
    let mut pages: BTreeMap<String, Vec<Duration>> = BTreeMap::new();
    for request in world.tap.seen().into_iter().filter(Request::is_page) {
        pages.entry(request.target).or_default().push(request.at);
    }
    // All but the first page, which was a try, are listed in turn.
    for (page, times) in pages.iter().filter(|(_, times)| times.len() > 1) {
        for two in times.windows(2) {
            let apart = two[1].checked_sub(two[0]).unwrap().as_secs();
            assert!((14..=20).contains(&apart), "{page}: {times:?}");
        }
    }
    assert!(world.tap.busiest_minute() <= 30);
}

#[tokio::test]
async fn jobs_that_end_at_once_are_told_in_turn() {
    let world = World::with(30, &[Plan::of(3600, 10); 90]).await;
    let ended = world.wait_for_all(3600).await;
    let mut at: Vec<_> = ended.iter().map(|ended| ended.at).collect();
    assert!(ended.iter().all(|ended| ended.outcome.is_ok()));
    assert!(world.tap.busiest_minute() <= 20);
    at.sort();
    let apart: Vec<_> = at
        .windows(2)
        .map(|two| two[1].checked_sub(two[0]).unwrap())
        .collect();
    assert!(
        apart.iter().max().unwrap() <= &Duration::from_secs(7),
        "{apart:?}"
    );
    assert!(at[89] < Duration::from_secs(60 + 90 * 4), "{:?}", at[89]);
}
