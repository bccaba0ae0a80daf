//! Slots have one fate each, their runs come with it, and nobody decides on what is no longer true.

use jiff::Timestamp;

use crate::journal::trial::{Trial, at, end, new_run, source, state};
use crate::journal::{
    Count, Deciding, Decision, Fate, Journal, NewRun, NewSlot, Pause, PruneFilter, RunState,
    ScheduleRow, Served, Settlement, SlotFilter, SlotKind, WaitRow, Write,
};

fn adopt(journal: &Journal, name: &str, fingerprint: &str, from: Timestamp) -> ScheduleRow {
    let served = Served {
        name: name.into(),
        fingerprint: fingerprint.into(),
    };
    journal.adopt(&[served], from, true).unwrap().remove(0)
}

fn slot(second: i64, fate: Fate) -> Decision {
    let at = at(second);
    Decision {
        slot: NewSlot {
            at,
            kind: SlotKind::Planned,
            due: at,
            fate,
            reason: (!fate.has_run()).then(|| "because".into()),
        },
        run: fate.has_run().then(|| run("nightly", second, 1)),
        is_again: false,
    }
}

fn run(schedule: &str, second: i64, attempt: u32) -> (NewRun, Vec<crate::journal::StoredSource>) {
    let new = NewRun {
        schedule: Some(schedule.into()),
        slot: Some(at(second)),
        attempt,
        ..new_run(&format!("{schedule}-{second}-{attempt}"))
    };
    (new, vec![source("scripts/close.rhai", "1")])
}

fn decide(journal: &Journal, until: i64, decided: Vec<Decision>) -> Vec<bool> {
    let version = journal.schedule("nightly").unwrap().unwrap().version;
    let deciding = Deciding {
        schedule: "nightly".into(),
        version,
        decided,
        until: Some(at(until)),
    };
    journal.decide_slots(&[deciding]).unwrap().remove(0)
}

fn fates(journal: &Journal) -> Vec<(i64, Fate)> {
    let slots = journal.slots(&SlotFilter::default()).unwrap();
    let mut fates: Vec<_> = slots
        .iter()
        .map(|slot| (slot.at.as_second() - at(0).as_second(), slot.fate))
        .collect();
    fates.sort_unstable_by_key(|(second, _)| *second);
    fates
}

#[test]
fn a_slot_gets_one_fate_and_its_run_with_it() {
    let trial = Trial::new();
    let journal = &trial.journal;
    assert_eq!(adopt(journal, "nightly", "1", at(0)).decided_until, at(0));
    assert_eq!(
        decide(
            journal,
            10,
            vec![slot(10, Fate::Ran), slot(5, Fate::Skipped)]
        ),
        [true, true]
    );
    assert_eq!(
        decide(journal, 7, vec![slot(10, Fate::Ran), slot(5, Fate::Ran)]),
        [false, false]
    );
    assert_eq!(fates(journal), [(5, Fate::Skipped), (10, Fate::Ran)]);
    // The watermark never goes back.
    let row = journal.schedule("nightly").unwrap().unwrap();
    assert_eq!(row.decided_until, at(10));
    let due = journal.due(at(0), &[], 10).unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(
        (due[0].run.as_str(), due[0].schedule.as_deref()),
        ("nightly-10-1", Some("nightly"))
    );
    let run = journal.run("nightly-10-1").unwrap().unwrap();
    assert_eq!(
        (
            run.schedule.as_deref(),
            run.slot,
            run.attempt,
            run.unattended
        ),
        (Some("nightly"), Some(at(10)), 1, true)
    );
    assert_eq!(journal.sources(&run.id).unwrap().len(), 1);
    let open = SlotFilter {
        is_open: true,
        ..SlotFilter::default()
    };
    let open = journal.slots(&open).unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].run.as_deref(), Some("nightly-10-1"));
}

#[test]
fn nobody_decides_on_what_is_no_longer_true() {
    let trial = Trial::new();
    let (one, two) = (&trial.journal, trial.again());
    let seen = adopt(one, "nightly", "1", at(0));
    let deciding = |second| Deciding {
        schedule: "nightly".into(),
        version: seen.version,
        decided: vec![slot(second, Fate::Ran)],
        until: None,
    };
    assert_eq!(one.decide_slots(&[deciding(1)]).unwrap(), [[true]]);
    assert_eq!(two.decide_slots(&[deciding(2)]).unwrap(), [[false]]);
    assert_eq!(fates(one), [(1, Fate::Ran)]);
    let unknown = Deciding {
        schedule: "daily".into(),
        ..deciding(3)
    };
    assert_eq!(two.decide_slots(&[unknown]).unwrap(), [[false]]);
}

