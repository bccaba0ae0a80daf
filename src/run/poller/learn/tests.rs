//! Lists and servers that misbehave, without a network.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;

use super::super::bell::Bell;
use super::super::job::Wait;
use super::super::look::Page;
use super::super::roster::{Ticket, Turn};
use super::*;
use crate::clock::SystemClock;

/// What a page of a list shows.
type List<'a> = &'a dyn Fn(&Page) -> Vec<Row>;

const BEGIN: &str = "2026-01-05T07:59:50Z";

/// Has the first of some who wait lead for a while; returns when each Job was shown.
fn play(
    jobs: &[String],
    until: u64,
    mut answer: impl FnMut(&Look) -> Result<Sight, FailureKind>,
) -> BTreeMap<String, Vec<u64>> {
    let (mut roster, mut now, mut shown) = (Roster::default(), Duration::ZERO, BTreeMap::new());
    let tickets: Vec<Ticket> = jobs
        .iter()
        .map(|job| roster.enter(job, wait(until)))
        .collect();
    loop {
        match roster.turn(&tickets[0], now, 300) {
            Turn::Sleep(span) => now += span,
            Turn::Look(order) => {
                let sight = answer(&order.look);
                let ids: Vec<_> = match &sight {
                    Ok(Sight::Page(shown)) => shown.rows.iter().map(|row| row.id.clone()).collect(),
                    Ok(Sight::Job(row, _)) => vec![row.id.clone()],
                    Err(_) => Vec::new(),
                };
                for id in ids {
                    shown.entry(id).or_insert_with(Vec::new).push(now.as_secs());
                }
                let sight = sight.map_err(|kind| Failure::new(kind, "no"));
                let (day, elapsed) = (BEGIN.parse::<Timestamp>().unwrap() + now, now);
                roster.learn(&order, sight, Moment { day, elapsed });
            }
            Turn::Return(_) | Turn::GiveUp(..) => return shown,
        }
    }
}

fn wait(until: u64) -> Wait {
    Wait {
        until: Vec::new(),
        start: Duration::ZERO,
        deadline: Duration::from_secs(until),
        is_answered: false,
        bell: Arc::new(Bell::new(Arc::new(SystemClock::new()))),
        runtime: None,
    }
}

fn names(count: usize) -> Vec<String> {
    (0..count)
        .map(|number| format!("job {number:02}"))
        .collect()
}

fn row(id: &str) -> Row {
    let second = id.trim_start_matches("job ");
    let created = format!("2026-01-05T07:59:{second}Z");
    serde_json::from_value(json!({ "id": id, "status": "running", "created_at": created })).unwrap()
}

fn answer_of(id: &str) -> Sight {
    Sight::Job(row(id), Vec::new())
}

#[test]
fn jobs_that_cannot_be_seen_do_not_hold_up_the_others() {
    let is_healthy = |id: &str| id < "job 02" || id == "job 09";
    let mut failed = 0;
    let shown = play(&names(10), 50, |look| match look {
        Look::Page(_) => Err(FailureKind::Invalid),
        Look::Job(id) if is_healthy(id) => Ok(answer_of(id)),
        Look::Job(_) => {
            failed += 1;
            Err(FailureKind::Unavailable)
        }
    });
    let paced: Vec<_> = (0..=45).step_by(5).chain([48]).collect();
    assert_eq!(shown.len(), 3);
    assert!(shown.values().all(|times| *times == paced), "{shown:?}");
    assert!((40..=77).contains(&failed), "{failed}");
}

#[test]
fn a_job_without_its_age_is_seen_all_the_same() {
    let shown = play(&names(10), 50, |look| match look {
        Look::Page(_) => Err(FailureKind::Invalid),
        Look::Job(id) => {
            let bare = json!({ "id": id, "status": "running" });
            Ok(Sight::Job(
                serde_json::from_value(bare).unwrap(),
                Vec::new(),
            ))
        }
    });
    assert_eq!(shown.len(), 10);
    assert!(shown.values().all(|times| times.len() == 11), "{shown:?}");
}

#[test]
fn whatever_the_list_shows_each_job_is_seen_at_its_pace() {
    let jobs = names(40);
    let honest = |page: &Page| {
        let rows = jobs
            .iter()
            .map(|id| row(id))
            .filter(|row| row.created() >= Some(page.since));
        rows.skip(page.offset as usize).take(10).collect::<Vec<_>>()
    };
    let lists: [(&str, List<'_>); 6] = [
        ("honest", &honest),
        ("always the same", &|_| {
            jobs[5..15].iter().map(|id| row(id)).collect()
        }),
        ("nothing", &|_| Vec::new()),
        ("strangers", &|_| {
            (40..50)
                .map(|number| row(&format!("job {number}")))
                .collect()
        }),
        ("twice", &|page| [honest(page), honest(page)].concat()),
        ("every third", &|page| {
            honest(page).into_iter().step_by(3).collect()
        }),
    ];
    for (name, list) in lists {
        let shown = play(&jobs, 70, |look| match look {
            Look::Job(id) => Ok(answer_of(id)),
            Look::Page(page) => {
                let next = Some(Page {
                    offset: page.offset + 10,
                    ..*page
                });
                Ok(Sight::Page(Shown {
                    page: *page,
                    rows: list(page),
                    next,
                }))
            }
        });
        for id in &jobs {
            let times = &shown[id];
            let longest = times.windows(2).map(|two| two[1] - two[0]).max().unwrap();
            // One by one, forty Jobs are more than the rate allows at their pace.
            assert!(
                longest <= 30 && times[times.len() - 1] >= 55,
                "{name}: {id}: {times:?}"
            );
        }
    }
}
