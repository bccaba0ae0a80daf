//! Group commit: many callers share forced writes, and the order of each is kept.

use std::thread;
use std::time::Duration;

use crate::journal::Write;
use crate::journal::trial::{Trial, line, new_run, outcome, step};

#[test]
fn callers_that_wait_at_once_share_a_forced_write() {
    const CALLERS: u32 = 16;
    const STEPS: u32 = 40;
    let trial = Trial::new();
    let journal = &trial.journal;
    thread::scope(|scope| {
        for caller in 0..CALLERS {
            scope.spawn(move || {
                let run = caller.to_string();
                journal.put(Write::Run(new_run(&run))).unwrap();
                for ticket in 0..STEPS {
                    journal.put(Write::Step(step(&run, ticket))).unwrap();
                    journal.force().unwrap();
                    journal.put(outcome(&run, ticket, ticket, b"1")).unwrap();
                }
            });
        }
    });
    let forces = journal.statistics().forces;
    assert!(forces < u64::from(CALLERS * STEPS), "{forces}");
    for caller in 0..CALLERS {
        let steps = journal.steps(&caller.to_string()).unwrap();
        let tickets: Vec<_> = steps.iter().map(|step| step.ticket).collect();
        assert_eq!(tickets, (0..STEPS).collect::<Vec<_>>());
        assert!(steps.iter().all(|step| step.outcome.is_some()));
    }
}

#[test]
fn what_nobody_waits_for_is_committed_a_moment_later() {
    let trial = Trial::new();
    trial.put([Write::Run(new_run("a"))]);
    let other = trial.database();
    let count = || {
        other
            .query_row("SELECT count(*) FROM run", [], |row| row.get::<_, i64>(0))
            .unwrap()
    };
    // Nothing but the flusher commits here.
    let (_never, waiting) = std::sync::mpsc::channel::<()>();
    for _ in 0..100 {
        if count() == 1 {
            return;
        }
        _ = waiting.recv_timeout(Duration::from_millis(10));
    }
    panic!("the flusher never came");
}

#[test]
fn a_full_queue_is_committed_by_who_fills_it() {
    let trial = Trial::new();
    trial.put([Write::Run(new_run("a"))]);
    let text = "x".repeat(1 << 20);
    trial.put((0..40).map(|key| line("a", &key.to_string(), &text)));
    assert!(trial.journal.statistics().commits >= 2);
    assert_eq!(trial.journal.lines("a", None).unwrap().len(), 40);
}

#[test]
fn forcing_nothing_costs_nothing_and_a_forced_write_covers_what_was_committed_before() {
    let trial = Trial::new();
    trial.journal.force().unwrap();
    trial.journal.force().unwrap();
    assert_eq!(trial.journal.statistics().forces, 0);
    trial.put([Write::Run(new_run("a"))]);
    trial.journal.flush().unwrap();
    trial.journal.force().unwrap();
    trial.journal.force().unwrap();
    assert_eq!(trial.journal.statistics().forces, 1);
}

#[test]
fn the_log_is_moved_into_the_file_and_begins_anew() {
    let trial = Trial::new();
    trial.put([Write::Run(new_run("a"))]);
    let text = "x".repeat(2000);
    let size = |name: &str| {
        let path = trial.journal.state_directory().join(name);
        std::fs::metadata(path).unwrap().len()
    };
    for batch in 0..100 {
        trial.put((0..1000).map(|at| line("a", &format!("{batch}/{at}"), &text)));
        trial.journal.flush().unwrap();
        if size("journal.db") > 2 * size("journal.db-wal") {
            return;
        }
    }
    panic!("the log only grows");
}
