//! After a crash at any instant: a prefix of what was put is there, and everything forced is.

use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use rusqlite::Connection;

use crate::ids::Chance;
use crate::journal::trial::{Trial, child, new_run, open, outcome, state_of_child, step, value};
use crate::journal::{Journal, Write};

/// Writes steps, each with a large body now and then, until told otherwise.
fn work(journal: &Journal, mut forced: impl FnMut(u32) -> bool) {
    journal.put(Write::Run(new_run("a"))).unwrap();
    for ticket in 0.. {
        journal.put(Write::Step(step("a", ticket))).unwrap();
        if ticket % 3 == 0 {
            journal.force().unwrap();
            if !forced(ticket) {
                return;
            }
        }
        journal
            .put(outcome("a", ticket, ticket, &body(ticket)))
            .unwrap();
    }
}

fn body(ticket: u32) -> Vec<u8> {
    let length = if ticket.is_multiple_of(5) { 6000 } else { 60 };
    ticket.to_string().repeat(length).into_bytes()
}

/// Checks that what is left is a prefix of what was put, with everything up to a forced step.
fn check(journal: &Journal, forced: u32) {
    let steps = journal.steps("a").unwrap();
    assert!(steps.len() > forced as usize, "{} {forced}", steps.len());
    let last = steps.len() - 1;
    for (at, row) in steps.iter().enumerate() {
        let ticket = u32::try_from(at).unwrap();
        assert_eq!((row.ticket, row.key.clone()), (ticket, ticket.to_string()));
        let whole = Some(value(&body(ticket)));
        // Only the last step may have lost its outcome.
        assert!(
            row.outcome == whole || (at == last && row.outcome.is_none()),
            "{at} {last}"
        );
    }
    assert_eq!(journal.inspect().unwrap().faults, [""; 0]);
}

#[test]
fn a_copy_of_the_files_at_any_instant_is_a_journal() {
    let trial = Trial::new();
    let state = trial.journal.state_directory();
    // While somebody looks at the empty journal, the log only grows: a copy is a moment.
    let looking = Connection::open(state.join("journal.db")).unwrap();
    looking.execute_batch("BEGIN; SELECT * FROM run;").unwrap();
    let (forced, is_over) = (AtomicU32::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            work(&trial.journal, |ticket| {
                forced.store(ticket, Ordering::SeqCst);
                !is_over.load(Ordering::SeqCst)
            });
        });
        for copy in 0..8 {
            let after = forced.load(Ordering::SeqCst) + 30;
            while forced.load(Ordering::SeqCst) < after {
                std::thread::yield_now();
            }
            let least = forced.load(Ordering::SeqCst);
            let copied = trial.folder.path().join(copy.to_string());
            copy_files(state, &copied);
            check(&open(&copied), least);
        }
        is_over.store(true, Ordering::SeqCst);
    });
}

/// Copies in a process of its own: closing the file in this one would drop the locks on it.
fn copy_files(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    std::fs::set_permissions(to, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    for name in ["journal.db", "journal.db-wal"] {
        let mut copy = Command::new("cp");
        copy.arg("-p").arg(from.join(name)).arg(to);
        assert!(copy.status().unwrap().success());
    }
}

#[test]
fn a_process_that_is_killed_leaves_what_it_forced() {
    if let Some(state) = state_of_child() {
        let mut out = std::io::stdout();
        work(&open(&state), |ticket| {
            writeln!(out, "\nforced {ticket}").is_ok()
        });
        return;
    }
    let chance = Chance::from_seed(7);
    for _ in 0..4 {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let mut process = child(
            "journal::tests::crashing::a_process_that_is_killed_leaves_what_it_forced",
            &state,
        );
        let mut process = process.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut lines = lines.map_while(Result::ok);
        let enough = u32::try_from(chance.bits() % 400).unwrap();
        let number = |line: &str| line.strip_prefix("forced ")?.parse::<u32>().ok();
        let reached = lines
            .by_ref()
            .filter_map(|line| number(&line))
            .find(|at| *at >= enough);
        process.kill().unwrap();
        process.wait().unwrap();
        // What it said before it died may still lie in the pipe.
        let forced = lines
            .filter_map(|line| number(&line))
            .last()
            .or(reached)
            .unwrap();
        check(&open(&state), forced);
    }
}
