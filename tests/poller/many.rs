//! Two thousand Jobs at once, of mixed ages and durations.

use std::time::Duration;

use crate::dice::Dice;
use crate::world::{Plan, World};

fn pace(age: Duration) -> Duration {
    match age.as_secs() {
        0..120 => Duration::from_secs(5),
        120..900 => Duration::from_secs(30),
        _ => Duration::from_secs(60),
    }
}

#[tokio::test]
async fn two_thousand_jobs_of_mixed_ages_are_seen_at_their_pace_within_the_limit() {
    let mut dice = Dice::of(0);
    let plans: Vec<_> = (0..2_000)
        .map(|number| {
            let age = match number % 3 {
                0 => dice.roll(120),
                1 => 120 + dice.roll(780),
                _ => 900 + dice.roll(3 * 24 * 3600),
            };
            Plan::of(age, 1 + dice.roll(1800))
        })
        .collect();
    let world = World::with(300, &plans).await;
    let ended = world.wait_for_all(4 * 3600).await;
    let mut late: Vec<_> = ended
        .iter()
        .zip(&plans)
        .map(|(ended, plan)| {
            assert_eq!(
                ended.outcome.as_ref().unwrap()["run"]["status"],
                "completed"
            );
            let end = plan.next.unwrap();
            let waited = ended.at.checked_sub(end).expect("seen before it ended");
            waited.saturating_sub(pace(plan.age + end))
        })
        .collect();
    late.sort();
    let seen = world.tap.seen();
    let pages = seen.iter().filter(|request| request.is_page()).count();
    println!(
        "{} requests, {pages} of them pages, {} in the busiest minute; latest {:?} after its pace",
        seen.len(),
        world.tap.busiest_minute(),
        late[1999]
    );
    assert!(world.tap.busiest_minute() <= 200);
    assert!(late[1999] <= Duration::from_secs(10) && late[1950].is_zero());
    assert_eq!(world.poller.view().looks, seen.len() as u64);
}
