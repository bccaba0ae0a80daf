//! Two thousand Jobs at once, of mixed ages and durations.

use std::time::Duration;

use duvoscript::clock::Clock as _;

use crate::world::{Plan, World};

/// Returns numbers that look random and are always the same.
fn dice() -> impl FnMut(u64) -> u64 {
    let mut state = 42_u64;
    move |sides| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % sides
    }
}

fn pace(age: Duration) -> Duration {
    match age.as_secs() {
        0..120 => Duration::from_secs(5),
        120..900 => Duration::from_secs(30),
        _ => Duration::from_secs(60),
    }
}

#[tokio::test]
async fn two_thousand_jobs_of_mixed_ages_are_seen_at_their_pace_within_the_limit() {
    let mut dice = dice();
    let plans: Vec<_> = (0..2_000)
        .map(|number| {
            let age = match number % 3 {
                0 => dice(120),
                1 => 120 + dice(780),
                _ => 900 + dice(3 * 24 * 3600),
            };
            Plan::of(age, 1 + dice(1800))
        })
        .collect();
    let t = std::time::Instant::now();
    let world = World::with(300, &plans).await;
    eprintln!("settled {:?}", t.elapsed());
    let starter = world.clock.join();
    let waits: Vec<_> = (0..plans.len())
        .map(|job| world.wait(job, 4 * 3600))
        .collect();
    drop(starter);
    let mut late = Vec::new();
    for (wait, plan) in waits.into_iter().zip(&plans) {
        let ended = wait.await.unwrap();
        assert_eq!(ended.outcome.unwrap()["run"]["status"], "completed");
        let (at, end) = (ended.at, plan.ends.unwrap());
        let l = at.saturating_sub(end).saturating_sub(pace(plan.age + end));
        if !l.is_zero() {
            eprintln!("late {l:?}: age {:?} end {end:?} at {at:?}", plan.age);
        }
        late.push(
            at.checked_sub(end)
                .unwrap()
                .saturating_sub(pace(plan.age + end)),
        );
    }
    late.sort();
    let seen = world.tap.seen();
    let pages = seen.iter().filter(|r| r.is_page()).count();
    eprintln!(
        "{:?} busiest {} total {} pages {} late max {:?} p99 {:?} p90 {:?} p50 {:?}",
        t.elapsed(),
        world.tap.busiest_minute(),
        seen.len(),
        pages,
        late.last(),
        late[1980],
        late[1800],
        late[1000]
    );
    eprintln!("{:?}", world.poller.view());
    for m in 0..32 {
        let n: Vec<_> = seen.iter().filter(|r| r.at.as_secs() / 60 == m).collect();
        eprint!("{}/{} ", n.len(), n.iter().filter(|r| r.is_page()).count());
    }
}
