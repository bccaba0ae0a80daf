//! A hundred thousand runs wait in rows: finding those that are due costs no time and no memory.

use jiff::SignedDuration;

use crate::clock::{Clock, SystemClock};
use crate::journal::trial::{Trial, at, new_run, state};
use crate::journal::{RunFilter, RunState, Write};

const RUNS: u32 = 100_000;

#[test]
fn those_that_are_due_are_found_at_once() {
    let trial = Trial::new();
    for number in 0..RUNS {
        let id = format!("run-{number:06}");
        let wake_at = at(0) + SignedDuration::from_secs(number.into());
        let new = crate::journal::NewRun {
            created_at: wake_at,
            ..new_run(&id)
        };
        trial.put([
            Write::Run(new),
            state(&id, RunState::Waiting, Some(wake_at)),
        ]);
    }
    trial.journal.flush().unwrap();
    let clock = SystemClock::new();
    let before = clock.elapsed();
    for _ in 0..100 {
        let due = trial.journal.due(at(9), &[], 100).unwrap();
        let ids: Vec<_> = due.iter().map(|due| due.run.as_str()).collect();
        assert_eq!(
            (ids.len(), ids[0], ids[9]),
            (10, "run-000000", "run-000009")
        );
        assert_eq!(trial.journal.next_due().unwrap(), Some(at(0)));
    }
    let each = clock.elapsed().saturating_sub(before) / 100;
    assert!(each.as_millis() < 10, "{each:?}");
    assert_eq!(trial.journal.due(at(1 << 20), &[], 7).unwrap().len(), 7);

    let page = |before: Option<String>| {
        let filter = RunFilter {
            limit: Some(3),
            before,
            ..RunFilter::default()
        };
        let runs = trial.journal.runs(&filter).unwrap();
        runs.into_iter().map(|run| run.id).collect::<Vec<_>>()
    };
    let first = page(None);
    assert_eq!(first, ["run-099999", "run-099998", "run-099997"]);
    let second = page(first.last().cloned());
    assert_eq!(second, ["run-099996", "run-099995", "run-099994"]);
    assert_eq!(trial.journal.find("run-0500").unwrap().len(), 5);
    assert_eq!(trial.journal.find("run-050000").unwrap().len(), 1);
    assert_eq!(trial.journal.find("last").unwrap()[0].id, "run-099999");
    assert_eq!(trial.journal.find("nothing").unwrap(), []);
}