#[test]
fn what_is_queued_moves_on_once_and_what_was_missed_can_be_made_up_for() {
    let trial = Trial::new();
    let journal = &trial.journal;
    adopt(journal, "nightly", "1", at(0));
    decide(
        journal,
        2,
        vec![slot(1, Fate::Queued), slot(2, Fate::Missed)],
    );
    assert_eq!(decide(journal, 2, vec![slot(1, Fate::Queued)]), [false]);
    assert_eq!(decide(journal, 2, vec![slot(1, Fate::Late)]), [true]);
    assert_eq!(decide(journal, 2, vec![slot(1, Fate::Late)]), [false]);
    let again = |second| Decision {
        is_again: true,
        ..slot(second, Fate::Late)
    };
    assert_eq!(decide(journal, 2, vec![again(1), again(2)]), [false, true]);
    assert_eq!(decide(journal, 2, vec![again(2)]), [false]);
    assert_eq!(fates(journal), [(1, Fate::Late), (2, Fate::Late)]);
}

#[test]
fn another_plan_begins_anew_and_the_same_one_goes_on() {
    let trial = Trial::new();
    let journal = &trial.journal;
    adopt(journal, "nightly", "1", at(0));
    decide(journal, 10, vec![]);
    assert_eq!(adopt(journal, "nightly", "1", at(90)).decided_until, at(10));
    assert_eq!(adopt(journal, "nightly", "2", at(90)).decided_until, at(90));
    // Nobody serves it for a while.
    assert_eq!(journal.adopt(&[], at(95), true).unwrap(), []);
    assert_eq!(adopt(journal, "nightly", "2", at(99)).decided_until, at(99));
    assert_eq!(journal.enroll("nightly", at(100)).unwrap().fingerprint, "2");
    let touched = journal.enroll("other", at(100)).unwrap();
    assert_eq!((touched.fingerprint.as_str(), touched.failures), ("", 0));
    assert_eq!(adopt(journal, "other", "1", at(200)).decided_until, at(200));
    assert_eq!(journal.schedules().unwrap().len(), 2);
}

#[test]
fn a_pause_has_a_reason_and_an_end() {
    let trial = Trial::new();
    let journal = &trial.journal;
    let pause = |reason: &str| Pause {
        at: at(3),
        by: Some("ada".into()),
        reason: reason.into(),
    };
    let row = || journal.schedule("nightly").unwrap().unwrap();
    assert!(!journal.pause_schedule("nightly", &pause("x")).unwrap());
    adopt(journal, "nightly", "1", at(0));
    assert!(!journal.resume_schedule("nightly").unwrap());
    assert!(journal.pause_schedule("nightly", &pause("audit")).unwrap());
    assert!(!journal.pause_schedule("nightly", &pause("other")).unwrap());
    assert_eq!((row().paused, row().rested), (Some(pause("audit")), None));
    assert!(journal.resume_schedule("nightly").unwrap());
    assert!(!journal.resume_schedule("nightly").unwrap());
    assert_eq!(row().paused, None);
    assert_eq!(row().rested.unwrap().0, pause("audit"));
    assert!(journal.pause_schedule("nightly", &pause("again")).unwrap());
    assert_eq!(row().paused, Some(pause("again")));
}

fn settle(journal: &Journal, settlement: &Settlement) -> bool {
    journal
        .settle_slots(std::slice::from_ref(settlement))
        .unwrap()[0]
}

