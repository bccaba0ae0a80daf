//! An exported run is imported whole, or not at all.

use proptest::prelude::*;

use crate::journal::table::run;
use crate::journal::trial::{Trial, at, line, new_run, outcome, source, step};
use crate::journal::{Claim, Journal, JournalError, NewEvent, OutcomeRow, Write};

fn sample() -> (Trial, String) {
    let trial = Trial::new();
    let binary = OutcomeRow {
        ok: false,
        form: "bytes".into(),
        body: vec![0xff; 5000],
        sealed: Some(b"sealed".to_vec()),
    };
    trial.put([
        Write::Run(crate::journal::NewRun {
            sealed_arguments: Some(b"sealed".to_vec()),
            // Whoever imports a run has it in front of them.
            unattended: false,
            ..new_run("a")
        }),
        Write::Source {
            run: "a".into(),
            source: source("main.rhai", "let a = 1;\n"),
        },
        Write::Step(step("a", 0)),
        outcome("a", 0, 0, b"1"),
        Write::Step(step("a", 1)),
        Write::Outcome {
            run: "a".into(),
            ticket: 1,
            done_seq: 1,
            at: at(3),
            attempts: 4,
            note: Some("found".into()),
            outcome: binary,
        },
        Write::Step(step("a", 2)),
        line("a", "0", "hello"),
    ]);
    let event = NewEvent {
        run: "a".into(),
        name: "go".into(),
        value: "1".into(),
        by: None,
        at: at(1),
    };
    trial.journal.deliver(event).unwrap();
    assert_eq!(trial.journal.claim("a").unwrap(), Claim::Taken);
    let mut out = Vec::new();
    trial.journal.export("a", &mut out).unwrap();
    (trial, String::from_utf8(out).unwrap())
}

#[test]
fn an_imported_run_is_the_exported_one_without_owner_and_sealed_values() {
    let (from, text) = sample();
    let to = Trial::new();
    assert_eq!(to.journal.import(&mut text.as_bytes()).unwrap(), "a");
    let (before, after) = (&from.journal, &to.journal);
    let mut run = before.run("a").unwrap().unwrap();
    run.owner = None;
    emptied(&mut run.sealed_arguments);
    assert_eq!(after.run("a").unwrap(), Some(run));
    let mut steps = before.steps("a").unwrap();
    for outcome in steps.iter_mut().filter_map(|step| step.outcome.as_mut()) {
        emptied(&mut outcome.sealed);
    }
    assert_eq!(after.steps("a").unwrap(), steps);
    assert_eq!(after.sources("a").unwrap(), before.sources("a").unwrap());
    assert_eq!(
        after.lines("a", None).unwrap(),
        before.lines("a", None).unwrap()
    );
    assert_eq!(after.events("a").unwrap(), before.events("a").unwrap());

    let mut again = Vec::new();
    after.export("a", &mut again).unwrap();
    assert_eq!(String::from_utf8(again).unwrap(), text);
    let exists = after.import(&mut text.as_bytes());
    assert!(matches!(exists, Err(JournalError::Exists { .. })));
    let missing = after.export("b", &mut Vec::new());
    assert!(matches!(missing, Err(JournalError::NoRun { .. })));
}

/// Leaves of a sealed value that there is one.
fn emptied(sealed: &mut Option<Vec<u8>>) {
    *sealed = sealed.take().map(|_| Vec::new());
}

/// Imports a text and returns the line and the words of the error; nothing is left behind.
fn refused(text: &str) -> (usize, String) {
    let trial = Trial::new();
    let error = trial.journal.import(&mut text.as_bytes()).unwrap_err();
    let JournalError::Malformed { line, what } = error else {
        panic!("{error}");
    };
    for (table, count) in trial.journal.inspect().unwrap().rows {
        assert_eq!(count, 0, "{table}");
    }
    trial.put([Write::Run(new_run("next"))]);
    trial.journal.force().unwrap();
    (line, what)
}

#[test]
fn every_wrong_line_is_told_by_its_number() {
    let (_trial, text) = sample();
    let lines: Vec<_> = text.lines().collect();
    let replaced = |number: usize, from: &str, to: &str| {
        let mut lines: Vec<_> = lines.iter().map(ToString::to_string).collect();
        assert!(lines[number - 1].contains(from), "{}", lines[number - 1]);
        lines[number - 1] = lines[number - 1].replacen(from, to, 1);
        refused(&(lines.join("\n") + "\n"))
    };
    let part = |count: usize| refused(&lines[..count].join("\n"));
    assert_eq!(refused("").0, 1);
    assert_eq!(refused("{}").0, 1);
    for count in 1..lines.len() {
        let (line, what) = part(count);
        assert_eq!(
            (line, what.as_str()),
            (count + 1, "is missing: the file was cut off")
        );
    }
    let last = lines.len();
    let faults = [
        replaced(1, "\"version\":1", "\"version\":2"),
        replaced(1, "duvoscript run", "another"),
        replaced(2, "\"state\":\"queued\"", "\"state\":\"asleep\""),
        replaced(2, "\"state\":\"queued\"", "\"state\":\"done\""),
        replaced(3, "\"name\"", "\"nam\""),
        replaced(4, "\"run\":\"a\"", "\"run\":\"b\""),
        replaced(4, "\"fingerprint\":\"07", "\"fingerprint\":\"+7"),
        replaced(4, "\"done_seq\":0", "\"done_seq\":null"),
        replaced(5, "\"ticket\":1", "\"ticket\":0"),
        replaced(5, "\"base64\":\"", "\"base64\":\"?"),
        replaced(7, "\"number\":1", "\"number\":-1"),
        replaced(7, "\"number\":1", "\"number\":0"),
        replaced(last, "{\"end\"", "{\"fin\""),
        replaced(last, ":8", ":9"),
    ];
    let numbers: Vec<_> = faults.iter().map(|(line, _)| *line).collect();
    assert_eq!(
        numbers,
        [1, 1, 2, 2, 3, 4, 4, 4, 5, 5, 7, 7, last, last],
        "{faults:#?}"
    );
    assert_eq!(refused(&format!("{text}{{}}\n")).0, last + 1);
}

/// Imports bytes, and removes again what came of them.
fn import(journal: &Journal, bytes: &[u8]) -> Result<String, JournalError> {
    let id = journal.import(&mut &*bytes)?;
    let removed = journal.queue().decide(|db| {
        let key = run::key(db, &id)?;
        key.map_or(Ok(()), |key| run::remove(db, key))
    });
    removed.map(|()| id)
}

#[test]
fn nothing_makes_it_panic() {
    let trial = Trial::new();
    proptest!(|(bytes in proptest::collection::vec(any::<u8>(), 0..2000))| {
        prop_assert!(import(&trial.journal, &bytes).is_err());
    });
}

#[test]
fn no_changed_byte_makes_it_panic() {
    let (_from, text) = sample();
    let trial = Trial::new();
    proptest!(|(at in any::<proptest::sample::Index>(), value in any::<u8>())| {
        prop_assert_eq!(import(&trial.journal, text.as_bytes()).unwrap(), "a");
        let mut bytes = text.clone().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = value;
        let imported = import(&trial.journal, &bytes);
        let is_told = matches!(imported, Ok(_) | Err(JournalError::Malformed { .. }));
        prop_assert!(is_told, "{imported:?}");
    });
}
