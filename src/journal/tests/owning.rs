//! A run is in one hand at a time, and free again when its owner dies.

use crate::journal::trial::{Trial, new_run};
use crate::journal::{Claim, JournalError, Resolution, RunFilter, Write};

#[test]
fn a_run_is_in_one_hand_at_a_time() {
    let trial = Trial::new();
    trial.put([Write::Run(new_run("a"))]);
    let (first, second) = (&trial.journal, trial.again());
    first.flush().unwrap();
    assert_eq!(first.claim("b").unwrap(), Claim::Missing);
    assert!(!first.is_owned(&first.run("a").unwrap().unwrap()));
    assert_eq!(first.claim("a").unwrap(), Claim::Taken);

    for journal in [first, &second] {
        let Claim::Busy { owner } = journal.claim("a").unwrap() else {
            panic!("taken twice");
        };
        assert_eq!(owner.pid, std::process::id());
        let run = journal.run("a").unwrap().unwrap();
        assert_eq!(run.owner.as_ref(), Some(&owner.id));
        assert!(journal.is_owned(&run));
    }
    let refused = second.resolve("a", 0, Resolution::Retry);
    assert!(matches!(refused, Err(JournalError::Busy { .. })));

    second.release("a").unwrap();
    assert!(matches!(second.claim("a").unwrap(), Claim::Busy { .. }));
    first.release("a").unwrap();
    assert_eq!(second.claim("a").unwrap(), Claim::Taken);
}

#[test]
fn a_run_whose_owner_died_is_free() {
    let trial = Trial::new();
    trial.put([Write::Run(new_run("a")), Write::Run(new_run("b"))]);
    trial.journal.flush().unwrap();
    let dying = trial.again();
    assert_eq!(dying.claim("a").unwrap(), Claim::Taken);
    assert_eq!(dying.claim("b").unwrap(), Claim::Taken);
    let run = trial.journal.run("a").unwrap().unwrap();
    assert!(trial.journal.is_owned(&run));
    drop(dying);
    assert!(!trial.journal.is_owned(&run));
    assert_eq!(trial.journal.claim("a").unwrap(), Claim::Taken);
    // Whoever becomes an owner forgets the dead.
    assert_eq!(trial.journal.run("b").unwrap().unwrap().owner, None);
    let owners = std::fs::read_dir(trial.journal.state_directory().join("owners")).unwrap();
    assert_eq!(owners.count(), 1);
}

#[test]
fn an_owner_with_a_strange_id_is_dead() {
    let trial = Trial::new();
    trial.put([Write::Run(new_run("a"))]);
    trial.journal.flush().unwrap();
    for id in ["", "..", "../journal.db", "/etc/passwd", "x' OR 1 --"] {
        let db = trial.database();
        db.execute("UPDATE run SET owner = ?", [id]).unwrap();
        db.execute("INSERT OR IGNORE INTO owner VALUES (?, 1, 'x', 0)", [id])
            .unwrap();
        assert!(
            !trial
                .journal
                .is_owned(&trial.journal.run("a").unwrap().unwrap())
        );
        assert_eq!(trial.again().claim("a").unwrap(), Claim::Taken, "{id}");
    }
}

#[test]
fn of_many_that_claim_at_once_one_takes_the_run() {
    let trial = Trial::new();
    trial.put([Write::Run(new_run("a"))]);
    trial.journal.flush().unwrap();
    let taken = std::thread::scope(|scope| {
        let claims: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let journal = trial.again();
                    let claim = journal.claim("a").unwrap();
                    (claim == Claim::Taken).then_some(journal)
                })
            })
            .collect();
        let claims = claims.into_iter().map(|claim| claim.join().unwrap());
        claims.collect::<Vec<_>>()
    });
    assert_eq!(taken.iter().flatten().count(), 1);
}

#[test]
fn many_may_open_a_new_journal_at_once() {
    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        std::thread::scope(|scope| {
            for number in 0..8 {
                let state = &state;
                scope.spawn(move || {
                    let journal = crate::journal::trial::open(state);
                    journal
                        .put(Write::Run(new_run(&number.to_string())))
                        .unwrap();
                    journal.force().unwrap();
                });
            }
        });
        let journal = crate::journal::trial::open(&state);
        assert_eq!(journal.runs(&RunFilter::default()).unwrap().len(), 8);
    }
}