#[test]
fn the_end_of_a_run_has_its_consequences_once() {
    let trial = Trial::new();
    let journal = &trial.journal;
    adopt(journal, "nightly", "1", at(0));
    decide(journal, 1, vec![slot(1, Fate::Ran)]);
    assert_eq!(journal.unsettled(10).unwrap(), []);
    trial.put([end("nightly-1-1", RunState::Failed, 5)]);
    let (found, ended) = journal.unsettled(10).unwrap().remove(0);
    assert_eq!((found.at, ended.state), (at(1), RunState::Failed));
    let (mut next, sources) = run("nightly", 1, 2);
    next.wake_at = Some(at(60));
    let again = Settlement {
        run: "nightly-1-1".into(),
        next: Some((next, sources)),
        ..Settlement::default()
    };
    assert!(settle(journal, &again));
    assert!(!settle(journal, &again));
    assert_eq!(journal.unsettled(10).unwrap(), []);
    assert_eq!(journal.next_due().unwrap(), Some(at(60)));
    let slots = || journal.slots(&SlotFilter::default()).unwrap();
    assert_eq!(slots()[0].run.as_deref(), Some("nightly-1-2"));
    assert!(!slots()[0].settled);

    trial.put([end("nightly-1-2", RunState::Failed, 70)]);
    let enough = Settlement {
        run: "nightly-1-2".into(),
        count: Count::Failure,
        pause: Some(Pause {
            at: at(70),
            by: None,
            reason: "1 failure".into(),
        }),
        next: None,
    };
    assert!(settle(journal, &enough));
    assert!(slots()[0].settled);
    let row = journal.schedule("nightly").unwrap().unwrap();
    assert_eq!((row.failures, row.paused), (1, enough.pause));
    trial.put([
        Write::Run(new_run("other")),
        end("other", RunState::Done, 1),
    ]);
    let of = |run: &str| Settlement {
        run: run.into(),
        ..Settlement::default()
    };
    let settled = journal.settle_slots(&[of("other"), of("?")]).unwrap();
    assert_eq!(settled, [false, false]);
}

#[test]
fn pruned_runs_take_their_slots_with_them_and_no_slot_comes_back() {
    let trial = Trial::new();
    let journal = &trial.journal;
    adopt(journal, "nightly", "1", at(0));
    let fates_wanted = [Fate::Ran, Fate::Skipped, Fate::Ran, Fate::Missed, Fate::Ran];
    let slots = (1..)
        .zip(fates_wanted)
        .map(|(second, fate)| slot(second, fate));
    decide(journal, 4, slots.collect());
    for second in [1, 5] {
        trial.put([end(&format!("nightly-{second}-1"), RunState::Done, second)]);
    }
    let filter = PruneFilter {
        states: Vec::new(),
        until: Some(at(4)),
    };
    assert_eq!(journal.prune(&filter).unwrap(), 1);
    let left = [(3, Fate::Ran), (4, Fate::Missed), (5, Fate::Ran)];
    assert_eq!(fates(journal), left);
    let row = journal.schedule("nightly").unwrap().unwrap();
    assert_eq!(row.forgotten, Some((at(1), at(2))));
    assert!(row.has_forgotten(at(1)) && !row.has_forgotten(at(3)));
    // The plan would still come to the last one, so its row stays; who has read it reads it again.
    let version = row.version;
    assert_eq!(journal.prune(&PruneFilter::default()).unwrap(), 1);
    assert_eq!(fates(journal), [(3, Fate::Ran), (5, Fate::Ran)]);
    // Of the one before, the slot is forgotten; of this one, it is settled.
    let row = journal.schedule("nightly").unwrap().unwrap();
    assert_eq!(row.version, version + 2);
    assert_eq!(journal.inspect().unwrap().faults, [""; 0]);
    assert_eq!(decide(journal, 5, vec![slot(5, Fate::Ran)]), [false]);
}

#[test]
fn a_run_whose_process_died_is_due_and_one_of_a_person_is_not() {
    let trial = Trial::new();
    let journal = &trial.journal;
    let foreground = NewRun {
        unattended: false,
        ..new_run("mine")
    };
    trial.put([
        Write::Run(foreground),
        state("mine", RunState::Running, None),
    ]);
    trial.put([Write::Run(new_run("a"))]);
    journal.flush().unwrap();
    let other = trial.again();
    other.claim("a").unwrap();
    trial.put([state("a", RunState::Running, None)]);
    assert_eq!(journal.due(at(9), &[], 9).unwrap(), []);
    assert_eq!(journal.next_due().unwrap(), None);
    drop(other);
    assert_eq!(journal.due(at(9), &[], 9).unwrap()[0].run, "a");
    assert!(journal.next_due().unwrap().is_some());
    assert!(journal.hand_over("mine").unwrap());
    assert!(!journal.hand_over("nobody").unwrap());
    assert_eq!(journal.due(at(9), &[], 9).unwrap().len(), 2);
}

