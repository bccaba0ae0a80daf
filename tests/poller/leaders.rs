//! Who leads, and who leads next: over ends, time-outs and drops, over threads and runtimes.

use std::future::Future as _;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use duvoscript::clock::{Clock, ScaledClock, SystemClock};
use duvoscript::run::Poller;
use tokio::runtime::{Builder, Runtime};

use crate::dice::Dice;
use crate::world::{Ended, Plan, World, soon, wait};

fn ends(ended: &[Ended]) -> Vec<u64> {
    ended.iter().map(|ended| ended.at.as_secs()).collect()
}

#[tokio::test]
async fn the_lead_goes_on_when_the_leaders_job_ends() {
    let plans: Vec<_> = (1..=8).map(|number| Plan::of(0, number * 5 - 1)).collect();
    let world = World::with(300, &plans).await;
    let ended = world.wait_for_all(3600).await;
    assert!(ended.iter().all(|ended| ended.outcome.is_ok()));
    assert_eq!(ends(&ended), [5, 10, 15, 20, 25, 30, 35, 40]);
}

#[tokio::test]
async fn the_lead_goes_on_when_the_leaders_time_is_up() {
    let world = World::with(300, &[Plan::of(0, 29); 6]).await;
    let director = world.take_part();
    let waits: Vec<_> = (0..6)
        .map(|job| world.wait(job, 7 + 5 * job as u64))
        .collect();
    drop(director);
    let mut ended = Vec::new();
    for wait in waits {
        ended.push(soon(wait).await.unwrap());
    }
    assert_eq!(ends(&ended), [7, 12, 17, 22, 27, 30]);
    let succeeded: Vec<_> = ended.iter().map(|ended| ended.outcome.is_ok()).collect();
    assert_eq!(succeeded, [false, false, false, false, false, true]);
}

#[tokio::test]
async fn the_lead_goes_on_when_the_leader_is_dropped_asleep() {
    let world = World::with(300, &[Plan::of(0, 19); 3]).await;
    let director = world.take_part();
    let waits = [0, 1, 2].map(|job| world.wait(job, 3600));
    for (wait, seconds) in waits.iter().zip([7.0, 5.0]) {
        world.pass(seconds).await;
        wait.abort();
    }
    drop(director);
    let [first, second, third] = waits;
    assert!(soon(first).await.unwrap_err().is_cancelled());
    assert!(soon(second).await.unwrap_err().is_cancelled());
    assert_eq!(soon(third).await.unwrap().at, Duration::from_secs(20));
}

#[tokio::test]
async fn the_lead_goes_on_when_the_leader_is_dropped_in_mid_look() {
    let world = World::with(300, &[Plan::of(0, 19); 3]).await;
    let director = world.take_part();
    let waits = [0, 1, 2].map(|job| world.wait(job, 3600));
    while world.tap.seen().is_empty() {
        tokio::task::yield_now().await;
    }
    waits[0].abort();
    drop(director);
    let [first, second, third] = waits;
    assert!(soon(first).await.unwrap_err().is_cancelled());
    for wait in [second, third] {
        assert_eq!(soon(wait).await.unwrap().at, Duration::from_secs(20));
    }
}

/// Drops waits at random moments, in the middle of looks too: the others must not notice.
#[tokio::test]
async fn no_drop_at_any_moment_stops_the_others_or_the_time() {
    for seed in 0..20 {
        let mut dice = Dice::of(seed);
        let plans: Vec<_> = (0..12)
            .map(|_| Plan::of(dice.roll(300), 1 + dice.roll(200)))
            .collect();
        let world = World::with(300, &plans).await;
        let director = world.take_part();
        let waits: Vec<_> = (0..12).map(|job| world.wait(job, 3600)).collect();
        drop(director);
        let (dropped, kept): (Vec<_>, Vec<_>) = waits
            .into_iter()
            .zip(&plans)
            .partition(|_| dice.roll(2) == 0);
        for (wait, _) in dropped {
            let awake = world.take_part();
            // Looks leave at whole seconds: many drops come at the same moment as one.
            soon(world.clock.sleep(Duration::from_secs(dice.roll(20)))).await;
            for _ in 0..dice.roll(12) {
                tokio::task::yield_now().await;
            }
            wait.abort();
            _ = soon(wait).await;
            drop(awake);
        }
        for (wait, plan) in kept {
            let ended = soon(wait).await.unwrap();
            let waited = ended.at.checked_sub(plan.next.unwrap()).unwrap();
            assert!(
                waited <= Duration::from_secs(30),
                "seed {seed}: {waited:?} after {plan:?}"
            );
        }
        let director = world.take_part();
        world.pass(3600.0).await;
        drop(director);
        assert_eq!(world.poller.view().waits, 0);
    }
}

