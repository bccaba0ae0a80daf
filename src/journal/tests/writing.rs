//! What is put is read back, in order, and survives the journal's closing.

use crate::journal::trial::{
    Trial, at, end, line, new_run, open, outcome, source, state, step, value,
};
use crate::journal::{JournalError, RunState, WaitRow, Write};

#[test]
fn a_run_is_read_back_as_it_was_put() {
    let trial = Trial::new();
    let large = "x".repeat(100_000);
    let wait = WaitRow {
        run: "a".into(),
        ticket: 2,
        kind: "sleep".into(),
        about: "{}".into(),
        since: at(1),
        wake_at: Some(at(100)),
    };
    trial.put([
        Write::Run(new_run("a")),
        Write::Source {
            run: "a".into(),
            source: source("main.rhai", "import \"b\";"),
        },
        Write::Source {
            run: "a".into(),
            source: source("a.rhai", "1"),
        },
        Write::Step(step("a", 0)),
        outcome("a", 0, 0, b"1"),
        Write::Step(step("a", 1)),
        outcome("a", 1, 1, large.as_bytes()),
        Write::Step(step("a", 2)),
        line("a", "0", "hello"),
        line("a", "1", "you"),
        line("a", "0", "hello again"),
        Write::Wait(wait.clone()),
        state("a", RunState::Running, None),
        state("a", RunState::Waiting, Some(at(100))),
    ]);
    let journal = &trial.journal;
    let run = journal.run("a").unwrap().unwrap();
    assert_eq!(
        (run.state, run.wake_at, run.steps),
        (RunState::Waiting, Some(at(100)), 3)
    );
    assert!(run.started_at.is_some() && run.ended_at.is_none());
    let sources = journal.sources("a").unwrap();
    assert_eq!(
        sources,
        [source("main.rhai", "import \"b\";"), source("a.rhai", "1")]
    );
    let steps = journal.steps("a").unwrap();
    assert_eq!(steps[0].outcome, Some(value(b"1")));
    assert_eq!(steps[1].outcome, Some(value(large.as_bytes())));
    assert_eq!((steps[2].done_seq, &steps[2].outcome), (None, &None));
    assert_eq!(steps[2].fingerprint, [7; 16]);
    let lines = journal.lines("a", None).unwrap();
    let lines: Vec<_> = lines
        .iter()
        .map(|it| (it.number, it.text.as_str()))
        .collect();
    assert_eq!(lines, [(1, "hello"), (2, "you")]);
    assert_eq!(journal.lines("a", Some(1)).unwrap().len(), 1);
    assert_eq!(journal.waits("a").unwrap(), [wait]);
}

#[test]
fn a_run_that_has_ended_is_there_when_the_journal_is_opened_again() {
    let trial = Trial::new();
    let wait = WaitRow {
        run: "a".into(),
        ticket: 0,
        kind: "sleep".into(),
        about: "{}".into(),
        since: at(1),
        wake_at: None,
    };
    trial.put([Write::Run(new_run("a")), Write::Wait(wait)]);
    trial.put([end("a", RunState::Done, 9)]);
    let Trial { journal, folder } = trial;
    drop(journal);
    let journal = open(&folder.path().join("state"));
    let run = journal.run("a").unwrap().unwrap();
    assert_eq!(
        (run.state, run.ended_at, run.result.as_deref()),
        (RunState::Done, Some(at(9)), Some("1"))
    );
    assert_eq!(journal.waits("a").unwrap(), []);
}

#[test]
fn what_does_not_fit_breaks_the_journal_and_what_was_committed_stays() {
    let trial = Trial::new();
    trial.put([Write::Run(new_run("a"))]);
    trial.journal.force().unwrap();
    trial.put([Write::Step(step("nobody", 0))]);
    let error = trial.journal.force().unwrap_err();
    assert!(
        matches!(&error, JournalError::Refused { run, .. } if run == "nobody"),
        "{error}"
    );
    let error = trial.journal.put(Write::Run(new_run("b"))).unwrap_err();
    assert!(matches!(error, JournalError::Broken { .. }), "{error}");
    assert!(trial.journal.run("a").unwrap().is_some());
}