#[test]
fn waits_of_a_kind_are_found_over_all_runs() {
    let trial = Trial::new();
    let journal = &trial.journal;
    let wait = |run: &str, kind: &str, second| WaitRow {
        run: run.into(),
        ticket: 0,
        kind: kind.into(),
        about: "{}".into(),
        since: at(second),
        wake_at: None,
    };
    for (id, kind, second) in [("a", "question", 2), ("b", "question", 1), ("c", "job", 0)] {
        trial.put([Write::Run(new_run(id)), Write::Wait(wait(id, kind, second))]);
        trial.put([state(id, RunState::Waiting, None)]);
    }
    let of = |kind: &str| journal.open_waits(kind, 10).unwrap();
    assert_eq!(
        of("question"),
        [wait("b", "question", 1), wait("a", "question", 2)]
    );
    assert_eq!(of("sleep"), []);
    trial.put([end("a", RunState::Done, 3)]);
    assert_eq!(of("question").len(), 1);
    assert!(!journal.make_ready("a").unwrap() && !journal.make_ready("?").unwrap());
    assert_eq!(journal.due(at(0), &[], 9).unwrap(), []);
    assert!(journal.make_ready("b").unwrap());
    assert_eq!(journal.due(at(0), &[], 9).unwrap().len(), 1);
}

#[test]
fn slots_are_filtered() {
    let trial = Trial::new();
    let journal = &trial.journal;
    adopt(journal, "nightly", "1", at(0));
    let slots =
        (1..=5).map(|second| slot(second, if second == 3 { Fate::Missed } else { Fate::Ran }));
    decide(journal, 5, slots.collect());
    let seconds = |change: fn(&mut SlotFilter)| {
        let mut filter = SlotFilter::default();
        change(&mut filter);
        let slots = journal.slots(&filter).unwrap();
        let since = |slot: &crate::journal::SlotRow| slot.at.duration_since(at(0));
        let since = slots.iter().map(since);
        since.map(|since| since.as_secs()).collect::<Vec<_>>()
    };
    assert_eq!(seconds(|_| {}), [5, 4, 3, 2, 1]);
    assert_eq!(seconds(|it| it.limit = Some(2)), [5, 4]);
    assert_eq!(seconds(|it| it.fates = vec![Fate::Missed]), [3]);
    assert_eq!(
        seconds(|it| (it.from, it.to) = (Some(at(2)), Some(at(4)))),
        [3, 2]
    );
    assert_eq!(seconds(|it| it.schedule = Some("other".into())), [0; 0]);
    assert_eq!(seconds(|it| it.is_open = true), [5, 4, 2, 1]);
}

/// A journal of the first format, with a run in it.
#[test]
fn an_old_journal_is_migrated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch(include_str!("../migrations/0001_runs.sql"))
        .unwrap();
    db.execute_batch(
        "PRAGMA application_id = 0x6475766f; PRAGMA user_version = 1;
         INSERT INTO run (id, script, root, arguments, engine, world, limits, created_at, state, wake_at)
         VALUES ('old', 's', '/', '{}', '1', '{}', '{}', 0, 'waiting', 5)",
    )
    .unwrap();
    drop(db);
    #[cfg(unix)]
    for path in [folder.path(), &path] {
        use std::os::unix::fs::PermissionsExt;
        let mode = if path.is_dir() { 0o700 } else { 0o600 };
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    let journal = crate::journal::trial::open(folder.path());
    let run = journal.run("old").unwrap().unwrap();
    assert_eq!(
        (run.unattended, run.schedule, run.attempt),
        (false, None, 1)
    );
    assert_eq!(journal.due(at(0), &[], 9).unwrap(), []);
    assert!(journal.hand_over("old").unwrap());
    assert_eq!(journal.due(at(0), &[], 9).unwrap().len(), 1);
    adopt(&journal, "nightly", "1", at(0));
    assert_eq!(decide(&journal, 1, vec![slot(1, Fate::Ran)]), [true]);
    assert_eq!(journal.inspect().unwrap().faults, [""; 0]);
}
