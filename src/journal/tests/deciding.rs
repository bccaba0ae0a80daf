//! Events, orders, resolutions and copies: each is decided once, and makes its run ready.

use std::time::Duration;

use crate::journal::trial::{Trial, at, end, new_run, outcome, source, state, step, value};
use crate::journal::{
    Claim, Delivered, Due, JournalError, NewEvent, Order, Resolution, RunState, Write,
};

fn event(run: &str, name: &str, value: &str) -> NewEvent {
    NewEvent {
        run: run.into(),
        name: name.into(),
        value: value.into(),
        by: Some("me".into()),
        at: at(5),
    }
}

fn ready(run: &str) -> Due {
    Due {
        run: run.into(),
        wake_at: None,
        schedule: None,
        world: "{}".into(),
    }
}

#[test]
fn the_first_event_of_a_name_wins_and_makes_the_run_ready() {
    let trial = Trial::new();
    let journal = &trial.journal;
    trial.put([
        Write::Run(new_run("a")),
        state("a", RunState::Waiting, Some(at(1000))),
    ]);
    assert_eq!(journal.due(at(0), &[], 10).unwrap(), []);
    assert_eq!(journal.next_due().unwrap(), Some(at(1000)));

    let first = event("a", "go", &format!("\"{}\"", "x".repeat(10_000)));
    assert_eq!(journal.deliver(first.clone()).unwrap(), Delivered::Accepted);
    assert_eq!(journal.due(at(0), &[], 10).unwrap(), [ready("a")]);
    assert!(journal.next_due().unwrap().unwrap() > at(1000));
    let second = journal.deliver(event("a", "go", "2")).unwrap();
    assert_eq!(second, Delivered::Duplicate(first.clone()));
    assert_eq!(
        journal.deliver(event("b", "go", "1")).unwrap(),
        Delivered::NoRun
    );
    assert_eq!(journal.events("a").unwrap(), [first]);

    // Who has the run in hand hears of it in another way.
    journal.claim("a").unwrap();
    assert_eq!(journal.due(at(0), &[], 10).unwrap(), []);
    journal.release("a").unwrap();
    trial.put([state("a", RunState::Waiting, None)]);
    assert_eq!(journal.due(at(0), &[], 10).unwrap(), []);
    trial.put([end("a", RunState::Done, 9)]);
    assert_eq!(
        journal.deliver(event("a", "late", "1")).unwrap(),
        Delivered::NoRun
    );
    assert_eq!(journal.due(at(5000), &[], 10).unwrap(), []);
}

#[test]
fn an_order_is_kept_until_it_is_taken_back_or_the_run_ends() {
    let trial = Trial::new();
    let journal = &trial.journal;
    trial.put([Write::Run(new_run("a"))]);
    let ordered = || journal.run("a").unwrap().unwrap().ordered;
    assert!(!journal.order("b", Order::Cancel).unwrap());
    assert!(journal.order("a", Order::Pause).unwrap());
    assert_eq!(ordered(), Some(Order::Pause));
    assert_eq!(journal.due(at(0), &[], 10).unwrap(), [ready("a")]);
    assert!(journal.order("a", Order::Resume).unwrap());
    assert_eq!(ordered(), None);
    assert!(journal.order("a", Order::Cancel).unwrap());
    assert!(journal.order("a", Order::Pause).unwrap());
    assert!(journal.order("a", Order::Resume).unwrap());
    assert_eq!(ordered(), Some(Order::Cancel));
    trial.put([end("a", RunState::Cancelled, 1)]);
    assert!(journal.order("a", Order::Cancel).unwrap());
    assert_eq!(
        (ordered(), journal.due(at(0), &[], 10).unwrap()),
        (None, vec![])
    );
}

