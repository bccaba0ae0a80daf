//! Pruning takes ended runs by age and state, and what only they needed; nothing else.

use crate::journal::trial::{Trial, at, end, new_run, outcome, source, state, step};
use crate::journal::{NewEvent, PruneFilter, RunFilter, RunState, Write};

fn fill(trial: &Trial, id: &str, body: &str) {
    trial.put([
        Write::Run(new_run(id)),
        Write::Source {
            run: id.into(),
            source: source("main.rhai", &format!("shared {}", body.len() > 9000)),
        },
        Write::Step(step(id, 0)),
        outcome(id, 0, 0, body.as_bytes()),
    ]);
    let event = NewEvent {
        run: id.into(),
        name: "go".into(),
        value: format!("\"{body}\""),
        by: None,
        at: at(0),
    };
    trial.journal.deliver(event).unwrap();
}

fn left(trial: &Trial) -> Vec<String> {
    let runs = trial.journal.runs(&RunFilter::default()).unwrap();
    let mut left: Vec<_> = runs.into_iter().map(|run| run.id).collect();
    left.sort();
    left
}

#[test]
fn prunes_by_age_and_state_and_never_what_lives() {
    let trial = Trial::new();
    let (shared, own) = ("s".repeat(9000), "o".repeat(9001));
    for id in ["done", "failed", "late", "owned", "waiting"] {
        fill(&trial, id, if id == "done" { &own } else { &shared });
    }
    trial.put([
        end("done", RunState::Done, 10),
        end("failed", RunState::Failed, 10),
        end("late", RunState::Done, 20),
        end("owned", RunState::Done, 10),
        state("waiting", RunState::Waiting, None),
    ]);
    let other = trial.again();
    other.claim("owned").unwrap();
    let rows = |name: &str| {
        let rows = trial.journal.inspect().unwrap().rows;
        rows.into_iter().find(|(table, _)| table == name).unwrap().1
    };
    assert_eq!((rows("blob"), rows("source")), (4, 2));

    let old_and_done = PruneFilter {
        states: vec![RunState::Done],
        until: Some(at(15)),
    };
    assert_eq!(trial.journal.prune(&old_and_done).unwrap(), 1);
    assert_eq!(left(&trial), ["failed", "late", "owned", "waiting"]);
    assert_eq!((rows("blob"), rows("source")), (2, 1));

    assert_eq!(trial.journal.prune(&PruneFilter::default()).unwrap(), 2);
    assert_eq!(left(&trial), ["owned", "waiting"]);
    drop(other);
    assert_eq!(trial.journal.prune(&PruneFilter::default()).unwrap(), 1);
    assert_eq!(left(&trial), ["waiting"]);
    assert_eq!(trial.journal.steps("waiting").unwrap().len(), 1);
    assert_eq!(trial.journal.inspect().unwrap().faults, [""; 0]);
}

#[test]
fn gives_the_room_back_to_the_disk() {
    let trial = Trial::new();
    for number in 0..250 {
        let id = number.to_string();
        let body: String = (0..2000).map(|at| (at * number).to_string()).collect();
        fill(&trial, &id, &body);
        trial.put([end(&id, RunState::Done, 1)]);
    }
    trial.journal.flush().unwrap();
    assert_eq!(trial.journal.prune(&PruneFilter::default()).unwrap(), 250);
    let state = trial.journal.state_directory().to_owned();
    let file = state.join("journal.db");
    drop(trial.journal);
    let size = std::fs::metadata(file).unwrap().len();
    assert!(size < 200_000, "{size}");
}