#[tokio::test]
async fn a_wait_that_is_never_polled_leaves_nothing_behind() {
    let world = World::with(300, &[Plan::of(0, 3)]).await;
    let unwanted = wait(&world.jobs[0], &[], 3600);
    {
        let _awake = world.take_part();
        let mut unpolled = pin!(world.poller.wait(&unwanted, &|_| ()));
        let mut context = Context::from_waker(Waker::noop());
        assert!(unpolled.as_mut().poll(&mut context).is_pending());
    }
    assert_eq!(world.poller.view().waits, 0);
    assert_eq!(
        soon(world.wait(0, 3600)).await.unwrap().at,
        Duration::from_secs(5)
    );
}

fn serving() -> Runtime {
    let builder = &mut Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().build().unwrap()
}

fn of_a_run() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn runs_on_threads_and_runtimes_of_their_own_share_the_looks() {
    let serving = serving();
    let plans: Vec<_> = (0..40).map(|number| Plan::of(0, 3 + number)).collect();
    let world = serving.block_on(World::with(300, &plans));
    // All take part in the clock before any of them sleeps.
    let director = world.take_part();
    let begin = std::sync::Barrier::new(5);
    std::thread::scope(|scope| {
        for run in 0..4 {
            let (world, begin) = (&world, &begin);
            scope.spawn(move || {
                of_a_run().block_on(async {
                    let waits: Vec<_> =
                        (0..10).map(|job| world.wait(job * 4 + run, 3600)).collect();
                    begin.wait();
                    for (wait, job) in waits.into_iter().zip(0..) {
                        let ended = soon(wait).await.unwrap();
                        let end = plans_end(job * 4 + run);
                        assert_eq!(ended.outcome.unwrap()["run"]["status"], "completed");
                        assert!(
                            (end..=end + 5).contains(&ended.at.as_secs()),
                            "{end}: {:?}",
                            ended.at
                        );
                    }
                });
            });
        }
        begin.wait();
        drop(director);
    });
    // One answer a Job, a page every 5 s, and what it takes to find the page.
    let pages = world
        .tap
        .seen()
        .iter()
        .filter(|request| request.is_page())
        .count();
    assert!((8..=14).contains(&pages), "{pages} pages");
    assert!(
        world.tap.seen().len() <= 40 + 14 + 12,
        "{} requests",
        world.tap.seen().len()
    );
}

fn plans_end(job: usize) -> u64 {
    3 + job as u64
}

/// In real time, but a hundred times as fast: a leader that nobody drives stops simulated time.
#[test]
fn a_leader_that_stands_still_is_replaced() {
    let serving = serving();
    let start = SystemClock::new().now();
    let clock: Arc<dyn Clock> = Arc::new(ScaledClock::new(start, 100.0));
    let (poller, jobs, _simulator) =
        serving.block_on(World::bare(&clock, &[Plan::of(0, 30), Plan::of(0, 30)]));
    let lead = |poller: &Poller| {
        let (poller, wanted) = (poller.clone(), wait(&jobs[0], &[], 3600));
        Box::pin(async move { poller.wait(&wanted, &|_| ()).await })
    };
    let (stuck, mut leader) = (of_a_run(), lead(&poller));
    let briefly = stuck
        .block_on(async { tokio::time::timeout(Duration::from_millis(100), &mut leader).await });
    assert!(briefly.is_err());
    let wanted = wait(&jobs[1], &[], 300);
    let outcome = of_a_run().block_on(soon(poller.wait(&wanted, &|_| ())));
    assert!(outcome.is_ok(), "{outcome:?}");
    assert!(stuck.block_on(soon(leader)).is_ok());
}