#[test]
fn a_step_without_outcome_is_resolved_once() {
    let trial = Trial::new();
    let journal = &trial.journal;
    trial.put([
        Write::Run(new_run("a")),
        Write::Step(step("a", 0)),
        outcome("a", 0, 0, b"1"),
        Write::Step(step("a", 1)),
        state("a", RunState::Uncertain, None),
    ]);
    let done = |body: &[u8]| Resolution::Outcome(value(body));
    assert!(!journal.resolve("b", 0, Resolution::Retry).unwrap());
    assert!(!journal.resolve("a", 7, Resolution::Retry).unwrap());
    assert!(!journal.resolve("a", 0, done(b"9")).unwrap());
    assert_eq!(journal.due(at(0), &[], 10).unwrap(), []);
    assert!(journal.resolve("a", 1, Resolution::Retry).unwrap());
    assert!(journal.steps("a").unwrap()[1].resend);
    assert_eq!(journal.due(at(0), &[], 10).unwrap(), [ready("a")]);
    assert!(journal.resolve("a", 1, done(b"2")).unwrap());
    assert!(!journal.resolve("a", 1, Resolution::Retry).unwrap());
    let steps = journal.steps("a").unwrap();
    assert_eq!(steps[0].outcome, Some(value(b"1")));
    assert_eq!(
        (steps[1].done_seq, &steps[1].outcome),
        (Some(1), &Some(value(b"2")))
    );
}

#[test]
fn a_copy_has_the_sources_and_the_completed_steps_below_a_ticket() {
    let trial = Trial::new();
    let journal = &trial.journal;
    let text = "let a = 1;";
    let large = "x".repeat(9000);
    trial.put([
        Write::Run(new_run("a")),
        Write::Source {
            run: "a".into(),
            source: source("main.rhai", text),
        },
    ]);
    trial.put((0..6).map(|ticket| Write::Step(step("a", ticket))));
    trial.put([
        outcome("a", 5, 1, b"5"),
        outcome("a", 2, 2, b"2"),
        outcome("a", 4, 3, b"4"),
        outcome("a", 0, 4, large.as_bytes()),
    ]);
    journal.copy_until("a", new_run("b"), 4).unwrap();
    let steps = journal.steps("b").unwrap();
    let order: Vec<_> = steps
        .iter()
        .map(|step| (step.ticket, step.done_seq))
        .collect();
    assert_eq!(order, [(0, Some(2)), (2, Some(1))]);
    assert_eq!(steps[0].outcome, Some(value(large.as_bytes())));
    assert_eq!(journal.sources("b").unwrap(), [source("main.rhai", text)]);

    let missing = journal.copy_until("c", new_run("d"), 4);
    assert!(matches!(missing, Err(JournalError::NoRun { .. })));
    let again = journal.copy_until("a", new_run("b"), 4);
    assert!(matches!(again, Err(JournalError::Unfit { .. })));
    journal.put(Write::Run(new_run("e"))).unwrap();
    journal.flush().unwrap();
}

#[test]
fn sources_are_replaced_while_nobody_has_the_run() {
    let trial = Trial::new();
    let journal = &trial.journal;
    let old = Write::Source {
        run: "a".into(),
        source: source("main.rhai", "1"),
    };
    trial.put([Write::Run(new_run("a")), old]);
    let new = [source("main.rhai", "2"), source("lib.rhai", "3")];
    let missing = journal.replace_sources("b", &new, "2");
    assert!(matches!(missing, Err(JournalError::NoRun { .. })));
    assert_eq!(journal.claim("a").unwrap(), Claim::Taken);
    let busy = trial.again().replace_sources("a", &new, "2");
    assert!(matches!(busy, Err(JournalError::Busy { .. })));
    journal.release("a").unwrap();
    journal.replace_sources("a", &new, "2").unwrap();
    assert_eq!(journal.sources("a").unwrap(), new);
    assert_eq!(journal.run("a").unwrap().unwrap().engine, "2");
    let rows = journal.inspect().unwrap().rows;
    assert!(rows.contains(&("source".into(), 2)), "{rows:?}");
}

#[test]
fn changes_of_this_and_of_another_process_are_told() {
    let trial = Trial::new();
    let other = trial.again();
    trial.put([Write::Run(new_run("a"))]);
    trial.journal.flush().unwrap();
    let mut changes = trial.journal.changes();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    changes.mark_unchanged();
    trial.journal.order("a", Order::Pause).unwrap();
    assert!(changes.has_changed().unwrap());
    changes.mark_unchanged();

    other.order("a", Order::Resume).unwrap();
    let patience = Duration::from_secs(20);
    let told = runtime.block_on(async { tokio::time::timeout(patience, changes.changed()).await });
    told.unwrap().unwrap();
    drop(trial.journal);
    // Nobody is left who could tick.
    let ended = runtime.block_on(changes.changed());
    assert!(ended.is_err());
}
