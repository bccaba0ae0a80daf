//! Waits for few Jobs: what they return, and when.

use std::sync::Mutex;
use std::time::Duration;

use duvoscript::report::FailureKind;

use crate::world::{Plan, World, soon, wait};

fn seconds(times: impl IntoIterator<Item = u64>) -> Vec<Duration> {
    times.into_iter().map(Duration::from_secs).collect()
}

#[tokio::test]
async fn one_job_is_asked_for_at_the_pace_of_its_age() {
    let world = World::with(300, &[Plan::of(0, 1000)]).await;
    let ended = soon(world.wait(0, 3600)).await.unwrap();
    let run = &ended.outcome.unwrap()["run"];
    assert_eq!(
        (&run["status"], &run["id"]),
        (&"completed".into(), &world.jobs[0].clone().into())
    );
    assert_eq!(ended.at, Duration::from_secs(1020));
    let young = (0..=120).step_by(5).chain((150..=900).step_by(30));
    assert_eq!(world.tap.times(), seconds(young.chain([960, 1020])));
    assert!(world.tap.seen().iter().all(|request| !request.is_page()));
}

#[tokio::test]
async fn three_jobs_of_different_age_are_asked_for_one_by_one() {
    let plans = [Plan::of(0, 8), Plan::of(600, 40), Plan::of(86_400, 61)];
    let world = World::with(300, &plans).await;
    let ended = world.wait_for_all(3600).await;
    let at: Vec<_> = ended.iter().map(|ended| ended.at).collect();
    assert_eq!(at, seconds([10, 60, 120]));
    assert_eq!(
        world.tap.times(),
        seconds([0, 0, 0, 5, 10, 30, 60, 60, 120])
    );
    assert!(world.tap.seen().iter().all(|request| !request.is_page()));
}

#[tokio::test]
async fn a_wanted_state_ends_a_wait_with_the_whole_answer() {
    let asking = Plan {
        asks: true,
        ..Plan::of(0, 12)
    };
    let world = World::with(300, &[asking]).await;
    let director = world.take_part();
    let until_waiting = world.wait_for(&wait(&world.jobs[0], &["waiting"], 60));
    let until_the_end = world.wait(0, 60);
    drop(director);
    let ended = soon(until_waiting).await.unwrap();
    let answer = ended.outcome.unwrap();
    assert_eq!(answer["pending_human_request"]["title"], "Refund it?");
    assert_eq!(ended.at, Duration::from_secs(15));
    let failure = soon(until_the_end).await.unwrap().outcome.unwrap_err();
    assert!(
        failure.message.contains("is still `waiting` after 1m"),
        "{failure}"
    );
}

#[tokio::test]
async fn time_is_up_exactly_then_and_after_a_last_look() {
    let world = World::with(300, &[Plan::of(3600, None), Plan::of(3600, 73)]).await;
    let ended = world.wait_for_all(75).await;
    let failure = ended[0].outcome.as_ref().unwrap_err();
    assert_eq!(ended[0].at, Duration::from_secs(75));
    assert_eq!(
        (failure.kind, failure.endpoint.as_deref(), failure.retryable),
        (FailureKind::Timeout, Some("jobs.wait"), true)
    );
    let words = format!("job `{}` is still `running` after 1m 15s", world.jobs[0]);
    assert_eq!(failure.message, words);
    assert!(ended[1].outcome.is_ok());
    assert_eq!(ended[1].at, Duration::from_secs(73));
    assert_eq!(world.tap.times(), seconds([0, 0, 60, 60, 73, 73]));
}

#[tokio::test]
async fn no_time_at_all_is_enough_for_one_look() {
    let world = World::with(300, &[Plan::of(0, 10), Plan::of(0, None)]).await;
    let director = world.take_part();
    world.pass(20.0).await;
    let waits = (world.wait(0, 0), world.wait(1, 0));
    drop(director);
    let ended = [soon(waits.0).await.unwrap(), soon(waits.1).await.unwrap()];
    assert!(ended[0].outcome.is_ok());
    assert!(ended[1].outcome.is_err());
    assert!(
        ended
            .iter()
            .all(|ended| ended.at == Duration::from_secs(20))
    );
}

#[tokio::test]
async fn a_job_that_is_not_there_ends_its_wait_at_once() {
    let world = World::with(300, &[Plan::of(0, 30)]).await;
    let director = world.take_part();
    let there = world.wait(0, 3600);
    let missing = world.wait_for(&wait("7b6a4a0e-0000-4000-8000-000000000001", &[], 3600));
    drop(director);
    let missing = soon(missing).await.unwrap();
    let failure = missing.outcome.unwrap_err();
    assert_eq!(
        (failure.kind, failure.status),
        (FailureKind::NotFound, Some(404))
    );
    assert_eq!(failure.endpoint.as_deref(), Some("jobs.get"));
    assert_eq!(missing.at, Duration::ZERO);
    assert!(soon(there).await.unwrap().outcome.is_ok());
}

#[tokio::test]
async fn progress_tells_each_new_state_once() {
    let asking = Plan {
        asks: true,
        ..Plan::of(0, 12)
    };
    let world = World::with(300, &[asking, Plan::of(0, None)]).await;
    // Led by another, whose looks it hears of.
    let _led = world.wait(1, 60);
    tokio::task::yield_now().await;
    let (awake, told) = (world.take_part(), Mutex::new(Vec::new()));
    let wanted = wait(&world.jobs[0], &[], 30);
    let progress = |text: &str| told.lock().unwrap().push(text.to_owned());
    let outcome = soon(world.poller.wait(&wanted, &progress)).await;
    drop(awake);
    assert!(outcome.is_err());
    let job = &world.jobs[0];
    let words = ["running", "waiting"].map(|state| format!("waiting for job {job} ({state})"));
    assert_eq!(*told.lock().unwrap(), words);
}

#[tokio::test]
async fn what_it_does_can_be_seen() {
    let world = World::with(300, &[Plan::of(0, None), Plan::of(0, None)]).await;
    let director = world.take_part();
    let waits = [
        world.wait(0, 3600),
        world.wait(0, 3600),
        world.wait(1, 3600),
    ];
    world.pass(12.0).await;
    let view = world.poller.view();
    // The second wait for the same Job began when the first look at it had left.
    assert_eq!((view.waits, view.jobs, view.looks), (3, 2, 7));
    assert_eq!(view.last_look, Some(Duration::from_secs(2)));
    waits.iter().for_each(tokio::task::JoinHandle::abort);
    drop(director);
    for wait in waits {
        assert!(soon(wait).await.unwrap_err().is_cancelled());
    }
    let view = world.poller.view();
    assert_eq!((view.waits, view.jobs), (0, 0));
}
